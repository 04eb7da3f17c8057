import type { Kernel } from '../kernel/kernel'
import { FILL } from '../memory/map'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, FORM_SHIFT, POOL_FLAG, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import type { Mdls } from './mdl'
import type { NetBufferChain } from './net-buffer-chain'
import { CONTEXT, dataBytes, dataMdlBytes, NET_BUFFER, NET_BUFFER_FORM, NET_BUFFER_LIST } from './net-buffer-layout'

/**
 * The memory of NET_BUFFERs and NET_BUFFER_LISTs. One block holds a list, the context, NET_BUFFER, MDL and data that come
 * with it, in this order; likewise a NET_BUFFER with its MDL and data. Nobody frees the parts.
 */
export interface NetBufferBlocks {
  /** A NET_BUFFER of a pool, with MDL and data when the pool has them; 0 when memory is short. */
  takeNetBuffer(pool: number): number
  /** A list of a pool, with what the pool adds, in one of LIST_FORM; `note` is kept for its release. 0 when memory is short. */
  takeList(pool: number, contextSize: number, backFill: number, form: number, note: number): number
  /** Points a NET_BUFFER at an MDL chain. */
  describe(netBuffer: number, mdlChain: number, offset: number, length: number): void
  releaseNetBuffer(netBuffer: number): void
  releaseList(list: number): void
  /** The NET_BUFFER that came with a list; 0: none. */
  ownNetBuffer(list: number): number
  /** The context area that came with a list; 0: none. */
  ownContext(list: number): number
  /** The list that a NET_BUFFER came with; 0 when it was allocated by itself. */
  listOf(netBuffer: number): number
  formOf(descriptor: number): number
  noteOf(descriptor: number): number
}

const FORM_MASK = 3
/** NDIS keeps what came with a list in NdisReserved, and the list of a NET_BUFFER in its own. */
const OWN_NET_BUFFER = NET_BUFFER_LIST.NdisReserved
const OWN_CONTEXT = NET_BUFFER_LIST.NdisReserved + 4

export function createNetBufferBlocks(
  k: Kernel,
  pools: DescriptorPools,
  mdls: Mdls,
  chain: NetBufferChain,
): NetBufferBlocks {
  const { space, site, log } = k
  const { i32, w16 } = space
  const read = (address: number): number => i32[address >> 2]! >>> 0
  const write = (address: number, value: number): void => {
    i32[address >> 2] = value
  }
  const record = (descriptor: number, field: number): number => pools.get(descriptor - DESCRIPTOR_HEADER, field)

  function take(pool: number, bytes: number, form: number, note: number): number {
    const descriptor = pools.takeSized(pool, bytes)
    if (descriptor === 0) return 0
    const at = descriptor - DESCRIPTOR_HEADER
    pools.set(at, SYS_DESCRIPTOR.State, ALLOCATED | (form << FORM_SHIFT))
    pools.set(at, SYS_DESCRIPTOR.AllocSite, site.s)
    pools.set(at, SYS_DESCRIPTOR.AllocEvent, log.index())
    pools.set(at, SYS_DESCRIPTOR.Length, note)
    return descriptor
  }
  function describe(netBuffer: number, mdlChain: number, offset: number, length: number): void {
    write(netBuffer + NET_BUFFER.MdlChain, mdlChain)
    write(netBuffer + NET_BUFFER.DataOffset, offset)
    write(netBuffer + NET_BUFFER.DataLength, length)
    chain.settle(netBuffer)
  }
  /** A fresh NET_BUFFER at the address; MDL and data follow it. All the data is unused at first: a retreat takes it. */
  function build(netBuffer: number, pool: number, list: number): void {
    const dataSize = pools.get(pool, SYS_POOL.DataSize)
    space.fill(netBuffer, NET_BUFFER.SIZE, 0)
    write(netBuffer + NET_BUFFER.NdisPoolHandle, pool)
    write(netBuffer + NET_BUFFER.NdisReserved, list)
    if (dataSize === 0) return
    const mdl = netBuffer + NET_BUFFER.SIZE
    const data = mdl + dataMdlBytes(dataSize)
    space.fill(data, dataSize, FILL.FRESH)
    mdls.initialize(mdl, data, dataSize)
    mdls.build(mdl)
    describe(netBuffer, mdl, dataSize, 0)
  }
  function buildContext(context: number, size: number, used: number): void {
    write(context + CONTEXT.Next, 0)
    w16(context + CONTEXT.Size, size)
    w16(context + CONTEXT.Offset, size - used)
    space.fill(context + CONTEXT.ContextData, size, 0)
  }
  const hasNetBuffer = (pool: number): boolean =>
    (pools.get(pool, SYS_POOL.Flags) & POOL_FLAG.ALLOCATE_NET_BUFFER) !== 0
  return {
    takeNetBuffer(pool) {
      const dataSize = pools.get(pool, SYS_POOL.DataSize)
      const form = dataSize === 0 ? NET_BUFFER_FORM.PLAIN : NET_BUFFER_FORM.MDL_AND_DATA
      const netBuffer = take(pool, NET_BUFFER.SIZE + dataBytes(dataSize), form, 0)
      if (netBuffer !== 0) build(netBuffer, pool, 0)
      return netBuffer
    },
    takeList(pool, contextSize, backFill, form, note) {
      const dataSize = pools.get(pool, SYS_POOL.DataSize)
      const context = Math.max(contextSize + backFill, pools.get(pool, SYS_POOL.ContextSize))
      const contextBytes = context === 0 ? 0 : (CONTEXT.ContextData + context + 7) & ~7
      const own = hasNetBuffer(pool) ? NET_BUFFER.SIZE + dataBytes(dataSize) : 0
      const list = take(pool, NET_BUFFER_LIST.SIZE + contextBytes + own, form, note)
      if (list === 0) return 0
      space.fill(list, NET_BUFFER_LIST.SIZE, 0)
      write(list + NET_BUFFER_LIST.NdisPoolHandle, pool)
      if (context > 0) {
        buildContext(list + NET_BUFFER_LIST.SIZE, context, contextSize)
        write(list + NET_BUFFER_LIST.Context, list + NET_BUFFER_LIST.SIZE)
        write(list + OWN_CONTEXT, list + NET_BUFFER_LIST.SIZE)
      }
      if (own === 0) return list
      const netBuffer = list + NET_BUFFER_LIST.SIZE + contextBytes
      build(netBuffer, pool, list)
      write(list + NET_BUFFER_LIST.FirstNetBuffer, netBuffer)
      write(list + OWN_NET_BUFFER, netBuffer)
      return list
    },
    describe,
    releaseNetBuffer: (netBuffer) => pools.releaseMemory(netBuffer),
    releaseList: (list) => pools.releaseMemory(list),
    ownNetBuffer: (list) => read(list + OWN_NET_BUFFER),
    ownContext: (list) => read(list + OWN_CONTEXT),
    listOf(netBuffer) {
      const list = read(netBuffer + NET_BUFFER.NdisReserved)
      return list !== 0 && pools.poolOf(list, POOL_KIND.NET_BUFFER_LIST) !== 0 ? list : 0
    },
    formOf: (descriptor) => (record(descriptor, SYS_DESCRIPTOR.State) >>> FORM_SHIFT) & FORM_MASK,
    noteOf: (descriptor) => record(descriptor, SYS_DESCRIPTOR.Length) >>> 0,
  }
}
