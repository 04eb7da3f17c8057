// A protocol of NDIS 5 that sends one packet as soon as it is bound, and frees it when it comes back.
import {
  bytes,
  NdisCancelSendPackets,
  NdisChainBufferAtFront,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisSend,
  NDIS_SET_PACKET_CANCEL_ID,
  NDIS_STATUS_PENDING,
  NdisUnchainBufferAtFront,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PVOID,
} from 'ndis'
import { buffer, bufferPool, memory, packet, packetPool } from './pools'
import { protocol5 } from './protocol5'

const FRAME_BYTES = 60
const CANCEL_ID = 0x4341_4e43

export interface OneSend {
  /** Takes the packet back at once. */
  readonly cancel?: boolean
}

export function oneSend(DriverObject: PDRIVER_OBJECT, { cancel = false }: OneSend = {}): NDIS_STATUS {
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
      packets = packetPool(1)
      buffers = bufferPool(1)
      data = memory(FRAME_BYTES)
      const frame = bytes(data, FRAME_BYTES)
      frame.fill(0)
      frame.fill(0xff, 0, 6)
      const Packet = packet(packets)
      NdisChainBufferAtFront(Packet, buffer(buffers, data, FRAME_BYTES))
      if (cancel) NDIS_SET_PACKET_CANCEL_ID(Packet, CANCEL_ID)
      const Status = out<NDIS_STATUS>()
      NdisSend(Status, binding, Packet)
      if (Status.value !== NDIS_STATUS_PENDING) giveBack(Packet)
      else if (cancel) NdisCancelSendPackets(binding, CANCEL_ID)
    },
    unload() {
      NdisFreeBufferPool(buffers)
      NdisFreePacketPool(packets)
      NdisFreeMemory(data, FRAME_BYTES, 0)
    },
    handlers: { SendCompleteHandler: (_Context: number, Packet: PNDIS_PACKET) => giveBack(Packet) },
  })
}
