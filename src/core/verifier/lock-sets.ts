import type { Lock } from './lock-classes'

/** The set without a lock. */
export const NO_LOCKS = 0

/** Sets of locks as numbers: equal sets have one number, however often they come about. */
export interface LockSets {
  /** The set with one lock more. */
  with(set: number, lock: Lock): number
  /** What is in both. */
  common(a: number, b: number): number
  locksOf(set: number): readonly Lock[]
}

/** Sets and locks in a machine: far beyond what drivers have. Beyond it every set is taken for the last one. */
const MOST = 1 << 16

export function createLockSets(): LockSets {
  const sets: (readonly Lock[])[] = [[]]
  const numbers = new Map<string, number>([['', NO_LOCKS]])
  /** Results by the numbers of what they came from. */
  const unions = new Map<number, number>()
  const intersections = new Map<number, number>()

  function numberOf(locks: readonly Lock[]): number {
    const sorted = [...locks].sort((a, b) => a.number - b.number)
    const key = sorted.map(({ number }) => number).join(' ')
    const known = numbers.get(key)
    if (known !== undefined) return known
    if (sets.length === MOST) return MOST - 1
    numbers.set(key, sets.length)
    return sets.push(sorted) - 1
  }
  return {
    with(set, lock) {
      const key = set * MOST + (lock.number % MOST)
      const known = unions.get(key)
      if (known !== undefined) return known
      const locks = sets[set]!
      const result = locks.includes(lock) ? set : numberOf([...locks, lock])
      unions.set(key, result)
      return result
    },
    common(a, b) {
      if (a === b) return a
      if (a === NO_LOCKS || b === NO_LOCKS) return NO_LOCKS
      const key = a < b ? a * MOST + b : b * MOST + a
      const known = intersections.get(key)
      if (known !== undefined) return known
      const result = numberOf(sets[a]!.filter((lock) => sets[b]!.includes(lock)))
      intersections.set(key, result)
      return result
    },
    locksOf: (set) => sets[set]!,
  }
}
