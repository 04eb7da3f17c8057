import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import { ACQUIRE_FORM, LOCK_STATE } from '../kernel/locks'
import { SYS_LOCK } from '../memory/records'

/** NDIS_SPIN_LOCK: the lock word, then the IRQL to go back to. The saved IRQL lives in the lock, as on Windows. */
const LOCK_WORD = 0
const OLD_IRQL = 4
/** Lock word of a held lock. */
const HELD = 1

/** Spin locks (DDI ndisallocatespinlock ...). IRQL follows the lock's own saved value, right or wrong. */
export function createSpinLocks(k: Kernel) {
  const { space, cpus, scheduler, locks, site, preempt, clock } = k
  const { i32, u8 } = space

  /** The record of a lock, which a driver may use without having initialized it. */
  const recordOf = (lock: number): number => locks.find(lock) || locks.initialize(lock, 0)

  function take(SpinLock: number, form: number): void {
    if (i32[(SpinLock + LOCK_WORD) >> 2] !== 0) {
      const owner = locks.get(recordOf(SpinLock), SYS_LOCK.OwnerCpu)
      k.bugcheck(
        'SPIN_LOCK_ALREADY_OWNED',
        [SpinLock, owner, cpus.current(), 0],
        `CPU ${cpus.current()} waits for a spin lock that CPU ${owner} holds and cannot release while it waits: it would spin for ever.`,
      )
    }
    i32[(SpinLock + LOCK_WORD) >> 2] = HELD
    cpus.addLocksHeld(1)
    locks.take(recordOf(SpinLock), cpus.current(), cpus.depth() - 1, site.s, form, clock.now())
  }
  function drop(SpinLock: number): void {
    i32[(SpinLock + LOCK_WORD) >> 2] = 0
    const record = recordOf(SpinLock)
    if (locks.get(record, SYS_LOCK.State) === LOCK_STATE.HELD) cpus.addLocksHeld(-1)
    locks.drop(record)
  }

  return {
    NdisAllocateSpinLock(SpinLock: number): void {
      i32[(SpinLock + LOCK_WORD) >> 2] = 0
      i32[(SpinLock + OLD_IRQL) >> 2] = 0
      locks.initialize(SpinLock, site.s)
      preempt()
    },
    NdisFreeSpinLock(SpinLock: number): void {
      const record = recordOf(SpinLock)
      if (locks.get(record, SYS_LOCK.State) === LOCK_STATE.HELD) {
        cpus.addLocksHeld(-1)
        locks.drop(record)
      }
      i32[(SpinLock + LOCK_WORD) >> 2] = 0
      i32[(SpinLock + OLD_IRQL) >> 2] = 0
      locks.set(record, SYS_LOCK.State, LOCK_STATE.FREED)
      preempt()
    },
    NdisAcquireSpinLock(SpinLock: number): void {
      preempt()
      const old = cpus.irql()
      if (old > DISPATCH_LEVEL)
        k.bugcheck(
          'IRQL_NOT_LESS_OR_EQUAL',
          [SpinLock, old, 1, 0],
          `NdisAcquireSpinLock at ${irqlName(old)} would lower the IRQL to DISPATCH_LEVEL.`,
        )
      scheduler.raise(DISPATCH_LEVEL)
      take(SpinLock, ACQUIRE_FORM.PLAIN)
      u8[SpinLock + OLD_IRQL] = old
    },
    NdisReleaseSpinLock(SpinLock: number): void {
      const saved = u8[SpinLock + OLD_IRQL]!
      drop(SpinLock)
      scheduler.lower(saved)
      preempt()
    },
    NdisDprAcquireSpinLock(SpinLock: number): void {
      preempt()
      take(SpinLock, ACQUIRE_FORM.DPR)
    },
    NdisDprReleaseSpinLock(SpinLock: number): void {
      drop(SpinLock)
      preempt()
    },
  }
}
