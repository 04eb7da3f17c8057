/**
 * Buffer descriptors over memory that is already there
 *
 * A buffer descriptor (an MDL) describes a range of nonpaged memory and owns nothing. Here one block is described by two
 * buffers, chained to a packet, queried, and taken apart again in the right order.
 */
import {
  bytes,
  DbgPrint,
  NDIS_STATUS_SUCCESS,
  NdisAllocateBuffer,
  NdisAllocateBufferPool,
  NdisAllocateMemoryWithTag,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisChainBufferAtBack,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisQueryPacket,
  NdisUnchainBufferAtFront,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
  type UINT,
} from 'ndis'

const TAG = 0x31667542 // 'Buf1': the characters of a tag stand in memory from the low byte up
const HEADER_BYTES = 14
const FRAME_BYTES = 64

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  const PacketPool = out<NDIS_HANDLE>()
  const BufferPool = out<NDIS_HANDLE>()
  const Packet = out<PNDIS_PACKET>()
  const Frame = out<PVOID>()

  if (NdisAllocateMemoryWithTag(Frame, FRAME_BYTES, TAG) !== NDIS_STATUS_SUCCESS) return NDIS_STATUS_SUCCESS
  bytes(Frame.value, FRAME_BYTES).fill(0)
  bytes(Frame.value, 6).fill(0xff) // a broadcast

  NdisAllocatePacketPool(Status, PacketPool, 1, 16)
  // NULL can be a legal handle of a buffer pool: look at the status, never at the handle.
  NdisAllocateBufferPool(Status, BufferPool, 2)
  NdisAllocatePacket(Status, Packet, PacketPool.value)

  // Two descriptors over one block: the header, and what follows it.
  const Header = out<PNDIS_BUFFER>()
  const Payload = out<PNDIS_BUFFER>()
  NdisAllocateBuffer(Status, Header, BufferPool.value, Frame.value, HEADER_BYTES)
  NdisAllocateBuffer(Status, Payload, BufferPool.value, Frame.value + HEADER_BYTES, FRAME_BYTES - HEADER_BYTES)
  NdisChainBufferAtBack(Packet.value, Header.value)
  NdisChainBufferAtBack(Packet.value, Payload.value)

  const Count = out<UINT>()
  const Length = out<UINT>()
  NdisQueryPacket(Packet.value, 0, Count, 0, Length)
  DbgPrint('%d buffers, %d bytes\n', Count.value, Length.value)

  // Freeing a packet does not free what is chained to it. Unchain, free, and only then let the packet go.
  for (;;) {
    const Buffer = out<PNDIS_BUFFER>()
    NdisUnchainBufferAtFront(Packet.value, Buffer)
    if (Buffer.value === 0) break
    NdisFreeBuffer(Buffer.value)
  }
  NdisFreePacket(Packet.value)
  NdisFreeBufferPool(BufferPool.value)
  NdisFreePacketPool(PacketPool.value)
  NdisFreeMemory(Frame.value, FRAME_BYTES, 0)
  return NDIS_STATUS_SUCCESS
}
