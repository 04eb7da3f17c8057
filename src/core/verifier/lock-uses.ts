import type { Kernel } from '../kernel/kernel'
import { LOCK_KIND, type Lock, type LockClass } from './lock-classes'
import type { LockHolds } from './lock-holds'
import type { LockUse } from './story'

/** What a driver takes itself. */
const KINDS: Readonly<Record<number, LockUse['kind']>> = {
  [LOCK_KIND.SPIN]: 'spin lock',
  [LOCK_KIND.RW]: 'read/write lock',
  [LOCK_KIND.MUTEX]: 'mutex',
}

type Counted = { -readonly [K in keyof LockUse]: LockUse[K] }

/** Ticks for which a hold lasted that ends now, as it counts. */
export type Lasted = (lock: Lock, since: number, idle: number) => number

/** How the locks of each class are used, in the order in which the classes came up: verifier.lockUses. */
export function watchLockUses({ site, verifier }: Kernel, holds: LockHolds, lasted: Lasted): void {
  const byClass: Counted[] = []
  const known: boolean[] = []

  function useOf(lockClass: LockClass): Counted | undefined {
    const use = byClass[lockClass.number]
    const kind = KINDS[lockClass.kind]
    if (use || !kind) return use
    const { name, site: from } = lockClass
    const made: Counted = {
      kind,
      name,
      site: from,
      locks: 0,
      acquisitions: 0,
      contentions: 0,
      longestHold: 0,
      longestHoldSite: 0,
      longestWait: 0,
      longestWaitSite: 0,
    }
    byClass[lockClass.number] = made
    verifier.lockUses.push(made)
    return made
  }
  /** The lock is asked for. */
  function asked({ number, lockClass }: Lock): Counted | undefined {
    const use = useOf(lockClass)
    if (!use || known[number]) return use
    known[number] = true
    use.locks++
    return use
  }
  holds.watch({
    taken(lock) {
      const use = asked(lock)
      if (use) use.acquisitions++
    },
    refused(lock, ticks) {
      const use = asked(lock)
      if (!use) return
      use.contentions++
      if (ticks <= use.longestWait) return
      use.longestWait = ticks
      use.longestWaitSite = site.s
    },
    dropped({ lock, since, idle, site: from }) {
      const use = byClass[lock.lockClass.number]
      if (!use) return
      const ticks = lasted(lock, since, idle)
      if (ticks <= use.longestHold) return
      use.longestHold = ticks
      use.longestHoldSite = from
    },
  })
}
