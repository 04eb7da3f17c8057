/**
 * Mended: a packet used after its completion
 *
 * The bytes are counted before the packet is completed.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSendComplete,
  NdisMSetPeriodicTimer,
  NdisQueryPacket,
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
let Adapter: NDIS_HANDLE = 0
const sending: PNDIS_PACKET[] = []

function MiniportSend(_Context: NDIS_HANDLE, Packet: PNDIS_PACKET): NDIS_STATUS {
  sending.push(Packet)
  return NDIS_STATUS_PENDING
}

let sentBytes = 0

function NicTick(): void {
  const Length = out<number>()
  for (const Packet of sending.splice(0)) {
    NdisQueryPacket(Packet, 0, 0, 0, Length)
    sentBytes += Length.value
    NdisMSendComplete(Adapter, Packet, NDIS_STATUS_SUCCESS)
  }
  if (sentBytes > 0) DbgPrint('%u bytes were sent\n', sentBytes)
  sentBytes = 0
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
      NdisMSetPeriodicTimer(Timer, 1)
    },
    halt: () => NdisMCancelTimer(Timer, out<number>()),
    handlers: { SendHandler: MiniportSend },
  })
}

/** A protocol above that sends one packet, and frees it when it is complete. */
export const drivers = { miniport, sender: oneSend }
