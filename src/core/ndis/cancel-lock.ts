import { DISPATCH_LEVEL, HIGH_LEVEL, irqlName } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { ACQUIRE_FORM } from '../kernel/locks'
import type { LockWord } from './lock-word'

/** The one spin lock of the system under which requests are cancelled (WDM IoAcquireCancelSpinLock). */
export interface CancelLock {
  readonly address: number
  isHeld(): boolean
  /** Raises to DISPATCH_LEVEL and takes it; the IRQL before. */
  acquire(fn: string): number
  release(irql: number): void
}

const KSPIN_LOCK_BYTES = 8

export function createCancelLock(k: Kernel, { isHeld, take, drop }: LockWord): CancelLock {
  const { cpus, scheduler } = k
  // Zeroes are a free lock; NDIS Workbench knows of it from its first use on.
  const address = k.system.allocate(KSPIN_LOCK_BYTES)
  return {
    address,
    isHeld: () => isHeld(address),
    acquire(fn) {
      const old = cpus.irql()
      if (old > DISPATCH_LEVEL)
        k.bugcheck(
          'IRQL_NOT_LESS_OR_EQUAL',
          [address, old, 1, 0],
          `${fn} at ${irqlName(old)} would lower the IRQL to DISPATCH_LEVEL.`,
        )
      scheduler.raise(DISPATCH_LEVEL)
      take(address, ACQUIRE_FORM.KERNEL)
      return old
    },
    release(irql) {
      drop(address)
      scheduler.lower(irql & HIGH_LEVEL)
    },
  }
}
