// Stopping the NIC and starting it again: resets, power states, the end.
import {
  NDIS_STATUS_ADAPTER_REMOVED,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_NO_CABLE,
  NDIS_STATUS_REQUEST_ABORTED,
  NDIS_STATUS_RESET_IN_PROGRESS,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisMSynchronizeWithInterrupt,
  NdisReleaseSpinLock,
  type BOOLEAN,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type Out,
  type PVOID,
} from 'ndis'
import { adapterOf, type Adapter } from './adapter'
import {
  gatherStatistics,
  isThere,
  linkIsUp,
  maskInterrupts,
  resetHardware,
  startHardware,
  unmaskInterrupts,
} from './hardware'
import { drainReceive } from './receive'
import { completeAll, drainSends } from './send'

/** At the IRQL of the interrupt, which cannot come meanwhile on any CPU (PV NdisMSynchronizeWithInterrupt). */
function maskSynchronized(Context: PVOID): BOOLEAN {
  maskInterrupts(adapterOf(Context))
  return true
}

/**
 * Stops the NIC. From here on nothing touches it; `refusal` is what packets end with meanwhile: those that we have with `status`.
 * false when it is stopped already. IRQL <= DISPATCH_LEVEL.
 */
export function stopAdapter(a: Adapter, status: NDIS_STATUS, refusal: NDIS_STATUS): boolean {
  // Whoever holds one of the locks is in the midst of its work with the NIC; both, and nobody is.
  NdisAcquireSpinLock(a.SendLock)
  NdisAcquireSpinLock(a.ReceiveLock)
  const running = a.Running
  a.Running = false
  a.SendStatus = refusal
  NdisReleaseSpinLock(a.ReceiveLock)
  NdisReleaseSpinLock(a.SendLock)
  if (!running) return false
  if (!a.Removed) {
    NdisMSynchronizeWithInterrupt(a.Interrupt, maskSynchronized, a.Context)
    gatherStatistics(a)
    resetHardware(a)
  }
  // The NIC is quiet, or gone: what is in the rings is ours again.
  NdisAcquireSpinLock(a.SendLock)
  const ended = drainSends(a, status)
  NdisReleaseSpinLock(a.SendLock)
  NdisAcquireSpinLock(a.ReceiveLock)
  if (a.Receive) drainReceive(a.Receive)
  NdisReleaseSpinLock(a.ReceiveLock)
  completeAll(a, ended)
  return true
}

/** Sets the NIC up again after stopAdapter, or for the first time. IRQL <= DISPATCH_LEVEL. */
export function startAdapter(a: Adapter): void {
  startHardware(a)
  NdisAcquireSpinLock(a.SendLock)
  NdisAcquireSpinLock(a.ReceiveLock)
  a.LinkUp = linkIsUp(a)
  a.SendStatus = a.LinkUp ? NDIS_STATUS_SUCCESS : NDIS_STATUS_NO_CABLE
  a.Running = true
  NdisReleaseSpinLock(a.ReceiveLock)
  NdisReleaseSpinLock(a.SendLock)
  // A change of the link since then has set its cause, and interrupts now.
  unmaskInterrupts(a)
}

/** Filter and addresses are set again from what we remember: NDIS need not do it (AddressingReset FALSE). */
export function MiniportReset(AddressingReset: Out<BOOLEAN>, MiniportAdapterContext: NDIS_HANDLE): NDIS_STATUS {
  const a = adapterOf(MiniportAdapterContext)
  AddressingReset.value = false
  if (a.Removed) return NDIS_STATUS_ADAPTER_REMOVED
  // Not while the NIC sleeps: waking it up resets it in any case.
  if (stopAdapter(a, NDIS_STATUS_REQUEST_ABORTED, NDIS_STATUS_RESET_IN_PROGRESS)) startAdapter(a)
  return NDIS_STATUS_SUCCESS
}

/** D1 to D3: we wake up for nothing, so that the NIC may lose all it knows. */
export function powerDown(a: Adapter): NDIS_STATUS {
  stopAdapter(a, NDIS_STATUS_REQUEST_ABORTED, NDIS_STATUS_FAILURE)
  return NDIS_STATUS_SUCCESS
}
export function powerUp(a: Adapter): NDIS_STATUS {
  if (a.Running) return NDIS_STATUS_SUCCESS
  if (a.Removed || !isThere(a)) return NDIS_STATUS_ADAPTER_REMOVED
  resetHardware(a)
  startAdapter(a)
  return NDIS_STATUS_SUCCESS
}
