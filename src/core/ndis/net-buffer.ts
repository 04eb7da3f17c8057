import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import { POOL_KIND, type DescriptorPools } from './descriptor-pool'
import type { NetBufferBlocks } from './net-buffer-blocks'
import { NET_BUFFER } from './net-buffer-layout'

/** NET_BUFFERs that are allocated by themselves (DDI ndisallocatenetbuffer, ndisallocatenetbuffermdlanddata). */
export function createNetBuffers(k: Kernel, pools: DescriptorPools, blocks: NetBufferBlocks) {
  const { preempt } = k
  const dataSize = (pool: number): number => pools.get(pool, SYS_POOL.DataSize)

  return {
    /** NULL when memory is short, or the pool has a DataSize. Without an MDL chain both offset and length are 0. */
    NdisAllocateNetBuffer(PoolHandle: number, MdlChain: number, DataOffset: number, DataLength: number): number {
      preempt()
      if (!pools.isPool(PoolHandle, POOL_KIND.NET_BUFFER) || dataSize(PoolHandle) !== 0) return 0
      const netBuffer = blocks.takeNetBuffer(PoolHandle)
      const chain = MdlChain ?? 0
      if (netBuffer !== 0 && chain !== 0) blocks.describe(netBuffer, chain, DataOffset >>> 0, DataLength >>> 0)
      return netBuffer
    },
    /** NULL when memory is short, or the pool has no DataSize. All of the data is unused: DataOffset is DataSize. */
    NdisAllocateNetBufferMdlAndData(PoolHandle: number): number {
      preempt()
      if (!pools.isPool(PoolHandle, POOL_KIND.NET_BUFFER) || dataSize(PoolHandle) === 0) return 0
      return blocks.takeNetBuffer(PoolHandle)
    },
    NdisFreeNetBuffer(NetBuffer: number): void {
      if (pools.poolOf(NetBuffer, POOL_KIND.NET_BUFFER) !== 0) blocks.releaseNetBuffer(NetBuffer)
      preempt()
    },
    NdisGetPoolFromNetBuffer(NetBuffer: number): number {
      preempt()
      return k.space.i32[(NetBuffer + NET_BUFFER.NdisPoolHandle) >> 2]! >>> 0
    },
  }
}
