/** Documented rules that no run reports, and why. */

export interface NotCovered {
  readonly name: string
  /** A sentence. */
  readonly reason: string
}

const all = (names: readonly string[], reason: string): NotCovered[] => names.map((name) => ({ name, reason }))

export const NOT_COVERED: readonly NotCovered[] = [
  ...all(
    ['Irql_CallManager_Function', 'Irql_Connection_Function', 'Irql_MCM_Function'],
    'The connection-oriented interface (NdisCm, NdisCo, NdisMCm) is not implemented: a driver that calls it stops with the name of the function.',
  ),
  {
    name: 'Irql_IM_Function',
    reason: 'Intermediate drivers with miniports of their own (NdisIM) are not implemented; filter drivers are.',
  },
  {
    name: 'Irql_Interfaces_Function',
    reason: 'Providers of network interfaces (NdisIf) are not implemented.',
  },
  ...all(
    [
      'WlanAssert',
      'WlanAssociation',
      'WlanConnectionRoaming',
      'WlanDisassociation',
      'WlanTimedAssociation',
      'WlanTimedConnectRequest',
      'WlanTimedConnectionRoaming',
      'WlanTimedLinkQuality',
      'WlanTimedScan',
    ],
    'Native 802.11 and its OIDs are not implemented: all adapters are Ethernet adapters.',
  ),
  ...[
    ['DV:AcquireAtDpcTooLow', 'IrqlDispatch and Irql_Synch_Function'],
    ['DV:ReleaseFromDpcTooLow', 'IrqlDispatch and Irql_Synch_Function'],
    ['DV:SelfDeadlock', 'SpinLock and SpinLockDpr'],
    ['DV:LockNotAcquired', 'SpinLockRelease'],
    ['DV:ReleaseSpinLockIrql', 'IrqlKeReleaseSpinLock and Irql_Synch_Function'],
  ].map(([name, others]) => ({ name: name!, reason: `The same is reported as ${others}.` })),
  {
    name: 'NdisOidDoubleRequest',
    reason:
      'NDIS gives a miniport its next request only when the one before is completed, here as on Windows; one that is never completed is reported as NdisTimedOidComplete.',
  },
  {
    name: 'DV:LockedPagesLeft',
    reason:
      'MmProbeAndLockPages is not implemented: buffers of applications reach drivers through the I/O manager, which unlocks them itself.',
  },
  ...all(
    ['DV:FaultInjection', 'DV:SystematicFaultInjection'],
    'This names a setting of Driver Verifier and no mistake: allocations fail here when a run is asked to fail them.',
  ),
]
