import type { Kernel } from '../kernel/kernel'
import { ACQUIRE_FORM, LOCK_STATE } from '../kernel/locks'
import { SYS_LOCK } from '../memory/records'

/** Value of the lock word of a held lock; 0 when it is free. */
const HELD = 1

/**
 * The word that every spin lock is (KSPIN_LOCK, the first member of NDIS_SPIN_LOCK), with what the registry knows of it.
 * IRQL is the business of the callers: the forms differ in nothing else.
 */
export interface LockWord {
  /** The record of a lock, which a driver may use without having initialized it. */
  recordOf(lock: number): number
  /** Free from now on, whoever held it. */
  initialize(lock: number): void
  isHeld(lock: number): boolean
  /** Takes a free lock. One that is held can only be held by what waits for this call: the machine stops. */
  take(lock: number, form: number): void
  drop(lock: number): void
  /** Takes it inside of an interlocked call, at least at `level`, where nothing is preempted; the IRQL before. */
  takeInside(lock: number, level: number): number
  dropInside(lock: number, irql: number): void
}

export function createLockWord(k: Kernel): LockWord {
  const { cpus, locks, site, clock } = k
  const { i32 } = k.space
  const recordOf = (lock: number): number => locks.find(lock) || locks.initialize(lock, 0)

  function deadlock(lock: number): never {
    const owner = locks.get(recordOf(lock), SYS_LOCK.OwnerCpu)
    return k.bugcheck(
      'SPIN_LOCK_ALREADY_OWNED',
      [lock, owner, cpus.current(), 0],
      `CPU ${cpus.current()} waits for a spin lock that CPU ${owner} holds and cannot release while it waits: it would spin for ever.`,
    )
  }
  function drop(lock: number): void {
    i32[lock >> 2] = 0
    const record = recordOf(lock)
    if (locks.get(record, SYS_LOCK.State) === LOCK_STATE.HELD) cpus.addLocksHeld(-1)
    locks.drop(record)
  }
  function take(lock: number, form: number): void {
    if (i32[lock >> 2] !== 0) deadlock(lock)
    i32[lock >> 2] = HELD
    cpus.addLocksHeld(1)
    locks.take(recordOf(lock), cpus.current(), cpus.depth() - 1, site.s, form, clock.now())
  }
  return {
    recordOf,
    initialize(lock) {
      const record = locks.find(lock)
      if (record !== 0 && locks.get(record, SYS_LOCK.State) === LOCK_STATE.HELD) drop(lock)
      i32[lock >> 2] = 0
      locks.initialize(lock, site.s)
    },
    isHeld: (lock) => i32[lock >> 2] !== 0,
    take,
    drop,
    takeInside(lock, level) {
      const irql = cpus.irql()
      if (irql < level) cpus.setIrql(level)
      take(lock, ACQUIRE_FORM.INTERLOCKED)
      return irql
    },
    dropInside(lock, irql) {
      drop(lock)
      cpus.setIrql(irql)
    },
  }
}
