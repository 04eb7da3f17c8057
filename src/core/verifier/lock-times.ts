import { TICK_NS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import { SYS_LOCK } from '../memory/records'
import { LOCK_KIND, type Lock } from './lock-classes'
import { MODE, type Hold, type LockHolds } from './lock-holds'
import { watchLockUses, type Lasted } from './lock-uses'

/** DDI ndisacquirespinlock, ndisacquirereadwritelock: hold no longer than 25 microseconds. */
const LONGEST_NS = 25_000
const TAKERS: Readonly<Record<number, string>> = {
  [LOCK_KIND.SPIN]: 'a spin lock',
  [LOCK_KIND.RW]: 'a read/write lock for writing',
}

/**
 * LockHeldTooLong, the longest hold of each spin lock for who looks at the machine, and those of all classes of locks. Time is virtual: calls of the interface, stalls
 * and what the NIC takes; what a wait lets pass counts for mutexes, and is the business of WaitWithSpinLock for other locks.
 */
export function watchHoldTimes(k: Kernel, holds: LockHolds): void {
  const { clock, scheduler, locks, verifier } = k
  const { locator } = verifier
  /** Ticks, by the number of the lock. */
  const longest: number[] = []

  function report({ lock, site }: Hold, ticks: number): void {
    const what = TAKERS[lock.lockClass.kind]
    if (what === undefined || ticks * TICK_NS <= LONGEST_NS) return
    const place = locator.site(site)
    verifier.violation(
      'LockHeldTooLong',
      place?.api ?? '',
      `The ${lock.lockClass.name} is held for ${((ticks * TICK_NS) / 1000).toFixed(1)} microseconds of virtual time from ${place ? `${place.file}:${place.line}` : 'here'} on; 25 are the most for ${what}.`,
      { at: site, acquired: site },
    )
  }
  function note(lock: Lock, ticks: number, site: number): void {
    longest[lock.number] = ticks
    if (lock.lockClass.kind !== LOCK_KIND.SPIN) return
    const record = locks.find(lock.address)
    if (record === 0) return
    locks.set(record, SYS_LOCK.LongestHold, ticks)
    locks.set(record, SYS_LOCK.LongestSite, site)
  }
  const lasted: Lasted = ({ lockClass }, since, idle) =>
    clock.now() - since - (lockClass.kind === LOCK_KIND.MUTEX ? 0 : scheduler.idleTicks() - idle)
  watchLockUses(k, holds, lasted)
  holds.watch({
    dropped(hold) {
      const { lock, mode, site } = hold
      const ticks = lasted(lock, hold.since, hold.idle)
      if (ticks <= (longest[lock.number] ?? 0)) return
      note(lock, ticks, site)
      if (mode === MODE.WRITE) report(hold, ticks)
    },
  })
}
