import type { FaultPlan } from './fault-plan'

/** Keeps a driver within so many bytes of memory at a time. */
export interface MemoryBudget {
  /** true: it would be more than the driver may have. `calls`: allocating calls so far. */
  refuses(bytes: number, calls: number): boolean
  taken(address: number, bytes: number): void
  freed(address: number): void
}

export function createMemoryBudget({ bytes: limit, from = 1 }: NonNullable<FaultPlan['memory']>): MemoryBudget {
  const blocks = new Map<number, number>()
  let used = 0
  return {
    refuses: (bytes, calls) => calls >= from && used + bytes > limit,
    taken(address, bytes) {
      blocks.set(address, bytes)
      used += bytes
    },
    freed(address) {
      used -= blocks.get(address) ?? 0
      blocks.delete(address)
    },
  }
}
