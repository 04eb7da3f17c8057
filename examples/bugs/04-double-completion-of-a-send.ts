/**
 * BUG: a send completed twice
 *
 * The DPC completes all that was sent and leaves it in its list; the next DPC completes it again. The protocol frees the packet
 * twice, or sees the end of a frame that is still being sent. Fast machines show it first. Take out what is complete.
 */
import {
  NDIS_MINIPORT_TIMER,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSendComplete,
  NdisMSetPeriodicTimer,
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

function NicTick(): void {
  // Wrong: the packets stay in the list.
  for (const Packet of sending) NdisMSendComplete(Adapter, Packet, NDIS_STATUS_SUCCESS) // <- here
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
