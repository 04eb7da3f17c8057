import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import { POOL_FLAG, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import { readPoolParameters, readListPoolParameters, type ListPoolParameters } from './net-buffer-pool-parameters'
import { dataBytes, MOST_DATA_BYTES, NET_BUFFER, NET_BUFFER_LIST } from './net-buffer-layout'

/** 'NDnp': the tag of pools that NDIS keeps for itself. */
const INTERNAL_TAG = 0x706e444e

/** The pools that clones, fragments and reassembled lists come from when the driver names none. */
export interface InternalPools {
  netBuffers(): number
  lists(): number
  /** NET_BUFFER_LISTs that come with a NET_BUFFER. */
  listsWithNetBuffer(): number
}

/** Pools of NET_BUFFERs and NET_BUFFER_LISTs (DDI ndisallocatenetbufferpool, ndisallocatenetbufferlistpool). They have no limit but memory. */
export function createNetBufferPools(k: Kernel, pools: DescriptorPools) {
  const { space, preempt } = k

  function create(kind: number, tag: number, descriptorSize: number, dataSize: number): number {
    const pool = pools.create({ kind, tag, capacity: 0, overflow: 0, descriptorSize, reservedLength: 0 })
    if (pool !== 0) pools.set(pool, SYS_POOL.DataSize, dataSize)
    return pool
  }
  function createLists({ tag, protocolId, allocateNetBuffer, contextSize, dataSize }: ListPoolParameters): number {
    const size = NET_BUFFER_LIST.SIZE + (allocateNetBuffer ? NET_BUFFER.SIZE : 0) + dataBytes(dataSize)
    const pool = create(POOL_KIND.NET_BUFFER_LIST, tag, size, dataSize)
    if (pool === 0) return 0
    pools.set(pool, SYS_POOL.ContextSize, contextSize)
    pools.set(pool, SYS_POOL.ProtocolId, protocolId)
    pools.set(pool, SYS_POOL.Flags, allocateNetBuffer ? POOL_FLAG.ALLOCATE_NET_BUFFER : 0)
    return pool
  }

  /** Made when it is first needed; it belongs to NDIS, so no driver frees or leaks it. */
  function internal(make: () => number): () => number {
    let pool = 0
    return () => {
      if (pool !== 0) return pool
      pool = make()
      if (pool !== 0) pools.set(pool, SYS_POOL.Flags, pools.get(pool, SYS_POOL.Flags) | POOL_FLAG.SYSTEM)
      return pool
    }
  }
  const ownLists = { tag: INTERNAL_TAG, protocolId: 0, contextSize: 0, dataSize: 0 }
  const internalPools: InternalPools = {
    netBuffers: internal(() => create(POOL_KIND.NET_BUFFER, INTERNAL_TAG, NET_BUFFER.SIZE, 0)),
    lists: internal(() => createLists({ ...ownLists, allocateNetBuffer: false })),
    listsWithNetBuffer: internal(() => createLists({ ...ownLists, allocateNetBuffer: true })),
  }

  return {
    internalPools,
    functions: {
      /** The handle, or NULL: memory is short, or the parameters are none. `NdisHandle` may be NULL. */
      NdisAllocateNetBufferPool(_NdisHandle: number, Parameters: number): number {
        preempt()
        const parameters = readPoolParameters(space, Parameters)
        if (!parameters) return 0
        const { tag, dataSize } = parameters
        if (dataSize > MOST_DATA_BYTES) return 0
        return create(POOL_KIND.NET_BUFFER, tag, NET_BUFFER.SIZE + dataBytes(dataSize), dataSize)
      },
      NdisFreeNetBufferPool(PoolHandle: number): void {
        if (pools.isPool(PoolHandle, POOL_KIND.NET_BUFFER)) pools.destroy(PoolHandle)
        preempt()
      },
      /** The handle, or NULL: memory is short, or DataSize is not 0 though fAllocateNetBuffer is FALSE. */
      NdisAllocateNetBufferListPool(_NdisHandle: number, Parameters: number): number {
        preempt()
        const parameters = readListPoolParameters(space, Parameters)
        if (!parameters || parameters.dataSize > MOST_DATA_BYTES) return 0
        return parameters.dataSize !== 0 && !parameters.allocateNetBuffer ? 0 : createLists(parameters)
      },
      NdisFreeNetBufferListPool(PoolHandle: number): void {
        if (pools.isPool(PoolHandle, POOL_KIND.NET_BUFFER_LIST)) pools.destroy(PoolHandle)
        preempt()
      },
    },
  }
}
