/** Pause and restart, reset and hang check, power, removal: what starts the flow of data, stops it, and begins it anew. */
import {
  NDIS_LOWER_IRQL,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisDevicePnPEventSurpriseRemoved,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NET_DEVICE_PNP_EVENT,
  out,
  type BOOLEAN,
  type KIRQL,
  type NDIS_STATUS,
  type Out,
  type PNET_DEVICE_PNP_EVENT,
  type PVOID,
} from 'ndis'
import { adapterOf, DISPATCH_LEVEL, read, type Adapter } from './adapter'
import { enableInterrupts, resetHardware, setReceiver, setUpHardware, writeAddresses } from './hardware'
import { checkLink } from './link'
import { isQuiet } from './quiet'
import { fillRing } from './receive'
import { GONE, REG } from './registers'
import { harvest } from './statistics'
import { abandon, emptyRing, giveBack, pump, refuseWaiting } from './transmit'

/** Changes the state of the adapter, at DISPATCH_LEVEL with both locks held. Lists that are done with it are given back. */
function change(adapter: Adapter, to: () => void): void {
  const OldIrql = out<KIRQL>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  NdisDprAcquireSpinLock(adapter.SendLock)
  NdisDprAcquireSpinLock(adapter.ReceiveLock)
  to()
  NdisDprReleaseSpinLock(adapter.ReceiveLock)
  giveBack(adapter)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
}

export function MiniportRestart(MiniportAdapterContext: PVOID, _RestartParameters: PVOID): NDIS_STATUS {
  const adapter = adapterOf(MiniportAdapterContext)
  change(adapter, () => {
    adapter.Running = true
    if (!adapter.Stopped) setReceiver(adapter)
  })
  return NDIS_STATUS_SUCCESS
}

/** Done at once when nothing is out; else when the last list is back, from the ring and from above. */
export function MiniportPause(MiniportAdapterContext: PVOID, _PauseParameters: PVOID): NDIS_STATUS {
  const adapter = adapterOf(MiniportAdapterContext)
  change(adapter, () => {
    adapter.Running = false
    if (!adapter.Stopped) setReceiver(adapter)
    refuseWaiting(adapter, NDIS_STATUS_PAUSED)
  })
  let pending = false
  change(adapter, () => (adapter.Pausing = pending = !isQuiet(adapter)))
  return pending ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS
}

/** The rings stand still, the NIC does nothing any more; what it has counted is kept. At or below DISPATCH_LEVEL. */
export function stopNic(adapter: Adapter): void {
  let wasRunning = false
  change(adapter, () => {
    wasRunning = !adapter.Stopped
    adapter.Stopped = true
    if (wasRunning) harvest(adapter)
  })
  if (wasRunning) resetHardware(adapter)
}

/** Begins anew: what was on the ring is lost, what waits is sent. At or below DISPATCH_LEVEL. */
export function startNic(adapter: Adapter): void {
  change(adapter, () => {
    emptyRing(adapter)
    fillRing(adapter)
  })
  setUpHardware(adapter)
  change(adapter, () => {
    adapter.Stopped = false
    writeAddresses(adapter)
    setReceiver(adapter)
    if (adapter.Interrupt !== 0) enableInterrupts(adapter)
  })
  const OldIrql = out<KIRQL>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  NdisDprAcquireSpinLock(adapter.SendLock)
  pump(adapter)
  giveBack(adapter)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
}

/**
 * Asked from time to time. Frames that were on the ring at the last time and have not moved since say that the transmitter hangs;
 * a register of ones only says that the NIC is gone.
 */
export function MiniportCheckForHangEx(MiniportAdapterContext: PVOID): BOOLEAN {
  const adapter = adapterOf(MiniportAdapterContext)
  if (!adapter.Removed && read(adapter, REG.STATUS) === GONE) removed(adapter)
  let hangs = false
  change(adapter, () => {
    const isEmpty = adapter.Stopped || adapter.TransmitClean === adapter.TransmitNext
    hangs = !isEmpty && adapter.HangMark === adapter.TransmitClean
    adapter.HangMark = isEmpty ? -1 : adapter.TransmitClean
  })
  // A reset swallows the interrupt of a link that went while it was under way.
  checkLink(adapter)
  return hangs
}

export function MiniportResetEx(MiniportAdapterContext: PVOID, AddressingReset: Out<BOOLEAN>): NDIS_STATUS {
  const adapter = adapterOf(MiniportAdapterContext)
  // The driver keeps filter and multicast list, and writes them again: NDIS need not.
  AddressingReset.value = false
  if (adapter.Removed) return NDIS_STATUS_SUCCESS
  stopNic(adapter)
  startNic(adapter)
  return NDIS_STATUS_SUCCESS
}

export function MiniportDevicePnPEventNotify(MiniportAdapterContext: PVOID, Event: PNET_DEVICE_PNP_EVENT): void {
  if (NET_DEVICE_PNP_EVENT.at(Event).DevicePnPEvent !== NdisDevicePnPEventSurpriseRemoved) return
  removed(adapterOf(MiniportAdapterContext))
}

/** No register is touched from here on, and nothing is sent or received; NDIS pauses and halts the adapter soon. */
function removed(adapter: Adapter): void {
  change(adapter, () => {
    adapter.Removed = true
    adapter.Stopped = true
    adapter.LinkStatus = 0
    abandon(adapter)
  })
}

/** The system goes down, or has crashed: the NIC must leave memory alone. At any IRQL; no lock, no waiting, nothing is freed. */
export function MiniportShutdownEx(MiniportAdapterContext: PVOID, _ShutdownAction: number): void {
  const adapter = adapterOf(MiniportAdapterContext)
  if (!adapter.Removed) resetHardware(adapter)
}
