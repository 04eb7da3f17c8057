/**
 * BUG: a status read before it was set
 *
 * MiniportSendPackets keeps the packets that do not fit into the ring for later, and gives them no status. NDIS reads it all the
 * same when the function returns: it finds what happens to be there, takes the packets for pending or for sent, and in the second
 * case the protocol frees what the ring still sends, under load only. Give every packet of the array a status.
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
/** Packets that found the ring full. */
const waiting: PNDIS_PACKET[] = []
let Adapter: NDIS_HANDLE = 0

function fillRing(Packets: PVOID, NumberOfPackets: number): void {
  for (let i = 0; i < NumberOfPackets; i++) {
    const Packet = ULONG.at(Packets + i * sizeof(ULONG)).value as PNDIS_PACKET
    if (sending.length === RING) {
      // Wrong: these packets are pending, too, and nobody says so.
      waiting.push(Packet)
      continue
    }
    NDIS_SET_PACKET_STATUS(Packet, NDIS_STATUS_PENDING)
    sending.push(Packet)
  }
  if (sending.length > 0) NdisMSetTimer(Timer, 1)
}

// Wrong: when it returns some of the packets have no status.
const MiniportSendPackets = (_: NDIS_HANDLE, Array: PVOID, Count: number): void => fillRing(Array, Count) // <- here

/** The NIC has sent what is in the ring. */
function NicTick(): void {
  const sent = sending.splice(0)
  sending.push(...waiting.splice(0, RING))
  if (sending.length > 0) NdisMSetTimer(Timer, 1)
  for (const Packet of sent) NdisMSendComplete(Adapter, Packet, NDIS_STATUS_SUCCESS)
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
