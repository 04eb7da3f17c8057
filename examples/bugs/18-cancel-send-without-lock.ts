/**
 * BUG: a list walked without the lock in CancelSend
 *
 * MiniportSend and the DPC change the queue under its lock; MiniportCancelSendPackets walks it without. The DPC takes out the packet
 * that the walk stands on, and the walk goes on into memory of somebody else: rarely, on two processors. Hold the lock.
 */
import {
  CONTAINING_RECORD,
  DbgPrint,
  DISPATCH_LEVEL,
  FIELD_OFFSET,
  InitializeListHead,
  InsertTailList,
  IsListEmpty,
  LIST_ENTRY,
  NDIS_GET_PACKET_CANCEL_ID,
  NDIS_LOWER_IRQL,
  NDIS_MINIPORT_TIMER,
  NDIS_PACKET,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_REQUEST_ABORTED,
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
  RemoveEntryList,
  RemoveHeadList,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PLIST_ENTRY,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { miniport5 } from './parts/miniport5'
import { oneSend } from './parts/one-send'

const Timer = storage(NDIS_MINIPORT_TIMER)
const Queue = storage(LIST_ENTRY)
const QueueLock = storage(NDIS_SPIN_LOCK)
let Adapter: NDIS_HANDLE = 0

/** Packets wait in the queue by the part of them that is the miniport's. */
const entryOf = (Packet: PNDIS_PACKET): PLIST_ENTRY =>
  (Packet + FIELD_OFFSET(NDIS_PACKET, 'MiniportReserved')) as PLIST_ENTRY
const packetOf = (Entry: PLIST_ENTRY): PNDIS_PACKET => CONTAINING_RECORD(Entry, NDIS_PACKET, 'MiniportReserved')

function MiniportSend(_Context: NDIS_HANDLE, Packet: PNDIS_PACKET): NDIS_STATUS {
  NdisAcquireSpinLock(QueueLock)
  InsertTailList(Queue, entryOf(Packet))
  NdisReleaseSpinLock(QueueLock)
  return NDIS_STATUS_PENDING
}

function NicTick(): void {
  const done: PNDIS_PACKET[] = []
  NdisDprAcquireSpinLock(QueueLock)
  while (!IsListEmpty(Queue)) done.push(packetOf(RemoveHeadList(Queue)))
  NdisDprReleaseSpinLock(QueueLock)
  for (const Packet of done) NdisMSendComplete(Adapter, Packet, NDIS_STATUS_SUCCESS)
}

function MiniportCancelSendPackets(_Context: NDIS_HANDLE, CancelId: PVOID): void {
  const cancelled: PNDIS_PACKET[] = []
  // Wrong: nobody holds the lock of the queue.
  let Entry = LIST_ENTRY.at(Queue).Flink
  while (Entry !== Queue) {
    const Next = LIST_ENTRY.at(Entry).Flink
    if (NDIS_GET_PACKET_CANCEL_ID(packetOf(Entry)) === CancelId) {
      RemoveEntryList(Entry) // <- here
      cancelled.push(packetOf(Entry))
    }
    Entry = Next
  }
  const OldIrql = out<number>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  for (const Packet of cancelled) NdisMSendComplete(Adapter, Packet, NDIS_STATUS_REQUEST_ABORTED)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
  DbgPrint('%u packets cancelled\n', cancelled.length)
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      InitializeListHead(Queue)
      NdisAllocateSpinLock(QueueLock)
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
      NdisMSetPeriodicTimer(Timer, 1)
    },
    halt() {
      NdisMCancelTimer(Timer, out<number>())
      NdisFreeSpinLock(QueueLock)
    },
    handlers: { SendHandler: MiniportSend, CancelSendPacketsHandler: MiniportCancelSendPackets },
  })
}

/** A protocol above that sends one packet and takes it back. */
export const drivers = { miniport, sender: (DriverObject: PDRIVER_OBJECT) => oneSend(DriverObject, { cancel: true }) }
