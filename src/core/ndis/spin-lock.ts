import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import { ACQUIRE_FORM, LOCK_STATE } from '../kernel/locks'
import { layout } from '../memory/layout'
import { SYS_LOCK } from '../memory/records'
import type { LockWord } from './lock-word'

/** The lock word, then the IRQL to go back to: the saved IRQL lives in the lock, as on Windows. */
const { SpinLock: LOCK_WORD, OldIrql: OLD_IRQL } = layout('NDIS_SPIN_LOCK', 'SpinLock', 'OldIrql')

/** Spin locks (DDI ndisallocatespinlock ...). IRQL follows the lock's own saved value, right or wrong. */
export function createSpinLocks(k: Kernel, { initialize, take, drop, recordOf }: LockWord) {
  const { space, cpus, scheduler, locks, preempt } = k
  const { i32, u8 } = space

  return {
    NdisAllocateSpinLock(SpinLock: number): void {
      initialize(SpinLock + LOCK_WORD)
      i32[(SpinLock + OLD_IRQL) >> 2] = 0
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
      space.w8(SpinLock + OLD_IRQL, old)
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
