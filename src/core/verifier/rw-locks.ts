import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL } from '../kernel/irql'
import { NDIS_RWL_AT_DISPATCH_LEVEL, RW_LOCK_OBJECT } from '../ndis/rw-lock'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Read/write locks (DDI ndisacquirerwlockread, ndisreleaserwlock, ndisacquirereadwritelock). */
export function rwLockRules(k: Kernel): RuleFamily {
  const { cpus, site, verifier } = k
  const { violation, rwHolds: holds } = verifier
  const initialized = new Set<number>()

  const badLock = (fn: string, lock: number): boolean => badHandle(k, fn, lock, RW_LOCK_OBJECT)
  function acquire(fn: string, lock: number, state: number, write: boolean, dpr: boolean): boolean {
    const sameState = holds.find((hold) => hold.state === state)
    if (sameState)
      violation(
        'RwLockStateReused',
        fn,
        `The LOCK_STATE at ${hex(state)} belongs to an acquire that is still in force; each needs one of its own.`,
        { acquired: sameState.site },
      )
    const other = holds.find((hold) => hold.lock === lock && (write || hold.write))
    if (other)
      violation(
        write && !other.write ? 'RwLockPromotion' : 'SpinLock',
        fn,
        `${fn} waits for the lock at ${hex(lock)}, which CPU ${other.cpu} holds for ${other.write ? 'writing' : 'reading'}: it never comes free. ${write && !other.write ? 'A read lock is released first, never promoted.' : ''}`.trimEnd(),
        { acquired: other.site },
      )
    holds.push({ lock, state, write, dpr, cpu: cpus.current(), activation: cpus.depth() - 1, site: site.s })
    return false
  }
  function release(fn: string, lock: number, state: number, dpr: boolean): boolean {
    const at = holds.findLastIndex((hold) => hold.lock === lock && hold.state === state)
    const hold = holds[at]
    if (!hold) {
      violation(
        'RwLockRelease',
        fn,
        `${fn} releases the lock at ${hex(lock)} with the LOCK_STATE at ${hex(state)}: no acquire with that one is in force.`,
      )
      return true
    }
    holds.splice(at, 1)
    if (hold.cpu !== cpus.current())
      violation(
        'RwLockWrongCpu',
        fn,
        `${fn} on CPU ${cpus.current()} releases what CPU ${hold.cpu} acquired; a read/write lock is released where it was taken.`,
        { acquired: hold.site },
      )
    if (hold.dpr !== dpr)
      violation(
        'SpinLockDprRelease',
        fn,
        `${fn} releases an acquire of the ${hold.dpr ? 'Dpr' : 'plain'} form; each form has its own release.`,
        { acquired: hold.site },
      )
    return false
  }
  /** A lock that is taken away from under those who hold it: nobody can release it any more. */
  function lost(rule: 'DV:LockOwnerGone' | 'DV:LockReinit', fn: string, lock: number, what: string): void {
    const hold = holds.find((candidate) => candidate.lock === lock)
    if (!hold) return
    violation(rule, fn, `The read/write lock at ${hex(lock)} is ${what} while it is held.`, { acquired: hold.site })
    for (let at = holds.length - 1; at >= 0; at--) if (holds[at]!.lock === lock) holds.splice(at, 1)
  }
  function acquireEx(fn: string, lock: number, state: number, flags: number, write: boolean): boolean {
    if (badLock(fn, lock)) return true
    if ((flags & NDIS_RWL_AT_DISPATCH_LEVEL) !== 0 && cpus.irql() < DISPATCH_LEVEL) {
      verifier.irqlBlame.blame()
      violation(
        'RwLockDispatchFlag',
        fn,
        `${fn} is told that it runs at DISPATCH_LEVEL and does not: the lock is held at a level at which the CPU can be taken away.`,
      )
    }
    return acquire(fn, lock, state, write, false)
  }
  function acquireOld(fn: string, lock: number, write: boolean, state: number, dpr: boolean): boolean {
    if (!initialized.has(lock))
      violation('DV:LockUninitialized', fn, `${fn} takes the lock at ${hex(lock)}, which was never initialized.`)
    return acquire(fn, lock, state, write, dpr)
  }

  return {
    before: {
      NdisFreeRWLock(lock: number) {
        if (badLock('NdisFreeRWLock', lock)) return true
        lost('DV:LockOwnerGone', 'NdisFreeRWLock', lock, 'freed')
        return false
      },
      NdisAcquireRWLockRead: (lock: number, state: number, flags: number) =>
        acquireEx('NdisAcquireRWLockRead', lock, state, flags, false),
      NdisAcquireRWLockWrite: (lock: number, state: number, flags: number) =>
        acquireEx('NdisAcquireRWLockWrite', lock, state, flags, true),
      NdisReleaseRWLock: (lock: number, state: number) =>
        badLock('NdisReleaseRWLock', lock) || release('NdisReleaseRWLock', lock, state, false),
      NdisInitializeReadWriteLock(lock: number) {
        lost('DV:LockReinit', 'NdisInitializeReadWriteLock', lock, 'initialized again')
        initialized.add(lock)
        return false
      },
      NdisAcquireReadWriteLock: (lock: number, write: number, state: number) =>
        acquireOld('NdisAcquireReadWriteLock', lock, Boolean(write), state, false),
      NdisDprAcquireReadWriteLock: (lock: number, write: number, state: number) =>
        acquireOld('NdisDprAcquireReadWriteLock', lock, Boolean(write), state, true),
      NdisReleaseReadWriteLock: (lock: number, state: number) =>
        release('NdisReleaseReadWriteLock', lock, state, false),
      NdisDprReleaseReadWriteLock: (lock: number, state: number) =>
        release('NdisDprReleaseReadWriteLock', lock, state, true),
    },
    activationEnded(index) {
      for (const hold of holds) {
        if (hold.activation !== index) continue
        verifier.irqlBlame.blame(index)
        const name = cpus.nameOf(index)
        const message = `${name} returned while it still holds the read/write lock at ${hex(hold.lock)}.`
        violation('SpinLockBalanced', name, message, { acquired: hold.site, at: hold.site })
        // The next function with this index did not take it.
        hold.activation = -1
      }
    },
  }
}
