/**
 * BUG: an indicated packet reused before it came back
 *
 * The NIC indicates one packet with NDIS_STATUS_SUCCESS, and indicates it again at the next frame without asking whether the
 * receiver kept it. The receiver sees data change under its hands. Reuse it when MiniportReturnPacket got it.
 */
import {
  DbgPrint,
  NDIS_GET_PACKET_STATUS,
  NDIS_MINIPORT_TIMER,
  NDIS_SET_PACKET_HEADER_SIZE,
  NDIS_SET_PACKET_STATUS,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NdisChainBufferAtFront,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisMCancelTimer,
  NdisMIndicateReceivePacket,
  NdisMInitializeTimer,
  NdisMSetPeriodicTimer,
  NdisReturnPackets,
  NdisUnchainBufferAtFront,
  UINT,
  bytes,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { miniport5 } from './parts/miniport5'
import { buffer, bufferPool, memory, packet, packetPool } from './parts/pools'
import { listen5, protocol5 } from './parts/protocol5'

const Timer = storage(NDIS_MINIPORT_TIMER)
const PacketArray = storage(UINT)
const FRAME_BYTES = 60
let Adapter: NDIS_HANDLE = 0
let packets: NDIS_HANDLE = 0
let buffers: NDIS_HANDLE = 0
let Frame: PVOID = 0
let Packet: PNDIS_PACKET = 0
let Buffer: PNDIS_BUFFER = 0
let lent = false

function NicTick(): void {
  // Wrong: nobody asks whether the packet is out.
  UINT.at(PacketArray).value = Packet
  NDIS_SET_PACKET_STATUS(Packet, NDIS_STATUS_SUCCESS) // <- here
  NdisMIndicateReceivePacket(Adapter, PacketArray, 1)
  lent = NDIS_GET_PACKET_STATUS(Packet) === NDIS_STATUS_PENDING
}

function miniport(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      packets = packetPool(1)
      buffers = bufferPool(1)
      Frame = memory(FRAME_BYTES)
      bytes(Frame, FRAME_BYTES).fill(0xff)
      Packet = packet(packets)
      Buffer = buffer(buffers, Frame, FRAME_BYTES)
      NdisChainBufferAtFront(Packet, Buffer)
      NDIS_SET_PACKET_HEADER_SIZE(Packet, 14)
      NdisMInitializeTimer(Timer, Adapter, NicTick, 0)
      NdisMSetPeriodicTimer(Timer, 100)
    },
    halt() {
      NdisMCancelTimer(Timer, out<number>())
      DbgPrint('the packet is out: %u\n', Number(lent))
      NdisUnchainBufferAtFront(Packet, out<PNDIS_BUFFER>())
      NdisFreeBuffer(Buffer)
      NdisFreePacket(Packet)
      NdisFreeBufferPool(buffers)
      NdisFreePacketPool(packets)
      NdisFreeMemory(Frame, FRAME_BYTES, 0)
    },
    attributes: 0,
    handlers: {
      SetInformationHandler: () => NDIS_STATUS_SUCCESS,
      ReturnPacketHandler() {
        lent = false
      },
    },
  })
}

/** A protocol above that keeps what it receives until it is unbound. */
const kept = storage(UINT)
export const drivers = {
  miniport,
  protocol: (DriverObject: PDRIVER_OBJECT) =>
    protocol5(DriverObject, {
      bound: (binding) => void listen5(binding),
      unbinding() {
        if (UINT.at(kept).value !== 0) NdisReturnPackets(kept, 1)
      },
      handlers: {
        ReceivePacketHandler(_Context: NDIS_HANDLE, Received: PNDIS_PACKET) {
          UINT.at(kept).value = Received
          return 1
        },
      },
    }),
}
