import type { Kernel } from '../kernel/kernel'
import { SYS_LOCK } from '../memory/records'
import { timeoutTicks, type Timeout } from '../ndis/kernel-wait'
import { MUTANT_OBJECT, MUTEX } from '../ndis/mutex'
import { LOCK_KIND, type LockClasses } from './lock-classes'
import { MODE, type LockHolds, type Mode } from './lock-holds'
import type { After, Before, RuleFamily } from './rules'

const { SPIN, RW, MUTEX: MUTANT } = LOCK_KIND

/** Spin locks of every form, the cancel spin lock and those inside of interlocked calls: the registry sees them all. */
export function watchSpinLocks(k: Kernel, classes: LockClasses, holds: LockHolds): void {
  const { locks } = k
  const lockOf = (record: number) =>
    classes.lockAt(SPIN, locks.get(record, SYS_LOCK.Address) >>> 0, locks.get(record, SYS_LOCK.InitSite))
  locks.watch({
    initialized: (record) => classes.forget(SPIN, locks.get(record, SYS_LOCK.Address) >>> 0),
    taken: (record) => holds.taken(lockOf(record), MODE.WRITE, true),
    dropped: (record) => holds.dropped(lockOf(record)),
  })
}

/** Read/write locks of both kinds. */
export function rwLockSource(k: Kernel, classes: LockClasses, holds: LockHolds): RuleFamily {
  const sites = new Map<number, number>()
  const lockOf = (address: number) => classes.lockAt(RW, address >>> 0, sites.get(address) ?? 0)
  const initialized = (address: number): void => {
    classes.forget(RW, address >>> 0)
    sites.set(address, k.site.s)
  }
  const take =
    (mode: Mode): After =>
    (_result: void, address: number) =>
      holds.taken(lockOf(address), mode, true)
  const takeOld: After = (_result: void, address: number, write: unknown) =>
    holds.taken(lockOf(address), write ? MODE.WRITE : MODE.READ, true)
  const drop: After = (_result: void, address: number) => holds.dropped(lockOf(address))
  return {
    before: {
      NdisFreeRWLock(address: number) {
        holds.dropped(lockOf(address))
        classes.forget(RW, address >>> 0)
        return false
      },
    },
    after: {
      NdisAllocateRWLock: initialized,
      NdisInitializeReadWriteLock: (_result: void, address: number) => initialized(address),
      NdisAcquireRWLockRead: take(MODE.READ),
      NdisAcquireRWLockWrite: take(MODE.WRITE),
      NdisReleaseRWLock: drop,
      NdisAcquireReadWriteLock: takeOld,
      NdisDprAcquireReadWriteLock: takeOld,
      NdisReleaseReadWriteLock: drop,
      NdisDprReleaseReadWriteLock: drop,
    },
  }
}

/** Of spin locks, calls that come back without one: the registry does not see them. */
export function trySource({ locks }: Kernel, classes: LockClasses, holds: LockHolds): RuleFamily {
  const tried: After = (got: number, address: number) => {
    const record = got ? 0 : locks.find(address >>> 0)
    if (record !== 0) holds.refused(classes.lockAt(SPIN, address >>> 0, locks.get(record, SYS_LOCK.InitSite)), 0)
  }
  return { after: { KeTryToAcquireSpinLockAtDpcLevel: tried } }
}

/** Mutexes. A thread may take its own again: each acquire counts. */
export function mutexSource(k: Kernel, classes: LockClasses, holds: LockHolds): RuleFamily {
  const { cpus, clock } = k
  const { r8 } = k.space
  const sites = new Map<number, number>()
  /** When the wait of each activation began. */
  const began: number[] = []
  const lockOf = (address: number) => classes.lockAt(MUTANT, address >>> 0, sites.get(address) ?? 0)
  const initialized: After = (_result: void, address: number) => {
    classes.forget(MUTANT, address >>> 0)
    sites.set(address, k.site.s)
  }
  const begins: Before = () => {
    began[cpus.depth()] = clock.now()
    return false
  }
  /** A wait with a limit comes back at last: it deadlocks nobody. */
  const waited: After = (
    status: number,
    object: number,
    _reason?: number,
    _mode?: number,
    _alert?: unknown,
    limit?: Timeout,
  ) => {
    if (r8(object + MUTEX['Header.Type']) !== MUTANT_OBJECT) return
    if (status === 0) holds.taken(lockOf(object), MODE.WRITE, timeoutTicks(k, limit) === Infinity)
    else holds.refused(lockOf(object), clock.now() - began[cpus.depth()]!)
  }
  const released: After = (_before: number, object: number) => holds.dropped(lockOf(object))
  return {
    before: { NDIS_WAIT_FOR_MUTEX: begins, KeWaitForMutexObject: begins, KeWaitForSingleObject: begins },
    after: {
      NDIS_INIT_MUTEX: initialized,
      KeInitializeMutex: initialized,
      NDIS_WAIT_FOR_MUTEX: waited,
      KeWaitForMutexObject: waited,
      KeWaitForSingleObject: waited,
      NDIS_RELEASE_MUTEX: released,
      KeReleaseMutex: released,
    },
  }
}
