import type { AddressSpace } from './address-space'
import { FILL, HEAP_START, SHADOW } from './map'
import { SYS_BLOCK } from './records'
import type { Shadow } from './shadow'

export const BLOCK_ALLOCATED = 0x0a110ced
export const BLOCK_FREED = 0xf4eef4ee | 0
export const BLOCK_REUSABLE = 0xf4eeb10c | 0
export const OWNER_DRIVER = 0
export const OWNER_NDIS = 1
/** SYS_BLOCK.Kind: what a block is for. 1 to 4: a descriptor of a pool of that POOL_KIND. */
export const BLOCK_KIND = { MEMORY: 0, MDL: 5, SHARED: 6, LOOKASIDE: 7, DESCRIPTOR_POOL: 16 } as const

/** Guard bytes behind each block, filled with FILL.GUARD. */
export const TAIL_GUARD = 16
/** Freed blocks stay poisoned until this many bytes of newer ones follow: a late use is then still seen. */
const QUARANTINE_BYTES = 1 << 20
const ALIGNMENT = 16
const NONPAGED_POOL_TYPE = 1
/** The record sits right before the data, its POOL_HEADER last, as on Windows; its size is a multiple of ALIGNMENT. */
const HEADER = SYS_BLOCK.SIZE
/** In SYS_BLOCK.Check, so that a record of equal words has a wrong one. */
const CHECK_SEED = 0x51b10c4e

export interface FreeProblem {
  readonly kind: 'never allocated' | 'already freed' | 'inside a block' | 'guard overwritten' | 'header overwritten'
  /** Block concerned, 0 when there is none; for 'guard overwritten' the first changed byte is `at`. What a header says that was overwritten cannot be believed. */
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
  /** Whether a block whose data begins at the address is allocated, with nothing written over around it. Asked of what may be one. */
  isIntact(address: number): boolean
  /** Whether something wrote over the record in front of the data. */
  isHeaderSpoiled(block: number): boolean
  /** Puts as much of the record right as is known from elsewhere, so that the block can be freed after it was reported. */
  mendHeader(block: number): void
  /** Where its guard ends, and the record of the next block begins. */
  endOf(block: number): number
  /** The block (address of its SYS_BLOCK) whose extent holds the address, or 0. */
  blockOf(address: number): number
  dataOf(block: number): number
  sizeOf(block: number): number
  /** Calls back for every block, in address order. */
  forEach(visit: (block: number) => void): void
  /** Told of each block that is handed out: address and bytes of its data, OWNER_DRIVER or OWNER_NDIS. One watch a machine. */
  watch(allocated: (address: number, size: number, owner: number) => void): void
  /** Told of each block that was free and is about to be handed out again. One watch a machine. */
  watchReuse(reused: (block: number) => void): void
  readonly end: () => number
}

/** `limit`: end of the heap; `endWord`: address of the word that publishes the end of its used part. */
export function createTaggedPool(space: AddressSpace, shadow: Shadow, limit: number, endWord: number): TaggedPool {
  const { i32, u8 } = space
  const freeLists = new Map<number, number[]>()
  const quarantine: number[] = []
  let watcher: ((address: number, size: number, owner: number) => void) | undefined
  let onReuse: ((block: number) => void) | undefined
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

  /** The first byte behind the data that changed; -1 when none did. */
  function changedGuard(block: number): number {
    const guard = guardOf(block)
    for (let i = 0; i < TAIL_GUARD; i++) if (u8[guard + i] !== FILL.GUARD) return guard + i
    return -1
  }
  function release(block: number): void {
    const total = get(block, SYS_BLOCK.TotalSize)
    const list = freeLists.get(total)
    set(block, SYS_BLOCK.State, BLOCK_REUSABLE)
    if (list) list.push(block)
    else freeLists.set(total, [block])
  }

  function reuse(total: number): number {
    const block = freeLists.get(total)?.pop() ?? 0
    if (block !== 0) onReuse?.(block)
    return block
  }
  function take(total: number): number {
    const reused = reuse(total)
    if (reused !== 0) return reused
    if (end + total > limit) {
      while (quarantine.length) release(quarantine.shift()!)
      quarantined = 0
      return reuse(total)
    }
    const block = end
    end += total
    i32[endWord >> 2] = end
    starts.push(block)
    set(block, SYS_BLOCK.TotalSize, total)
    return block
  }

  /** Index of the block whose extent holds the address, which lies in the heap. */
  function indexOf(address: number): number {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= address) low = middle
      else high = middle
    }
    return low
  }
  const blockOf = (address: number): number =>
    address < HEAP_START || address >= end ? 0 : (starts[indexOf(address)] ?? 0)
  const endOf = (block: number): number => starts[indexOf(block) + 1] ?? end

  const headerOf = (total: number): number => (Math.min(total >> 3, 0x1ff) << 16) | (NONPAGED_POOL_TYPE << 25)
  const checkOf = (total: number, size: number, header: number, tag: number): number =>
    CHECK_SEED ^ total ^ size ^ header ^ tag
  const isHeaderSpoiled = (block: number): boolean =>
    get(block, SYS_BLOCK.Check) !==
    checkOf(
      get(block, SYS_BLOCK.TotalSize),
      get(block, SYS_BLOCK.Size),
      get(block, SYS_BLOCK.PoolHeader),
      get(block, SYS_BLOCK.PoolTag),
    )
  /** A write that began in front of the data spoils the end of the record first: the tag follows from the rest then. */
  function mendHeader(block: number): void {
    const total = endOf(block) - block
    const known = get(block, SYS_BLOCK.Size)
    const isDeep = get(block, SYS_BLOCK.TotalSize) !== total || rounded(HEADER + known + TAIL_GUARD) !== total
    const size = isDeep ? total - HEADER - TAIL_GUARD : known
    const header = headerOf(total)
    const tag = isDeep ? 0 : CHECK_SEED ^ total ^ size ^ header ^ get(block, SYS_BLOCK.Check)
    if (isDeep) for (const field of [SYS_BLOCK.AllocSite, SYS_BLOCK.FreeSite]) set(block, field, 0)
    if (isDeep && get(block, SYS_BLOCK.State) !== BLOCK_FREED) set(block, SYS_BLOCK.State, BLOCK_ALLOCATED)
    set(block, SYS_BLOCK.TotalSize, total)
    set(block, SYS_BLOCK.Size, size)
    set(block, SYS_BLOCK.PoolHeader, header)
    set(block, SYS_BLOCK.PoolTag, tag)
    set(block, SYS_BLOCK.Check, checkOf(total, size, header, tag))
    if (get(block, SYS_BLOCK.Owner) !== OWNER_NDIS) set(block, SYS_BLOCK.Owner, OWNER_DRIVER)
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
      const header = headerOf(total)
      set(block, SYS_BLOCK.Kind, BLOCK_KIND.MEMORY)
      set(block, SYS_BLOCK.PoolHeader, header)
      set(block, SYS_BLOCK.PoolTag, tag)
      set(block, SYS_BLOCK.Check, checkOf(total, size, header, tag))
      u8.fill(FILL.FRESH, data, data + size)
      u8.fill(FILL.GUARD, data + size, block + total)
      shadow.mark(block, HEADER, SHADOW.HEADER)
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
      if (isHeaderSpoiled(block)) return { kind: 'header overwritten', block, at: address - 1 }
      const changed = changedGuard(block)
      return changed < 0 ? null : { kind: 'guard overwritten', block, at: changed }
    },
    blockOf,
    endOf,
    isIntact(address) {
      const block = address - SYS_BLOCK.SIZE
      return get(block, SYS_BLOCK.State) === BLOCK_ALLOCATED && !isHeaderSpoiled(block) && changedGuard(block) < 0
    },
    isHeaderSpoiled,
    mendHeader,
    mendGuard: (block) => void u8.fill(FILL.GUARD, guardOf(block), endOf(block)),
    forEach(visit) {
      for (const block of starts) visit(block)
    },
    watch: (allocated) => void (watcher = allocated),
    watchReuse: (reused) => void (onReuse = reused),
  }
}
