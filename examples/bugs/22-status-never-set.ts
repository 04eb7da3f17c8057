/**
 * BUG: a status read before it was set
 *
 * MiniportSendPackets leaves its loop when the ring is full, and the packets behind have no status. NDIS reads it all the same: it
 * finds what the last send left there, takes the packets for sent or for pending, and some frames are lost under load only.
 * Give every packet of the array a status.
 */
import {
  NDIS_MINIPORT_TIMER,
  NDIS_SET_PACKET_STATUS,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSendComplete,
  NdisMSetTimer,
  out,
  sizeof,
  storage,
  ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { burst } from './parts/burst'
import { miniport5 } from './parts/miniport5'

const Timer = storage(NDIS_MINIPORT_TIMER)
/** Descriptors of the transmit ring. */
const RING = 2
const sending: PNDIS_PACKET[] = []
let Adapter: NDIS_HANDLE = 0

function fillRing(Packets: PVOID, NumberOfPackets: number): void {
  for (let i = 0; i < NumberOfPackets; i++) {
    // Wrong: this packet, and those behind it, have no status.
    if (sending.length === RING) break
    const Packet = ULONG.at(Packets + i * sizeof(ULONG)).value as PNDIS_PACKET
    NDIS_SET_PACKET_STATUS(Packet, NDIS_STATUS_PENDING)
    sending.push(Packet)
  }
  if (sending.length > 0) NdisMSetTimer(Timer, 1)
}

// Wrong: when it returns some of the packets have no status.
const MiniportSendPackets = (_: NDIS_HANDLE, Array: PVOID, Count: number): void => fillRing(Array, Count) // <- here

/** The NIC has sent what is in the ring. */
function NicTick(): void {
  for (const Packet of sending.splice(0)) NdisMSendComplete(Adapter, Packet, NDIS_STATUS_SUCCESS)
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    // Serialized: NDIS queues for it, and goes by the status of each packet.
    attributes: 0,
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
    },
    halt: () => NdisMCancelTimer(Timer, out<number>()),
    handlers: { SendPacketsHandler: MiniportSendPackets },
  })
}

/** A protocol above that sends four packets at once. */
export const drivers = { miniport, sender: burst }
