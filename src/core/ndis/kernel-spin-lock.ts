import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import { ACQUIRE_FORM } from '../kernel/locks'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { LockWord } from './lock-word'

export const LOCK_HANDLE = layout('KLOCK_QUEUE_HANDLE', 'LockQueue.Next', 'LockQueue.Lock', 'OldIrql')

/**
 * The kernel's own forms (WDM KeAcquireSpinLock ...): the lock is four bytes, the old IRQL goes to a variable of the
 * caller. The word is the first member of NDIS_SPIN_LOCK, and so one registry knows both.
 */
export function createKernelSpinLocks(k: Kernel, { initialize, isHeld, take, drop }: LockWord) {
  const { cpus, scheduler, preempt } = k
  const { put8 } = k.cells
  const { r8, r32, w8, w32 } = k.space
  /** The old IRQL, for whoever keeps it. */
  function acquire(fn: string, lock: number, form: number): number {
    preempt()
    const old = cpus.irql()
    if (old > DISPATCH_LEVEL)
      k.bugcheck(
        'IRQL_NOT_LESS_OR_EQUAL',
        [lock, old, 1, 0],
        `${fn} at ${irqlName(old)} would lower the IRQL to DISPATCH_LEVEL.`,
      )
    scheduler.raise(DISPATCH_LEVEL)
    take(lock, form)
    return old
  }
  function release(lock: number, irql: number): void {
    drop(lock)
    scheduler.lower(irql & HIGH_LEVEL)
    preempt()
  }
  return {
    KeInitializeSpinLock(SpinLock: number): void {
      initialize(SpinLock)
      preempt()
    },
    KeAcquireSpinLock(SpinLock: number, OldIrql: OutParam): void {
      put8(OldIrql, acquire('KeAcquireSpinLock', SpinLock, ACQUIRE_FORM.KERNEL))
    },
    KeReleaseSpinLock: (SpinLock: number, NewIrql: number): void => release(SpinLock, NewIrql),
    /** In order of arrival: here whoever asks for a free lock is the only one. The handle keeps lock and old IRQL. */
    KeAcquireInStackQueuedSpinLock(SpinLock: number, LockHandle: number): void {
      const old = acquire('KeAcquireInStackQueuedSpinLock', SpinLock, ACQUIRE_FORM.IN_STACK)
      w32(LockHandle + LOCK_HANDLE['LockQueue.Next'], 0)
      w32(LockHandle + LOCK_HANDLE['LockQueue.Lock'], SpinLock)
      w8(LockHandle + LOCK_HANDLE.OldIrql, old)
    },
    KeReleaseInStackQueuedSpinLock: (LockHandle: number): void =>
      release(r32(LockHandle + LOCK_HANDLE['LockQueue.Lock']), r8(LockHandle + LOCK_HANDLE.OldIrql)),
    KeAcquireSpinLockAtDpcLevel(SpinLock: number): void {
      preempt()
      take(SpinLock, ACQUIRE_FORM.KERNEL_DPC)
    },
    KeReleaseSpinLockFromDpcLevel(SpinLock: number): void {
      drop(SpinLock)
      preempt()
    },
    KeTryToAcquireSpinLockAtDpcLevel(SpinLock: number): number {
      preempt()
      if (isHeld(SpinLock)) return 0
      take(SpinLock, ACQUIRE_FORM.KERNEL_DPC)
      return 1
    },
  }
}
