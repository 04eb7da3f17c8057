/** The interrupt: service routine and DPC. */
import {
  NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS,
  NDIS_MINIPORT_INTERRUPT_REVISION_1,
  NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT,
  NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisMRegisterInterruptEx,
  NdisMSynchronizeWithInterruptEx,
  out,
  storage,
  type BOOLEAN,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type Out,
  type PVOID,
} from 'ndis'
import { adapterOf, read, write, type Adapter } from './adapter'
import { enableInterrupts } from './hardware'
import { checkLink } from './link'
import { receive } from './receive'
import { CAUSE, EVERY_CAUSE, GONE, REG } from './registers'
import { giveBack, pump, reclaim } from './transmit'

const Characteristics = storage(NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS)

/** At PASSIVE_LEVEL. The service routine may run before this returns: the interrupts of the NIC are still masked. */
export function registerInterrupt(adapter: Adapter): NDIS_STATUS {
  const characteristics = NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS.at(Characteristics)
  characteristics.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT
  characteristics.Header.Revision = NDIS_MINIPORT_INTERRUPT_REVISION_1
  characteristics.Header.Size = NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1
  characteristics.InterruptHandler = MiniportInterrupt
  characteristics.InterruptDpcHandler = MiniportInterruptDpc
  // The 82540EM has no messages.
  characteristics.MsiSupported = false
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisMRegisterInterruptEx(adapter.Handle, adapter.Context, Characteristics, Handle)
  adapter.Interrupt = Handle.value
  return Status
}

/** At DIRQL: is it ours? Then the NIC is kept quiet until the DPC is done. */
function MiniportInterrupt(
  MiniportInterruptContext: PVOID,
  QueueDefaultInterruptDpc: Out<BOOLEAN>,
  TargetProcessors: Out<number>,
): BOOLEAN {
  const adapter = adapterOf(MiniportInterruptContext)
  TargetProcessors.value = 0
  // Reading clears the causes.
  const causes = adapter.Removed ? GONE : read(adapter, REG.ICR)
  const ours = causes !== 0 && causes !== GONE
  QueueDefaultInterruptDpc.value = ours
  if (!ours) return false
  write(adapter, REG.IMC, EVERY_CAUSE)
  adapter.Causes |= causes
  return true
}

/** At DIRQL, in step with the service routine: its causes are the DPC's now. */
function takeCauses(SynchronizeContext: PVOID): BOOLEAN {
  const adapter = adapterOf(SynchronizeContext)
  adapter.TakenCauses = adapter.Causes
  adapter.Causes = 0
  return true
}

/** At DISPATCH_LEVEL: everything that the NIC has done since the last one. */
function MiniportInterruptDpc(
  MiniportInterruptContext: PVOID,
  _MiniportDpcContext: PVOID,
  _ReceiveThrottleParameters: PVOID,
  _NdisReserved2: PVOID,
): void {
  const adapter = adapterOf(MiniportInterruptContext)
  NdisMSynchronizeWithInterruptEx(adapter.Interrupt, 0, takeCauses, adapter.Context)
  if (adapter.TakenCauses & CAUSE.TXDW) finishSends(adapter)
  receive(adapter)
  if (adapter.TakenCauses & CAUSE.LSC) checkLink(adapter)
  // Under the lock, so that a reset or a halt cannot come in between. What has come meanwhile interrupts at once.
  NdisDprAcquireSpinLock(adapter.ReceiveLock)
  if (!adapter.Stopped) enableInterrupts(adapter)
  NdisDprReleaseSpinLock(adapter.ReceiveLock)
}

function finishSends(adapter: Adapter): void {
  NdisDprAcquireSpinLock(adapter.SendLock)
  if (!adapter.Stopped) {
    reclaim(adapter)
    pump(adapter)
  }
  giveBack(adapter)
}
