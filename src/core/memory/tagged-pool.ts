import type { AddressSpace } from './address-space'
import { FILL, HEAP_START, SHADOW } from './map'
import { SYS_BLOCK } from './records'
import type { Shadow } from './shadow'

export const BLOCK_ALLOCATED = 0x0a110ced
export const BLOCK_FREED = 0xf4eef4ee | 0
export const BLOCK_REUSABLE = 0xf4eeb10c | 0
export const OWNER_DRIVER = 0
export const OWNER_NDIS = 1

/** Guard bytes behind each block, filled with FILL.GUARD. */
export const TAIL_GUARD = 16
/** Freed blocks stay poisoned until this many bytes of newer ones follow: a late use is then still seen. */
const QUARANTINE_BYTES = 1 << 20
const ALIGNMENT = 16
const NONPAGED_POOL_TYPE = 1
const HEADER = (SYS_BLOCK.SIZE + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
/** The record sits right before the data, its POOL_HEADER last, as on Windows; so a small gap precedes it. */
const RECORD_GAP = HEADER - SYS_BLOCK.SIZE
/** Address of the first block's SYS_BLOCK. */
export const FIRST_BLOCK = HEAP_START + RECORD_GAP

export interface FreeProblem {
  readonly kind: 'never allocated' | 'already freed' | 'inside a block' | 'guard overwritten' | 'header overwritten'
  /** Block concerned, 0 when there is none; for 'guard overwritten' the first changed byte is `at`. */
  readonly block: number
  readonly at: number
}

/** Tagged nonpaged pool with a header, a tag, guards and fill patterns; sizes in bytes, addresses of the data. */
export interface TaggedPool {
  /** 16-byte aligned address, or 0 when the pool is exhausted. Data is filled with FILL.FRESH. */
  allocate(size: number, tag: number, owner: number, site: number, event: number): number
  /** Frees; the caller has checked with `problem` before. */
  free(address: number, site: number): void
  /** What is wrong with freeing this address, or null. */
  problem(address: number): FreeProblem | null
  /** Writes the guard anew, so that a block with an overrun can be freed after it was reported. */
  mendGuard(block: number): void
  /** The block (address of its SYS_BLOCK) whose extent holds the address, or 0. */
  blockOf(address: number): number
  dataOf(block: number): number
  sizeOf(block: number): number
  /** Calls back for every block, in address order. */
  forEach(visit: (block: number) => void): void
  /** Told of each block that is handed out: address and bytes of its data, OWNER_DRIVER or OWNER_NDIS. One watch a machine. */
  watch(allocated: (address: number, size: number, owner: number) => void): void
  readonly end: () => number
}

/** `limit`: end of the heap; `endWord`: address of the word that publishes the end of its used part. */
export function createTaggedPool(space: AddressSpace, shadow: Shadow, limit: number, endWord: number): TaggedPool {
  const { i32, u8 } = space
  const freeLists = new Map<number, number[]>()
  const quarantine: number[] = []
  let watcher: ((address: number, size: number, owner: number) => void) | undefined
  let quarantined = 0
  let end = HEAP_START
  /** SYS_BLOCK addresses; blocks are never merged or moved, so they ascend. */
  const starts: number[] = []

  const get = (block: number, field: number): number => i32[(block + field) >> 2]!
  const set = (block: number, field: number, value: number): void => {
    i32[(block + field) >> 2] = value
  }
  /** Block sizes are rounded so that freed ones fit later requests: 16 bytes up to 1 KiB, then an eighth. */
  const rounded = (bytes: number): number => {
    if (bytes <= 1024) return (bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1)
    const step = Math.max(ALIGNMENT, 1 << (28 - Math.clz32(bytes)))
    return Math.ceil(bytes / step) * step
  }
  const dataOf = (block: number): number => block + SYS_BLOCK.SIZE
  const guardOf = (block: number): number => dataOf(block) + get(block, SYS_BLOCK.Size)

  function release(block: number): void {
    const total = get(block, SYS_BLOCK.TotalSize)
    const list = freeLists.get(total)
    set(block, SYS_BLOCK.State, BLOCK_REUSABLE)
    if (list) list.push(block)
    else freeLists.set(total, [block])
  }

  function take(total: number): number {
    const reused = freeLists.get(total)?.pop()
    if (reused !== undefined) return reused
    if (end + total > limit) {
      while (quarantine.length) release(quarantine.shift()!)
      quarantined = 0
      return freeLists.get(total)?.pop() ?? 0
    }
    const block = end + RECORD_GAP
    end += total
    i32[endWord >> 2] = end
    starts.push(block)
    set(block, SYS_BLOCK.TotalSize, total)
    return block
  }

  function blockOf(address: number): number {
    if (address < HEAP_START || address >= end) return 0
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! - RECORD_GAP <= address) low = middle
      else high = middle
    }
    return starts[low] ?? 0
  }

  return {
    dataOf,
    sizeOf: (block) => get(block, SYS_BLOCK.Size),
    end: () => end,
    allocate(size, tag, owner, site, event) {
      const total = rounded(HEADER + size + TAIL_GUARD)
      const block = take(total)
      if (block === 0) return 0
      const data = dataOf(block)
      set(block, SYS_BLOCK.State, BLOCK_ALLOCATED)
      set(block, SYS_BLOCK.Size, size)
      set(block, SYS_BLOCK.AllocSite, site)
      set(block, SYS_BLOCK.AllocEvent, event)
      set(block, SYS_BLOCK.FreeSite, 0)
      set(block, SYS_BLOCK.Owner, owner)
      set(block, SYS_BLOCK.NextFree, 0)
      set(block, SYS_BLOCK.PoolHeader, (Math.min(total >> 3, 0x1ff) << 16) | (NONPAGED_POOL_TYPE << 25))
      set(block, SYS_BLOCK.PoolTag, tag)
      u8.fill(FILL.FRESH, data, data + size)
      u8.fill(FILL.GUARD, data + size, block + total - RECORD_GAP)
      shadow.mark(block & ~7, SYS_BLOCK.SIZE, SHADOW.HEADER)
      shadow.mark(data, total - HEADER, SHADOW.GUARD)
      if (owner === OWNER_DRIVER) shadow.markFresh(data, size)
      else shadow.markLive(data, size)
      watcher?.(data, size, owner)
      return data
    },
    free(address, site) {
      const block = address - SYS_BLOCK.SIZE
      const total = get(block, SYS_BLOCK.TotalSize)
      const size = get(block, SYS_BLOCK.Size)
      set(block, SYS_BLOCK.State, BLOCK_FREED)
      set(block, SYS_BLOCK.FreeSite, site)
      u8.fill(FILL.FREED, address, address + size)
      shadow.mark(address, size, SHADOW.FREED)
      quarantine.push(block)
      quarantined += total
      while (quarantined > QUARANTINE_BYTES && quarantine.length > 1) {
        const oldest = quarantine.shift()!
        quarantined -= get(oldest, SYS_BLOCK.TotalSize)
        release(oldest)
      }
    },
    problem(address) {
      const block = address - SYS_BLOCK.SIZE
      const inside = blockOf(address)
      if (inside === 0) return { kind: 'never allocated', block: 0, at: address }
      if (inside !== block) return { kind: 'inside a block', block: inside, at: address }
      const state = get(block, SYS_BLOCK.State)
      if (state === BLOCK_FREED || state === BLOCK_REUSABLE) return { kind: 'already freed', block, at: address }
      const guard = guardOf(block)
      for (let i = 0; i < TAIL_GUARD; i++)
        if (u8[guard + i] !== FILL.GUARD) return { kind: 'guard overwritten', block, at: guard + i }
      return null
    },
    blockOf,
    mendGuard: (block) => void u8.fill(FILL.GUARD, guardOf(block), guardOf(block) + TAIL_GUARD),
    forEach(visit) {
      for (const block of starts) visit(block)
    },
    watch: (allocated) => void (watcher = allocated),
  }
}
