/**
 * Mended: two locks in both orders, over send and DPC
 *
 * Whoever needs both takes the lock of the queue first.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisFreeSpinLock,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSendComplete,
  NdisMSetPeriodicTimer,
  NdisReleaseSpinLock,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport5 } from './parts/miniport5'
import { oneSend } from './parts/one-send'

const Timer = storage(NDIS_MINIPORT_TIMER)
const QueueLock = storage(NDIS_SPIN_LOCK)
const CountersLock = storage(NDIS_SPIN_LOCK)
let Adapter: NDIS_HANDLE = 0
const sending: PNDIS_PACKET[] = []
let accepted = 0
let completed = 0

function MiniportSend(_Context: NDIS_HANDLE, Packet: PNDIS_PACKET): NDIS_STATUS {
  NdisAcquireSpinLock(QueueLock)
  sending.push(Packet)
  NdisAcquireSpinLock(CountersLock)
  accepted++
  NdisReleaseSpinLock(CountersLock)
  NdisReleaseSpinLock(QueueLock)
  return NDIS_STATUS_PENDING
}

function NicTick(): void {
  if (sending.length === 0) return
  NdisDprAcquireSpinLock(QueueLock)
  NdisDprAcquireSpinLock(CountersLock)
  const done = sending.splice(0)
  completed += done.length
  NdisDprReleaseSpinLock(CountersLock)
  NdisDprReleaseSpinLock(QueueLock)
  for (const Packet of done) NdisMSendComplete(Adapter, Packet, NDIS_STATUS_SUCCESS)
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      for (const Lock of [QueueLock, CountersLock]) NdisAllocateSpinLock(Lock)
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
      NdisMSetPeriodicTimer(Timer, 1)
    },
    halt() {
      NdisMCancelTimer(Timer, out<number>())
      for (const Lock of [QueueLock, CountersLock]) NdisFreeSpinLock(Lock)
      DbgPrint('%u packets accepted, %u completed\n', accepted, completed)
    },
    handlers: { SendHandler: MiniportSend },
  })
}

/** A protocol above that sends one packet, and frees it when it is complete. */
export const drivers = { miniport, sender: oneSend }
