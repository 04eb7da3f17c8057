/** Memory of the rings: descriptors and buffers that driver and NIC share, lists and MDLs over those that are received into. */
import {
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NDIS_STATUS_SUCCESS,
  NdisAllocateMdl,
  NdisAllocateNetBufferAndNetBufferList,
  NdisAllocateNetBufferListPool,
  NdisFreeMdl,
  NdisFreeNetBufferList,
  NdisFreeNetBufferListPool,
  NdisMAllocateSharedMemory,
  NdisZeroMemory,
  NET_BUFFER,
  NET_BUFFER_LIST,
  NET_BUFFER_LIST_POOL_PARAMETERS,
  NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  out,
  PHYSICAL_ADDRESS,
  storage,
  ULONG,
  type PVOID,
} from 'ndis'
import {
  BUFFER_BYTES,
  highOf,
  lowOf,
  NBL_BUFFER,
  TAG,
  type Adapter,
  type ReceiveBuffer,
  type ReceiveSlot,
  type SharedMemory,
  type TransmitSlot,
} from './adapter'
import { DESCRIPTOR, DESCRIPTOR_BYTES, RING_ALIGNMENT } from './registers'

const Physical = storage(PHYSICAL_ADDRESS)

/** Cached, as on a computer where memory and NIC always agree; freed with the adapter. At PASSIVE_LEVEL. */
function allocateShared(adapter: Adapter, Length: number): SharedMemory | undefined {
  const Virtual = out<PVOID>()
  NdisMAllocateSharedMemory(adapter.Handle, Length, true, Virtual, Physical)
  if (Virtual.value === 0) return undefined
  const shared = { Virtual: Virtual.value, Physical: PHYSICAL_ADDRESS.at(Physical).QuadPart, Length }
  adapter.Shared.push(shared)
  return shared
}

/** Zeroed descriptors, from the first address on that fits. */
function allocateDescriptors(adapter: Adapter, count: number): SharedMemory | undefined {
  const shared = allocateShared(adapter, count * DESCRIPTOR_BYTES + RING_ALIGNMENT)
  if (!shared) return undefined
  const skip = (RING_ALIGNMENT - (lowOf(shared.Physical) % RING_ALIGNMENT)) % RING_ALIGNMENT
  const Virtual = shared.Virtual + skip
  NdisZeroMemory(Virtual, count * DESCRIPTOR_BYTES)
  return { Virtual, Physical: shared.Physical + BigInt(skip), Length: count * DESCRIPTOR_BYTES }
}

const cellsOf = (Descriptor: number) => ({
  AddressLow: ULONG.at(Descriptor + DESCRIPTOR.ADDRESS_LOW),
  AddressHigh: ULONG.at(Descriptor + DESCRIPTOR.ADDRESS_HIGH),
  Length: ULONG.at(Descriptor + DESCRIPTOR.LENGTH),
  Status: ULONG.at(Descriptor + DESCRIPTOR.STATUS),
})

/** false when memory is short. */
export function allocateTransmitRing(adapter: Adapter): boolean {
  const count = adapter.Settings.TransmitBuffers
  const ring = allocateDescriptors(adapter, count)
  const copies = ring && allocateShared(adapter, count * BUFFER_BYTES)
  if (!copies) return false
  adapter.TransmitRing = ring.Physical
  for (let i = 0; i < count; i++) {
    const copy = copies.Physical + BigInt(i * BUFFER_BYTES)
    const slot: TransmitSlot = {
      ...cellsOf(ring.Virtual + i * DESCRIPTOR_BYTES),
      Copy: copies.Virtual + i * BUFFER_BYTES,
      CopyLow: lowOf(copy),
      CopyHigh: highOf(copy),
      Last: i,
      SgList: 0,
      NetBuffer: 0,
      List: 0,
    }
    adapter.Transmit.push(slot)
  }
  return true
}

const Parameters = storage(NET_BUFFER_LIST_POOL_PARAMETERS)

/** Descriptors, each with a buffer, and the spare buffers. false when memory is short. */
export function allocateReceiveRing(adapter: Adapter): boolean {
  const { ReceiveBuffers, SpareBuffers } = adapter.Settings
  const ring = allocateDescriptors(adapter, ReceiveBuffers)
  const memory = ring && allocateShared(adapter, (ReceiveBuffers + SpareBuffers) * BUFFER_BYTES)
  if (!memory) return false
  adapter.ReceiveRing = ring.Physical

  const parameters = NET_BUFFER_LIST_POOL_PARAMETERS.at(Parameters)
  parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1
  parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1
  parameters.fAllocateNetBuffer = true
  parameters.PoolTag = TAG
  adapter.Pool = NdisAllocateNetBufferListPool(adapter.Handle, Parameters)
  if (adapter.Pool === 0) return false

  for (let i = 0; i < ReceiveBuffers + SpareBuffers; i++) {
    const buffer = allocateReceiveBuffer(adapter, memory, i)
    if (!buffer) return false
    adapter.Buffers.push(buffer)
    if (i >= ReceiveBuffers) adapter.Spare.push(buffer)
    else {
      const slot: ReceiveSlot = { ...cellsOf(ring.Virtual + i * DESCRIPTOR_BYTES), Buffer: buffer }
      adapter.Receive.push(slot)
    }
  }
  return true
}

function allocateReceiveBuffer(adapter: Adapter, memory: SharedMemory, index: number): ReceiveBuffer | undefined {
  const at = index * BUFFER_BYTES
  const Mdl = NdisAllocateMdl(adapter.Handle, memory.Virtual + at, BUFFER_BYTES)
  if (Mdl === 0) return undefined
  const Address = NdisAllocateNetBufferAndNetBufferList(adapter.Pool, 0, 0, Mdl, 0, 0)
  if (Address === 0) {
    NdisFreeMdl(Mdl)
    return undefined
  }
  const NetBufferList = NET_BUFFER_LIST.at(Address)
  NetBufferList.SourceHandle = adapter.Handle
  NetBufferList.Status = NDIS_STATUS_SUCCESS
  ULONG.at(Address + NBL_BUFFER).value = index
  return {
    Address,
    NetBufferList,
    NetBuffer: NET_BUFFER.at(NetBufferList.FirstNetBuffer),
    Mdl,
    Low: lowOf(memory.Physical + BigInt(at)),
    High: highOf(memory.Physical + BigInt(at)),
  }
}

/** All of them, wherever they are: nobody above has one any more. */
export function freeReceiveBuffers(adapter: Adapter): void {
  for (const { Address, Mdl } of adapter.Buffers) {
    NdisFreeNetBufferList(Address)
    NdisFreeMdl(Mdl)
  }
  adapter.Buffers.length = 0
  if (adapter.Pool !== 0) NdisFreeNetBufferListPool(adapter.Pool)
}
