import type { Kernel } from '../kernel/kernel'
import { MAX_CPUS } from '../kernel/cpus'
import { DISPATCH_LEVEL, HIGH_LEVEL } from '../kernel/irql'
import { layout } from '../memory/layout'

/** NDIS_RW_LOCK: who writes, then one reference count a processor, each in a cache line of its own. */
export const RW_LOCK = layout('NDIS_RW_LOCK', 'SpinLock', 'RefCount')
const REFCOUNT_LINE = layout('NDIS_RW_LOCK_REFCOUNT').SIZE
/** LOCK_STATE_EX and the older LOCK_STATE keep the same things at different places. */
export const LOCK_STATE_EX = layout('LOCK_STATE_EX', 'OldIrql', 'LockState', 'Flags')
export const LOCK_STATE_OLD = layout('LOCK_STATE', 'OldIrql', 'LockState')
type StateLayout = typeof LOCK_STATE_EX | typeof LOCK_STATE_OLD
/** LockState of an acquire that is in force; 0 after its release. */
export const RW_STATE = { NONE: 0, READ: 1, WRITE: 2 } as const
export const NDIS_RWL_AT_DISPATCH_LEVEL = 1

export const RW_LOCK_OBJECT = 'read/write lock'
/** 'NDrw' */
const RW_LOCK_TAG = 0x7772444e

export const refCountOf = (lock: number, cpu: number): number => lock + RW_LOCK.RefCount + cpu * REFCOUNT_LINE

/**
 * Read/write locks (DDI ndisacquirerwlockread ..., ndisacquirereadwritelock). Readers of one processor count up; a writer
 * waits for all of them, so one who reads on the same processor waits for itself.
 */
export function createRwLocks(k: Kernel) {
  const { space, cpus, scheduler, objects, preempt } = k
  const { r32, w32, r8, w8 } = space

  function deadlock(lock: number, why: string): never {
    return k.bugcheck(
      'SPIN_LOCK_ALREADY_OWNED',
      [lock, 0, cpus.current(), 0],
      `CPU ${cpus.current()} waits for a read/write lock ${why}: it would spin for ever.`,
    )
  }
  function take(lock: number, write: boolean): void {
    const writer = r32(lock + RW_LOCK.SpinLock)
    if (writer !== 0) deadlock(lock, `that CPU ${writer - 1} holds for writing and cannot release while it waits`)
    if (!write) {
      const count = refCountOf(lock, cpus.current())
      w32(count, r32(count) + 1)
    } else {
      for (let cpu = 0; cpu < MAX_CPUS; cpu++)
        if (r32(refCountOf(lock, cpu)) !== 0)
          deadlock(lock, `for writing while CPU ${cpu} holds it for reading; a read lock is never promoted`)
      w32(lock + RW_LOCK.SpinLock, cpus.current() + 1)
    }
    cpus.addLocksHeld(1)
  }
  /** Acquires of this CPU that are in force. */
  const holdsHere = (lock: number): number =>
    (r32(lock + RW_LOCK.SpinLock) === cpus.current() + 1 ? 1 : 0) + r32(refCountOf(lock, cpus.current()))
  /** LockState says what its acquire took; the IRQL to restore, or the one of now when it took nothing. */
  function acquire(lock: number, write: boolean, state: number, at: StateLayout, raise: boolean): void {
    preempt()
    const old = raise ? scheduler.raise(DISPATCH_LEVEL) : cpus.irql()
    take(lock, write)
    w8(state + at.OldIrql, old)
    w8(state + at.LockState, write ? RW_STATE.WRITE : RW_STATE.READ)
  }
  function release(lock: number, state: number, at: StateLayout, restore: boolean): void {
    const held = r8(state + at.LockState)
    if (held === RW_STATE.WRITE) w32(lock + RW_LOCK.SpinLock, 0)
    else if (held === RW_STATE.READ) {
      const count = refCountOf(lock, cpus.current())
      w32(count, Math.max(0, r32(count) - 1))
    }
    if (held !== RW_STATE.NONE && cpus.locksHeld() > 0) cpus.addLocksHeld(-1)
    w8(state + at.LockState, RW_STATE.NONE)
    if (restore) scheduler.lower(r8(state + at.OldIrql) & HIGH_LEVEL)
    preempt()
  }
  function acquireEx(Lock: number, LockState: number, Flags: number, write: boolean): void {
    w8(LockState + LOCK_STATE_EX.Flags, Flags)
    acquire(Lock, write, LockState, LOCK_STATE_EX, (Flags & NDIS_RWL_AT_DISPATCH_LEVEL) === 0)
  }

  return {
    NdisAllocateRWLock(_NdisHandle: number): number {
      preempt()
      return objects.create(RW_LOCK_OBJECT, RW_LOCK_TAG, RW_LOCK.SIZE)
    },
    NdisFreeRWLock(Lock: number): void {
      if (!objects.find(Lock, RW_LOCK_OBJECT))
        k.bugcheck('BAD_POOL_CALLER', [0x99, Lock], 'NdisFreeRWLock was given what is no read/write lock.')
      cpus.addLocksHeld(-holdsHere(Lock))
      objects.destroy(Lock)
      preempt()
    },
    NdisAcquireRWLockRead: (Lock: number, LockState: number, Flags: number): void =>
      acquireEx(Lock, LockState, Flags, false),
    NdisAcquireRWLockWrite: (Lock: number, LockState: number, Flags: number): void =>
      acquireEx(Lock, LockState, Flags, true),
    NdisReleaseRWLock(Lock: number, LockState: number): void {
      const atDispatch = (r8(LockState + LOCK_STATE_EX.Flags) & NDIS_RWL_AT_DISPATCH_LEVEL) !== 0
      release(Lock, LockState, LOCK_STATE_EX, !atDispatch)
    },
    NdisInitializeReadWriteLock(Lock: number): void {
      space.fill(Lock, RW_LOCK.SIZE, 0)
      preempt()
    },
    NdisAcquireReadWriteLock: (Lock: number, fWrite: number, LockState: number): void =>
      acquire(Lock, Boolean(fWrite), LockState, LOCK_STATE_OLD, true),
    NdisReleaseReadWriteLock: (Lock: number, LockState: number): void => release(Lock, LockState, LOCK_STATE_OLD, true),
    NdisDprAcquireReadWriteLock: (Lock: number, fWrite: number, LockState: number): void =>
      acquire(Lock, Boolean(fWrite), LockState, LOCK_STATE_OLD, false),
    NdisDprReleaseReadWriteLock: (Lock: number, LockState: number): void =>
      release(Lock, LockState, LOCK_STATE_OLD, false),
  }
}
