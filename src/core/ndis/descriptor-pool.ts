import type { Kernel } from '../kernel/kernel'
import { FILL, GRANULE, SHADOW } from '../memory/map'
import { SYS_BLOCK, SYS_DESCRIPTOR, SYS_MACHINE, SYS_POOL } from '../memory/records'
import { BLOCK_KIND, OWNER_NDIS } from '../memory/tagged-pool'

export const POOL_KIND = { PACKET: 1, BUFFER: 2, NET_BUFFER: 3, NET_BUFFER_LIST: 4 } as const
export const POOL_STATE = { LIVE: 1, FREED: 2 } as const
/** SYSTEM: a pool of NDIS itself, which no driver frees. WORKBENCH: nor are its descriptors any driver's. */
export const POOL_FLAG = {
  ALLOCATE_NET_BUFFER: 1,
  NON_INTERLOCKED: 2,
  INTERLOCKED: 4,
  SYSTEM: 8,
  WORKBENCH: 16,
} as const

/** SYS_DESCRIPTOR.State of a descriptor that is out: odd, so that it is never a link. */
export const ALLOCATED = 1
export const FORM_SHIFT = 1
export const FORM = { PLAIN: 0, DPR: 1, NON_INTERLOCKED: 2 } as const
export type Form = (typeof FORM)[keyof typeof FORM]
export const OVERFLOW_DESCRIPTOR = 8
/** Indicated to a receiver (or sent) and not back yet. */
export const LOANED = 16
export const formOf = (state: number): Form => ((state >> FORM_SHIFT) & 3) as Form

/** Bytes before a descriptor that belong to its SYS_DESCRIPTOR. */
export const DESCRIPTOR_HEADER = SYS_DESCRIPTOR.SIZE

export interface PoolRequest {
  readonly kind: number
  readonly tag: number
  /** Descriptors of the static part. 0: no fixed limit, each descriptor comes from tagged pool. */
  readonly capacity: number
  readonly overflow: number
  readonly descriptorSize: number
  readonly reservedLength: number
}

export interface DeadPool {
  readonly kind: number
  /** Call sites. */
  readonly allocated: number
  readonly freed: number
}

/**
 * Pools of descriptors. The pool's record and its static descriptors are one block of nonpaged memory, as NDIS has it;
 * a pool handle is the address of that record. Descriptors are handed out last in, first out, and the part beyond
 * Frontier was never used: so the high-water mark costs nothing to keep.
 */
export interface DescriptorPools {
  /** Address of the SYS_POOL record, or 0 when memory is short. */
  create(request: PoolRequest): number
  destroy(pool: number): void
  /** A descriptor that is not in the free list: never used, or overflow, or of a pool without limit. 0 when exhausted. */
  grow(pool: number): number
  /**
   * A descriptor of a size of its own, from tagged pool; 0 when memory is short. It counts as overflow, and the caller
   * keeps the pool's limit.
   */
  takeSized(pool: number, bytes: number): number
  /** Gives back a descriptor that `grow` or `takeSized` took from tagged pool. */
  releaseMemory(descriptor: number): void
  /** Descriptors out. */
  inUse(pool: number): number
  isPool(address: number, kind: number): boolean
  /** The live pool whose descriptor starts exactly at the address, or 0. */
  poolOf(descriptor: number, kind: number): number
  get(address: number, field: number): number
  set(address: number, field: number, value: number): void
  /** What is known of a pool that was freed, until its memory is a pool again. */
  buried(pool: number): DeadPool | undefined
  forEachLive(visit: (pool: number) => void): void
  forEachOut(pool: number, visit: (descriptor: number) => void): void
}

export function createDescriptorPools(k: Kernel): DescriptorPools {
  const { space, pool: memory, shadow, machine, site, log } = k
  const { i32 } = space
  /** Live pools and their kind: a handle is checked before it is believed. */
  const kinds = new Map<number, number>()
  const dead = new Map<number, DeadPool>()
  const overflowOwner = new Map<number, number>()

  const get = (address: number, field: number): number => i32[(address + field) >> 2]!
  const set = (address: number, field: number, value: number): void => {
    i32[(address + field) >> 2] = value
  }
  const event = (): number => log.count()

  function prepare(descriptor: number, size: number): void {
    space.fill(descriptor - DESCRIPTOR_HEADER, DESCRIPTOR_HEADER, 0)
    space.fill(descriptor, size, FILL.FREED)
  }

  function create(request: PoolRequest): number {
    const stride = (DESCRIPTOR_HEADER + request.descriptorSize + GRANULE + 15) & ~15
    const header = (SYS_POOL.SIZE + 15) & ~15
    const pool = memory.allocate(header + stride * request.capacity, request.tag, OWNER_NDIS, site.s, event())
    if (pool === 0) return 0
    space.fill(pool, header, 0)
    shadow.mark(pool, header, SHADOW.HEADER)
    const first = pool + header + DESCRIPTOR_HEADER
    if (request.capacity > 0) {
      shadow.mark(pool + header, stride * request.capacity, SHADOW.GUARD)
      space.fill(pool + header, stride * request.capacity, FILL.GUARD)
      for (let i = 0; i < request.capacity; i++) {
        prepare(first + i * stride, request.descriptorSize)
        shadow.mark(first + i * stride - DESCRIPTOR_HEADER, DESCRIPTOR_HEADER, SHADOW.HEADER)
        shadow.mark(first + i * stride, request.descriptorSize, SHADOW.DESCRIPTOR)
      }
    }
    set(pool - SYS_BLOCK.SIZE, SYS_BLOCK.Kind, BLOCK_KIND.DESCRIPTOR_POOL + request.kind)
    set(pool, SYS_POOL.Kind, request.kind)
    set(pool, SYS_POOL.State, POOL_STATE.LIVE)
    set(pool, SYS_POOL.Tag, request.tag)
    set(pool, SYS_POOL.First, first)
    set(pool, SYS_POOL.Frontier, first)
    set(pool, SYS_POOL.End, first + stride * request.capacity)
    set(pool, SYS_POOL.Stride, stride)
    set(pool, SYS_POOL.DescriptorSize, request.descriptorSize)
    set(pool, SYS_POOL.Capacity, request.capacity)
    set(pool, SYS_POOL.Overflow, request.overflow)
    set(pool, SYS_POOL.ReservedLength, request.reservedLength)
    set(pool, SYS_POOL.AllocSite, site.s)
    set(pool, SYS_POOL.Next, i32[(machine + SYS_MACHINE.Pools) >> 2]!)
    i32[(machine + SYS_MACHINE.Pools) >> 2] = pool
    kinds.set(pool, request.kind)
    dead.delete(pool)
    return pool
  }

  function unlink(pool: number): void {
    const next = get(pool, SYS_POOL.Next)
    const head = (machine + SYS_MACHINE.Pools) >> 2
    if (i32[head] === pool) i32[head] = next
    else for (const other of kinds.keys()) if (get(other, SYS_POOL.Next) === pool) set(other, SYS_POOL.Next, next)
  }

  function takeMemory(pool: number, state: number, size: number): number {
    const block = memory.allocate(DESCRIPTOR_HEADER + size, get(pool, SYS_POOL.Tag), OWNER_NDIS, site.s, event())
    if (block === 0) return 0
    const descriptor = block + DESCRIPTOR_HEADER
    prepare(descriptor, size)
    shadow.mark(block, DESCRIPTOR_HEADER, SHADOW.HEADER)
    const kind = get(pool, SYS_POOL.Kind)
    const isSystem = (get(pool, SYS_POOL.Flags) & POOL_FLAG.SYSTEM) !== 0
    set(block - SYS_BLOCK.SIZE, SYS_BLOCK.Kind, isSystem && kind === POOL_KIND.BUFFER ? BLOCK_KIND.MDL : kind)
    set(block, SYS_DESCRIPTOR.State, state)
    set(block, SYS_DESCRIPTOR.Pool, pool)
    const newest = get(pool, SYS_POOL.Live)
    set(block, SYS_DESCRIPTOR.Next, newest)
    if (newest !== 0) set(newest, SYS_DESCRIPTOR.Prev, block)
    set(pool, SYS_POOL.Live, block)
    overflowOwner.set(descriptor, pool)
    return descriptor
  }

  function grow(pool: number): number {
    const frontier = get(pool, SYS_POOL.Frontier)
    if (frontier < get(pool, SYS_POOL.End)) {
      set(pool, SYS_POOL.Frontier, frontier + get(pool, SYS_POOL.Stride))
      return frontier
    }
    const unlimited = get(pool, SYS_POOL.Capacity) === 0
    if (!unlimited && get(pool, SYS_POOL.OverflowInUse) >= get(pool, SYS_POOL.Overflow)) return 0
    return takeSized(pool, get(pool, SYS_POOL.DescriptorSize))
  }

  function takeSized(pool: number, bytes: number): number {
    const unlimited = get(pool, SYS_POOL.Capacity) === 0
    const descriptor = takeMemory(pool, unlimited ? 0 : OVERFLOW_DESCRIPTOR, bytes)
    if (descriptor === 0) return 0
    const counter = unlimited ? SYS_POOL.InUse : SYS_POOL.OverflowInUse
    const count = get(pool, counter) + 1
    set(pool, counter, count)
    if (count > get(pool, SYS_POOL.HighWater)) set(pool, SYS_POOL.HighWater, count)
    return descriptor
  }

  function releaseMemory(descriptor: number): void {
    const record = descriptor - DESCRIPTOR_HEADER
    const pool = get(record, SYS_DESCRIPTOR.Pool)
    const next = get(record, SYS_DESCRIPTOR.Next)
    const previous = get(record, SYS_DESCRIPTOR.Prev)
    if (previous !== 0) set(previous, SYS_DESCRIPTOR.Next, next)
    else set(pool, SYS_POOL.Live, next)
    if (next !== 0) set(next, SYS_DESCRIPTOR.Prev, previous)
    const counter = get(pool, SYS_POOL.Capacity) === 0 ? SYS_POOL.InUse : SYS_POOL.OverflowInUse
    set(pool, counter, get(pool, counter) - 1)
    overflowOwner.delete(descriptor)
    memory.free(record, site.s)
  }

  function forEachOut(pool: number, visit: (descriptor: number) => void): void {
    const stride = get(pool, SYS_POOL.Stride)
    for (let d = get(pool, SYS_POOL.First); d < get(pool, SYS_POOL.Frontier); d += stride)
      if (get(d - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.State) & ALLOCATED) visit(d)
    for (let r = get(pool, SYS_POOL.Live); r !== 0; r = get(r, SYS_DESCRIPTOR.Next)) visit(r + DESCRIPTOR_HEADER)
  }

  function poolOf(descriptor: number, kind: number): number {
    const direct = overflowOwner.get(descriptor)
    if (direct !== undefined) return kinds.get(direct) === kind ? direct : 0
    const block = memory.blockOf(descriptor)
    const pool = block === 0 ? 0 : memory.dataOf(block)
    if (kinds.get(pool) !== kind) return 0
    const offset = descriptor - get(pool, SYS_POOL.First)
    return offset >= 0 && descriptor < get(pool, SYS_POOL.End) && offset % get(pool, SYS_POOL.Stride) === 0 ? pool : 0
  }

  return {
    create,
    grow,
    takeSized,
    releaseMemory,
    get,
    set,
    forEachOut,
    poolOf,
    isPool: (address, kind) => kinds.get(address) === kind,
    destroy(pool) {
      dead.set(pool, { kind: kinds.get(pool) ?? 0, allocated: get(pool, SYS_POOL.AllocSite), freed: site.s })
      kinds.delete(pool)
      unlink(pool)
      for (let r = get(pool, SYS_POOL.Live); r !== 0; r = get(pool, SYS_POOL.Live)) releaseMemory(r + DESCRIPTOR_HEADER)
      memory.free(pool, site.s)
    },
    buried: (pool) => dead.get(pool),
    inUse(pool) {
      let count = 0
      forEachOut(pool, () => count++)
      return count
    },
    forEachLive(visit) {
      for (const pool of kinds.keys()) visit(pool)
    },
  }
}
