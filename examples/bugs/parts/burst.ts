// A protocol of NDIS 5 that sends four packets at once as soon as it is bound, and frees each when it comes back.
import {
  bytes,
  NdisChainBufferAtFront,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisSendPackets,
  NdisUnchainBufferAtFront,
  out,
  sizeof,
  storage,
  ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PVOID,
} from 'ndis'
import { buffer, bufferPool, memory, packet, packetPool } from './pools'
import { protocol5 } from './protocol5'

const PACKETS = 4
const FRAME_BYTES = 60
const Packets = storage(ULONG, PACKETS)

export function burst(DriverObject: PDRIVER_OBJECT): NDIS_STATUS {
  let packets: NDIS_HANDLE = 0
  let buffers: NDIS_HANDLE = 0
  let data: PVOID = 0

  function giveBack(Packet: PNDIS_PACKET): void {
    const Buffer = out<PNDIS_BUFFER>()
    NdisUnchainBufferAtFront(Packet, Buffer)
    NdisFreeBuffer(Buffer.value)
    NdisFreePacket(Packet)
  }
  return protocol5(DriverObject, {
    bound(binding) {
      packets = packetPool(PACKETS)
      buffers = bufferPool(PACKETS)
      data = memory(FRAME_BYTES)
      const frame = bytes(data, FRAME_BYTES)
      frame.fill(0)
      frame.fill(0xff, 0, 6)
      for (let i = 0; i < PACKETS; i++) {
        const Packet = packet(packets)
        NdisChainBufferAtFront(Packet, buffer(buffers, data, FRAME_BYTES))
        ULONG.at(Packets + i * sizeof(ULONG)).value = Packet
      }
      NdisSendPackets(binding, Packets, PACKETS)
    },
    unload() {
      NdisFreeBufferPool(buffers)
      NdisFreePacketPool(packets)
      NdisFreeMemory(data, FRAME_BYTES, 0)
    },
    handlers: { SendCompleteHandler: (_Context: number, Packet: PNDIS_PACKET) => giveBack(Packet) },
  })
}
