import type { Machine } from '../../src/core/machine'
import { FILL, HEAP_START } from '../../src/core/memory/map'
import { SYS_BLOCK, SYS_DESCRIPTOR, SYS_LOCK, SYS_MACHINE, SYS_POOL } from '../../src/core/memory/records'
import {
  BLOCK_ALLOCATED,
  BLOCK_FREED,
  BLOCK_REUSABLE,
  TAIL_GUARD,
  type FreeProblem,
} from '../../src/core/memory/tagged-pool'
import { ALLOCATED, DESCRIPTOR_HEADER } from '../../src/core/ndis/descriptor-pool'
import { LOCK_STATE } from '../../src/core/kernel/locks'

const LONGEST = 100_000

const isGone = (problem: FreeProblem | null): boolean => problem !== null && problem.kind !== 'guard overwritten'

/**
 * Everything about pools, tagged memory and locks that must hold between any two calls, as sentences about what does not.
 * `guards` false: the bytes behind blocks may be overwritten, which a driver can do; all else it cannot.
 */
export function brokenInvariants(machine: Machine, guards = true): string[] {
  const found: string[] = []
  const live: number[] = []
  machine.pools.forEachLive((pool) => void live.push(pool))
  checkPoolChain(machine, live, found)
  for (const pool of live) {
    checkFreeList(machine, pool, found)
    checkLiveChain(machine, pool, found)
  }
  checkHeap(machine, guards, found)
  checkLocks(machine, found)
  return found
}

/** The chain in memory, which a debugger follows, has the pools that are live. */
function checkPoolChain({ kernel }: Machine, live: readonly number[], found: string[]): void {
  const { i32 } = kernel.space
  const chain: number[] = []
  for (
    let pool = i32[(kernel.machine + SYS_MACHINE.Pools) >> 2]!;
    pool !== 0;
    pool = i32[(pool + SYS_POOL.Next) >> 2]!
  ) {
    chain.push(pool)
    if (chain.length > LONGEST) return void found.push('the chain of pools goes in a circle')
  }
  const same = chain.length === live.length && live.every((pool) => chain.includes(pool))
  if (!same) found.push(`the chain of pools has ${chain.length} pools, ${live.length} are live`)
}

/** Each descriptor below the frontier is either out or once in the free list. */
function checkFreeList({ pools, kernel }: Machine, pool: number, found: string[]): void {
  const get = (field: number): number => pools.get(pool, field)
  const [first, frontier, stride] = [get(SYS_POOL.First), get(SYS_POOL.Frontier), get(SYS_POOL.Stride)]
  const state = (descriptor: number): number => pools.get(descriptor - DESCRIPTOR_HEADER, SYS_DESCRIPTOR.State)
  const free = new Set<number>()
  for (let at = get(SYS_POOL.FreeList); at !== 0; at = state(at)) {
    if (at < first || at >= frontier || (at - first) % stride !== 0)
      return void found.push(`the free list of pool ${pool} leads to ${at}, which is none of its descriptors`)
    if (free.has(at)) return void found.push(`the free list of pool ${pool} goes in a circle`)
    if ((state(at) & ALLOCATED) !== 0) return void found.push(`the descriptor ${at} is out and in the free list`)
    free.add(at)
  }
  for (let at = first; at < frontier; at += stride)
    if ((state(at) & ALLOCATED) === 0 && !free.has(at)) found.push(`the descriptor ${at} of pool ${pool} is lost`)
  if (frontier > get(SYS_POOL.End)) found.push(`the frontier of pool ${pool} lies behind its end`)
  if (isGone(kernel.pool.problem(pool))) found.push(`the memory of pool ${pool} is damaged`)
}

/** Descriptors of tagged pool: linked both ways, as many as are counted, each in a live block of its own. */
function checkLiveChain({ pools, kernel }: Machine, pool: number, found: string[]): void {
  const unlimited = pools.get(pool, SYS_POOL.Capacity) === 0
  const counted = pools.get(pool, unlimited ? SYS_POOL.InUse : SYS_POOL.OverflowInUse)
  let count = 0
  let previous = 0
  for (let at = pools.get(pool, SYS_POOL.Live); at !== 0; at = pools.get(at, SYS_DESCRIPTOR.Next)) {
    if (pools.get(at, SYS_DESCRIPTOR.Prev) !== previous)
      return void found.push(`the chain of pool ${pool} is not linked both ways at ${at}`)
    if (pools.get(at, SYS_DESCRIPTOR.Pool) !== pool) found.push(`the descriptor at ${at} names another pool`)
    if (isGone(kernel.pool.problem(at))) return void found.push(`the descriptor at ${at} lies in no live block`)
    previous = at
    if (++count > counted) break
  }
  if (count !== counted) found.push(`pool ${pool} counts ${counted} descriptors of tagged pool, its chain has ${count}`)
}

/** Blocks lie one behind the other without a gap, and live ones have their guards. */
function checkHeap({ kernel }: Machine, guards: boolean, found: string[]): void {
  const { pool, space } = kernel
  const { i32, u8 } = space
  let expected = HEAP_START
  pool.forEach((block) => {
    if (block !== expected) found.push(`a block begins at ${block}, not at ${expected}`)
    expected = block + i32[(block + SYS_BLOCK.TotalSize) >> 2]!
    const state = i32[(block + SYS_BLOCK.State) >> 2]!
    if (state === BLOCK_FREED || state === BLOCK_REUSABLE) return
    if (state !== BLOCK_ALLOCATED) return void found.push(`the block at ${block} is neither live nor freed`)
    if (!guards) return
    const end = pool.dataOf(block) + i32[(block + SYS_BLOCK.Size) >> 2]!
    for (let at = end; at < end + TAIL_GUARD; at++)
      if (u8[at] !== FILL.GUARD) return void found.push(`the guard at ${at} is overwritten`)
  })
  if (expected !== pool.end()) found.push('the blocks do not reach the end of the heap')
}

/** Freed blocks that no longer hold their fill: something wrote there. Looks at every byte, so not after every call. */
export function spoiledBlocks({ kernel }: Machine): number[] {
  const { pool, space } = kernel
  const { i32, u8 } = space
  const spoiled: number[] = []
  let fill = new Uint8Array(0)
  pool.forEach((block) => {
    const data = pool.dataOf(block)
    const size = i32[(block + SYS_BLOCK.Size) >> 2]!
    if (i32[(block + SYS_BLOCK.State) >> 2] === BLOCK_ALLOCATED) return
    if (fill.length < size) fill = new Uint8Array(2 * size).fill(FILL.FREED)
    if (Buffer.compare(u8.subarray(data, data + size), fill.subarray(0, size)) !== 0) spoiled.push(data)
  })
  return spoiled
}

/** What the CPUs count, the registry has; the lock's own word agrees. */
function checkLocks({ kernel }: Machine, found: string[]): void {
  const { locks, cpus } = kernel
  let held = 0
  locks.forEach((record) => {
    if (locks.get(record, SYS_LOCK.State) === LOCK_STATE.HELD) held++
  })
  if (held !== locks.held.length) found.push(`${held} locks are held, the list has ${locks.held.length}`)
  if (cpus.count === 1 && cpus.locksHeld() !== held) found.push(`the CPU counts ${cpus.locksHeld()} locks, not ${held}`)
}
