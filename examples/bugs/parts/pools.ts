// Pools and descriptors of the packet interface, where a driver is about something else than how to get them.
import {
  NdisAllocateBuffer,
  NdisAllocateBufferPool,
  NdisAllocateMemoryWithTag,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PVOID,
} from 'ndis'

const Status = out<NDIS_STATUS>()

export function packetPool(count: number): NDIS_HANDLE {
  const Pool = out<NDIS_HANDLE>()
  NdisAllocatePacketPool(Status, Pool, count, 16)
  return Pool.value
}
/** A packet, or what the pool gives when it has none. */
export function packet(pool: NDIS_HANDLE): PNDIS_PACKET {
  const Packet = out<PNDIS_PACKET>()
  NdisAllocatePacket(Status, Packet, pool)
  return Packet.value
}
export function bufferPool(count: number): NDIS_HANDLE {
  const Pool = out<NDIS_HANDLE>()
  NdisAllocateBufferPool(Status, Pool, count)
  return Pool.value
}
export function buffer(pool: NDIS_HANDLE, address: PVOID, length: number): PNDIS_BUFFER {
  const Buffer = out<PNDIS_BUFFER>()
  NdisAllocateBuffer(Status, Buffer, pool, address, length)
  return Buffer.value
}
/** Nonpaged memory with the tag 'Bugs'. */
export function memory(length: number): PVOID {
  const Memory = out<PVOID>()
  NdisAllocateMemoryWithTag(Memory, length, 0x73677542)
  return Memory.value
}
