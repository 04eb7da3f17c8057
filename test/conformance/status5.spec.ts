import { conform } from './conformance'

/** A miniport of NDIS 5, and a protocol above it that says what it hears of it; `bound` runs once they are bound. */
const told = (bound: string, { initialize = '', handlers = '', protocol = '' } = {}): string => `let adapter = 0
const Old = out(), Buffer = storage(ULONG)
const NAMES = new Map([[NDIS_STATUS_MEDIA_CONNECT, 'connect'], [NDIS_STATUS_MEDIA_DISCONNECT, 'disconnect'],
  [NDIS_STATUS_RESET_START, 'reset start'], [NDIS_STATUS_RESET_END, 'reset end'], [NDIS_STATUS_LINK_SPEED_CHANGE, 'speed']])
const atDispatch = (run) => { NDIS_RAISE_IRQL_TO_DISPATCH(Old); run(); NDIS_LOWER_IRQL(Old.value, DISPATCH_LEVEL) }
export const drivers = {
  miniport: (DriverObject, RegistryPath) => miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) { adapter = Adapter
      ${initialize} },
    handlers: { ${handlers} } }),
  protocol: (DriverObject) => protocol5(DriverObject, {
    bound(binding) { ${bound} },
    handlers: {
      StatusHandler(Context, Status, Address, Bytes) { say(NAMES.get(Status), Bytes === 4 ? ULONG.at(Address).value : Bytes) },
      StatusCompleteHandler() { say('complete') },
      ${protocol}
    } }),
}`
const RESET = ['reset start 0', 'complete', 'reset', 'reset end 0', 'complete']

conform([
  {
    page: 'PV NdisMIndicateStatus, NdisMIndicateStatusComplete, ProtocolStatus',
    cases: [
      {
        says: 'a protocol hears of the cable, then that this was all',
        script: told(`atDispatch(() => {
  NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_DISCONNECT, 0, 0); NdisMIndicateStatusComplete(adapter)
  NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_CONNECT, 0, 0); NdisMIndicateStatusComplete(adapter) })`),
        output: ['disconnect 0', 'complete', 'connect 0', 'complete'],
      },
      {
        says: 'several indications may have one completion',
        script: told(`atDispatch(() => {
  NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_DISCONNECT, 0, 0)
  NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_CONNECT, 0, 0)
  NdisMIndicateStatusComplete(adapter) })`),
        output: ['disconnect 0', 'connect 0', 'complete'],
      },
      {
        says: 'the buffer of a status goes up with it',
        script: told(`atDispatch(() => { ULONG.at(Buffer).value = 1000000
  NdisMIndicateStatus(adapter, NDIS_STATUS_LINK_SPEED_CHANGE, Buffer, 4); NdisMIndicateStatusComplete(adapter) })`),
        output: ['speed 1000000', 'complete'],
      },
      {
        says: 'a deserialized miniport indicates it at any level up to DISPATCH_LEVEL',
        script: told(
          'NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_CONNECT, 0, 0); NdisMIndicateStatusComplete(adapter)',
        ),
        output: ['connect 0', 'complete'],
      },
      {
        says: 'not before MiniportInitialize has returned: nobody is bound to hear it',
        script: told(`say('bound')`, {
          initialize: 'atDispatch(() => { NdisMIndicateStatus(adapter, NDIS_STATUS_MEDIA_CONNECT, 0, 0) })',
        }),
        output: ['bound'],
        violations: ['AdapterNotInitialized'],
      },
      {
        says: 'a buffer that is not there is not passed on',
        script: told('atDispatch(() => NdisMIndicateStatus(adapter, NDIS_STATUS_LINK_SPEED_CHANGE, 8, 4))'),
        violations: ['NullCheck'],
        bugcheck: 'DRIVER_IRQL_NOT_LESS_OR_EQUAL',
      },
      {
        says: 'a handle of NDIS 6 or of nobody is none',
        script: told('atDispatch(() => NdisMIndicateStatus(0x1234, NDIS_STATUS_MEDIA_CONNECT, 0, 0))'),
        violations: ['InvalidHandle'],
      },
    ],
  },
  {
    page: 'PV NdisReset, MiniportReset, ProtocolResetComplete',
    cases: [
      {
        says: 'NDIS itself tells the protocols that a reset begins and ends',
        script: told('say(nameOf(wait5((Status) => NdisReset(Status, binding))))'),
        output: ['reset start 0', 'complete', 'reset end 0', 'complete', 'SUCCESS'],
      },
      {
        says: 'a pending reset ends with NdisMResetComplete, and who asked for it hears its status',
        script: told('say(nameOf(wait5((Status) => NdisReset(Status, binding))))', {
          initialize: `const later = () => { say('now'); NdisMResetComplete(adapter, NDIS_STATUS_FAILURE, FALSE) }
      NdisMInitializeTimer(Timer, adapter, later, 0)`,
          handlers: 'ResetHandler() { NdisMSetTimer(Timer, 1); return NDIS_STATUS_PENDING }',
        }).replace('let adapter = 0', 'let adapter = 0\nconst Timer = storage(NDIS_MINIPORT_TIMER)'),
        output: ['reset start 0', 'complete', 'now', 'reset end 0', 'complete', 'FAILURE'],
      },
      {
        says: 'AddressingReset makes NDIS set the packet filter again',
        script: told('listen5(binding, NDIS_PACKET_TYPE_DIRECTED); wait5((Status) => NdisReset(Status, binding))', {
          handlers: `ResetHandler(AddressingReset) { AddressingReset.value = TRUE; return NDIS_STATUS_SUCCESS },
    SetInformationHandler(Context, Oid, Buffer, Length, BytesRead) {
      if (Oid === OID_GEN_CURRENT_PACKET_FILTER) say('filter', ULONG.at(Buffer).value)
      BytesRead.value = Length
      return NDIS_STATUS_SUCCESS }`,
        }),
        output: ['filter 1', 'reset start 0', 'complete', 'filter 1', 'reset end 0', 'complete'],
      },
      {
        says: 'NdisMResetComplete without a reset stops the machine (bug check 0x7C)',
        script: told('atDispatch(() => NdisMResetComplete(adapter, NDIS_STATUS_SUCCESS, FALSE))'),
        bugcheck: 'BUGCODE_NDIS_DRIVER',
      },
    ],
  },
  {
    page: 'PV MiniportCheckForHang',
    cases: [
      {
        says: 'is called every two seconds; TRUE resets the adapter, as the scenario does itself before',
        config: { scenario: 'lifecycle', frames: 1 },
        script: told('', {
          handlers: `CheckForHangHandler: () => hangs++ === 0, ResetHandler() { say('reset'); return NDIS_STATUS_SUCCESS }`,
        }).replace('let adapter = 0', 'let adapter = 0, hangs = 0'),
        output: [...RESET, ...RESET],
      },
    ],
  },
  {
    page: 'PV MiniportShutdown, NdisMRegisterAdapterShutdownHandler',
    cases: [
      {
        says: 'of the characteristics of NDIS 5.1: called when the system goes down, with the context of the adapter',
        config: { scenario: 'shutdown', frames: 1 },
        script: `export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, { handlers: { AdapterShutdownHandler: (Context) => say('shutdown', Context) }, halt: () => say('halt') })
}`,
        output: ['shutdown 80'],
      },
      {
        says: 'one that the adapter registers for itself has a context of its own',
        config: { scenario: 'shutdown', frames: 1 },
        script: `export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, {
    initialize: (Adapter) => NdisMRegisterAdapterShutdownHandler(Adapter, 5, (Context) => say('shutdown', Context)) })
}`,
        output: ['shutdown 5'],
      },
      {
        says: 'and is taken back in MiniportHalt',
        script: `export function DriverEntry(DriverObject, RegistryPath) {
  return miniport5(DriverObject, RegistryPath, { initialize: (Adapter) => NdisMRegisterAdapterShutdownHandler(Adapter, 5, () => undefined) })
}`,
        violations: ['ShutdownHandlerLeft'],
      },
    ],
  },
])
