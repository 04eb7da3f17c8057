import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import { ACQUIRE_FORM } from '../kernel/locks'
import type { OutParam } from '../memory/cell'
import type { LockWord } from './lock-word'

/**
 * The kernel's own forms (WDM KeAcquireSpinLock ...): the lock is four bytes, the old IRQL goes to a variable of the
 * caller. The word is the first member of NDIS_SPIN_LOCK, and so one registry knows both.
 */
export function createKernelSpinLocks(k: Kernel, { initialize, isHeld, take, drop }: LockWord) {
  const { cpus, scheduler, preempt } = k
  const { put8 } = k.cells
  return {
    KeInitializeSpinLock(SpinLock: number): void {
      initialize(SpinLock)
      preempt()
    },
    KeAcquireSpinLock(SpinLock: number, OldIrql: OutParam): void {
      preempt()
      const old = cpus.irql()
      if (old > DISPATCH_LEVEL)
        k.bugcheck(
          'IRQL_NOT_LESS_OR_EQUAL',
          [SpinLock, old, 1, 0],
          `KeAcquireSpinLock at ${irqlName(old)} would lower the IRQL to DISPATCH_LEVEL.`,
        )
      scheduler.raise(DISPATCH_LEVEL)
      take(SpinLock, ACQUIRE_FORM.KERNEL)
      put8(OldIrql, old)
    },
    KeReleaseSpinLock(SpinLock: number, NewIrql: number): void {
      drop(SpinLock)
      scheduler.lower(NewIrql & HIGH_LEVEL)
      preempt()
    },
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
