import type { Kernel } from '../kernel/kernel'
import { SYS_BLOCK } from '../memory/records'
import type { Before } from './rules'

/** The live block of pool that is about to be freed: [start, end), and the call site that allocated it. */
export interface FreedBlock {
  readonly start: number
  readonly end: number
  readonly allocated: number
}

/** Functions that free pool memory, and where they take its address. */
const ADDRESS_AT: Readonly<Record<string, number>> = {
  NdisFreeMemory: 0,
  NdisFreeMemoryWithTag: 0,
  NdisFreeMemoryWithTagPriority: 1,
  ExFreePool: 0,
  ExFreePoolWithTag: 0,
}

/** Hooks for rules about what may lie in memory that is freed. None of them refuses the call. */
export function beforeFree(k: Kernel, look: (fn: string, block: FreedBlock) => void): Readonly<Record<string, Before>> {
  const { pool, space } = k
  const hook =
    (fn: string, at: number) =>
    (...args: readonly unknown[]): boolean => {
      const start = Number(args[at])
      const block = pool.blockOf(start)
      if (block !== 0 && pool.dataOf(block) === start)
        look(fn, {
          start,
          end: start + pool.sizeOf(block),
          allocated: space.r32(block + SYS_BLOCK.AllocSite),
        })
      return false
    }
  return Object.fromEntries(Object.entries(ADDRESS_AT).map(([fn, at]) => [fn, hook(fn, at)]))
}
