import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { FILL } from '../memory/map'
import { SYS_DESCRIPTOR, SYS_POOL } from '../memory/records'
import { ALLOCATED, DESCRIPTOR_HEADER, OVERFLOW_DESCRIPTOR, POOL_KIND, type DescriptorPools } from './descriptor-pool'
import { LONGEST_CHAIN, mdlPages, mdlSize, MOST_MDL_PAGES, type Mdls } from './mdl'
import { MDL } from './packet-layout'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** 'NDbf': the tag that buffer pools carry. */
const BUFFER_POOL_TAG = 0x6662444e
/** A pool's own descriptors have room for 64 KiB at any offset; longer ranges get a descriptor from tagged pool. */
const POOL_PAGES = 17

const STATE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.State
const ALLOC_SITE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.AllocSite
const FREE_SITE = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.FreeSite
const POOL = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.Pool
const LENGTH = -DESCRIPTOR_HEADER + SYS_DESCRIPTOR.Length
const FREE_LIST = SYS_POOL.FreeList

/**
 * Buffer pools and buffer descriptors (NDIS 3 to 5). A buffer is an MDL over nonpaged memory that it does not own. We
 * give real pool handles although NULL was one on some versions (PV ff550741); the number of descriptors is the limit.
 */
export function createBuffers(k: Kernel, pools: DescriptorPools, mdls: Mdls) {
  const { preempt, site } = k
  const { i32 } = k.space
  const { put32 } = k.cells

  function NdisAllocateBufferPool(Status: OutParam, PoolHandle: OutParam, NumberOfDescriptors: number): void {
    preempt()
    const count = NumberOfDescriptors >>> 0
    const bytes = mdlSize(POOL_PAGES)
    const pool =
      // Beyond what memory can hold the product of the two would no longer be exact.
      count === 0 || count > k.space.size / bytes
        ? 0
        : pools.create({
            kind: POOL_KIND.BUFFER,
            tag: BUFFER_POOL_TAG,
            capacity: count,
            overflow: 0,
            descriptorSize: bytes,
            reservedLength: 0,
          })
    put32(PoolHandle, pool)
    // CE always succeeds; a pool that there was no memory for is the NULL handle then, and has no descriptors.
    put32(Status, pool === 0 && !k.traits.bufferPoolAlwaysSucceeds ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS)
  }

  /** A descriptor of the pool's own; 0 when the limit is reached. */
  function takeOwn(pool: number): number {
    const own = i32[(pool + FREE_LIST) >> 2]!
    // Long descriptors are not among the pool's own, but count.
    if (i32[(pool + SYS_POOL.OverflowInUse) >> 2] !== 0 && isFull(pool)) return 0
    if (own !== 0) {
      i32[(pool + FREE_LIST) >> 2] = i32[(own + STATE) >> 2]!
      return own
    }
    const fresh = pools.grow(pool)
    if (fresh !== 0) i32[(fresh + POOL) >> 2] = pool
    return fresh
  }
  const isFull = (pool: number): boolean => pools.inUse(pool) >= pools.get(pool, SYS_POOL.Capacity)

  /** An MDL with room for a range, marked as out; 0 when the pool is exhausted or the range longer than an MDL can say. */
  function take(pool: number, address: number, length: number): number {
    if (pool === 0) return 0
    const pages = mdlPages(address, length)
    if (pages > MOST_MDL_PAGES) return 0
    const long = pages > POOL_PAGES
    if (long && isFull(pool)) return 0
    const mdl = long ? pools.takeSized(pool, mdlSize(pages)) : takeOwn(pool)
    if (mdl === 0) return 0
    i32[(mdl + STATE) >> 2] = long ? ALLOCATED | OVERFLOW_DESCRIPTOR : ALLOCATED
    i32[(mdl + ALLOC_SITE) >> 2] = site.s
    i32[(mdl + LENGTH) >> 2] = length
    return mdl
  }

  function give(buffer: number): void {
    if ((i32[(buffer + STATE) >> 2]! & OVERFLOW_DESCRIPTOR) !== 0) return pools.releaseMemory(buffer)
    const pool = i32[(buffer + POOL) >> 2]!
    i32[(buffer + STATE) >> 2] = i32[(pool + FREE_LIST) >> 2]!
    i32[(pool + FREE_LIST) >> 2] = buffer
    i32[(buffer + FREE_SITE) >> 2] = site.s
  }
  /** What a call took and cannot use after all: it looks as freed as if the driver had freed it. */
  function giveChain(first: number): void {
    for (let buffer = first; buffer !== 0;) {
      const next = mdls.next(buffer)
      k.space.fill(buffer, MDL.SIZE, FILL.FREED)
      give(buffer)
      buffer = next
    }
  }

  function NdisAllocateBuffer(
    Status: OutParam,
    Buffer: OutParam,
    PoolHandle: number,
    VirtualAddress: number,
    Length: number,
  ): void {
    const mdl = take(PoolHandle, VirtualAddress >>> 0, Length >>> 0)
    if (mdl !== 0) {
      mdls.initialize(mdl, VirtualAddress >>> 0, Length >>> 0)
      mdls.build(mdl)
    }
    put32(Buffer, mdl)
    put32(Status, mdl === 0 ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS)
    preempt()
  }

  /** A piece of `source` as a buffer of the pool; 0 when the pool is exhausted. */
  function piece(pool: number, source: number, skip: number, length: number): number {
    const address = (mdls.virtualAddress(source) + skip) >>> 0
    const mdl = take(pool, address, length)
    if (mdl === 0) return 0
    mdls.initialize(mdl, address, length)
    mdls.buildPartial(mdl, source, skip, length)
    return mdl
  }

  /** PV ff551060: describes a part once more and copies no data; over a chain it makes a chain, all of it or nothing. */
  function NdisCopyBuffer(
    Status: OutParam,
    Buffer: OutParam,
    PoolHandle: number,
    MemoryDescriptor: number,
    Offset: number,
    Length: number,
  ): void {
    preempt()
    let skip = Offset >>> 0
    let left = Length >>> 0
    let first = 0
    let last = 0
    let status: number = NDIS_STATUS_FAILURE
    let source = MemoryDescriptor >>> 0
    for (let links = 0; source !== 0 && links < LONGEST_CHAIN; links++, source = mdls.next(source)) {
      const here = mdls.byteCount(source)
      if (skip > here || (skip === here && left > 0)) {
        skip -= here
        continue
      }
      const length = Math.min(left, here - skip)
      const copy = piece(PoolHandle, source, skip, length)
      status = copy === 0 ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS
      if (copy === 0) break
      if (first === 0) first = copy
      else mdls.setNext(last, copy)
      last = copy
      skip = 0
      left -= length
      if (left === 0) break
    }
    if (left > 0 && status === NDIS_STATUS_SUCCESS) status = NDIS_STATUS_FAILURE
    if (status !== NDIS_STATUS_SUCCESS) giveChain(first)
    put32(Buffer, status === NDIS_STATUS_SUCCESS ? first : 0)
    put32(Status, status)
  }

  return {
    NdisAllocateBufferPool,
    NdisFreeBufferPool(PoolHandle: number): void {
      if (PoolHandle !== 0) pools.destroy(PoolHandle)
      preempt()
    },
    NdisAllocateBuffer,
    NdisCopyBuffer,
    NdisFreeBuffer(Buffer: number): void {
      // Before, not after: the rules fill what was freed, which must not be out again by then.
      preempt()
      give(Buffer)
    },
  }
}
