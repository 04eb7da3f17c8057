import type { Kernel } from '../kernel/kernel'
import { SYS_POOL } from '../memory/records'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { POOL_FLAG, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import type { NetBufferBlocks } from './net-buffer-blocks'
import { CONTEXT, LIST_FORM, NET_BUFFER_LIST } from './net-buffer-layout'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** Bytes of context that the 16-bit sizes can say. */
const MOST_CONTEXT = 0xffff

/** NET_BUFFER_LISTs and their context areas (DDI ndisallocatenetbufferlist, ndisallocatenetbufferlistcontext). */
export function createNetBufferLists(k: Kernel, pools: DescriptorPools, blocks: NetBufferBlocks) {
  const { space, pool: memory, site, log, preempt } = k
  const { r16, r32, w16, w32 } = space
  const isListPool = (pool: number): boolean => pools.isPool(pool, POOL_KIND.NET_BUFFER_LIST)
  const allocates = (pool: number): boolean => (pools.get(pool, SYS_POOL.Flags) & POOL_FLAG.ALLOCATE_NET_BUFFER) !== 0

  function allocate(pool: number, contextSize: number, backFill: number): number {
    const size = contextSize & 0xffff
    const room = backFill & 0xffff
    return size + room > MOST_CONTEXT ? 0 : blocks.takeList(pool, size, room, LIST_FORM.PLAIN, 0)
  }

  return {
    /** NULL when memory is short. The list has the NET_BUFFER, MDL and data that its pool adds. */
    NdisAllocateNetBufferList(PoolHandle: number, ContextSize: number, ContextBackFill: number): number {
      preempt()
      return isListPool(PoolHandle) ? allocate(PoolHandle, ContextSize, ContextBackFill) : 0
    },
    /** NULL when memory is short, or the pool is not one of fAllocateNetBuffer TRUE and DataSize 0. */
    NdisAllocateNetBufferAndNetBufferList(
      PoolHandle: number,
      ContextSize: number,
      ContextBackFill: number,
      MdlChain: number,
      DataOffset: number,
      DataLength: number,
    ): number {
      preempt()
      if (!isListPool(PoolHandle) || !allocates(PoolHandle) || pools.get(PoolHandle, SYS_POOL.DataSize) !== 0) return 0
      const list = allocate(PoolHandle, ContextSize, ContextBackFill)
      const chain = MdlChain ?? 0
      if (list !== 0 && chain !== 0)
        blocks.describe(blocks.ownNetBuffer(list), chain, DataOffset >>> 0, DataLength >>> 0)
      return list
    },
    /** Frees the list and what came with it; other NET_BUFFERs of it stay out. */
    NdisFreeNetBufferList(NetBufferList: number): void {
      if (pools.poolOf(NetBufferList, POOL_KIND.NET_BUFFER_LIST) !== 0) blocks.releaseList(NetBufferList)
      preempt()
    },
    /** NDIS_STATUS_SUCCESS, NDIS_STATUS_RESOURCES, or NDIS_STATUS_FAILURE when the sizes are more than 65535 bytes. */
    NdisAllocateNetBufferListContext(
      NetBufferList: number,
      ContextSize: number,
      ContextBackFill: number,
      PoolTag: number,
    ): number {
      preempt()
      const size = ContextSize & 0xffff
      const room = ContextBackFill & 0xffff
      const newest = r32(NetBufferList + NET_BUFFER_LIST.Context)
      const free = newest === 0 ? -1 : r16(newest + CONTEXT.Offset)
      if (free >= size) {
        w16(newest + CONTEXT.Offset, free - size)
        return NDIS_STATUS_SUCCESS
      }
      if (size + room > MOST_CONTEXT) return NDIS_STATUS_FAILURE
      const bytes = CONTEXT.ContextData + size + room
      const context = memory.allocate(bytes, PoolTag, OWNER_NDIS, site.s, log.index())
      if (context === 0) return NDIS_STATUS_RESOURCES
      space.fill(context, bytes, 0)
      w32(context + CONTEXT.Next, newest)
      w16(context + CONTEXT.Size, size + room)
      w16(context + CONTEXT.Offset, room)
      w32(NetBufferList + NET_BUFFER_LIST.Context, context)
      return NDIS_STATUS_SUCCESS
    },
    /** Gives up the newest `ContextSize` bytes; an area that was allocated later than the list is freed when it is unused. */
    NdisFreeNetBufferListContext(NetBufferList: number, ContextSize: number): void {
      preempt()
      const newest = r32(NetBufferList + NET_BUFFER_LIST.Context)
      if (newest === 0) return
      const size = r16(newest + CONTEXT.Size)
      const offset = Math.min(size, r16(newest + CONTEXT.Offset) + (ContextSize & 0xffff))
      w16(newest + CONTEXT.Offset, offset)
      if (offset < size || newest === blocks.ownContext(NetBufferList)) return
      w32(NetBufferList + NET_BUFFER_LIST.Context, r32(newest + CONTEXT.Next))
      memory.free(newest, site.s)
    },
    NdisGetPoolFromNetBufferList(NetBufferList: number): number {
      preempt()
      return r32(NetBufferList + NET_BUFFER_LIST.NdisPoolHandle)
    },
  }
}
