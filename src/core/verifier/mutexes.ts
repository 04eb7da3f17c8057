import type { Kernel } from '../kernel/kernel'
import { MUTANT_OBJECT, MUTEX, MUTEX_FREE } from '../ndis/mutex'
import type { Threads } from '../ndis/thread'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Mutexes: used before they are initialized, initialized while held, held when their thread ends. */
export function mutexRules(k: Kernel, threads: Threads): RuleFamily {
  const { r8, r32 } = k.space
  const { violation } = k.verifier
  const { cpus, site } = k
  /** Mutexes that were taken, and where. */
  const taken = new Map<number, number>()
  const isHeld = (mutex: number): boolean => (r32(mutex + MUTEX['Header.SignalState']) | 0) < MUTEX_FREE
  const isMutex = (mutex: number): boolean => r8(mutex + MUTEX['Header.Type']) === MUTANT_OBJECT

  function notInitialized(fn: string, mutex: number): boolean {
    if (isMutex(mutex)) return false
    violation('MutexNotInitialized', fn, `${fn} was given ${hex(mutex)}, where no mutex was initialized.`)
    return true
  }
  function initialize(fn: string, mutex: number): boolean {
    const acquired = taken.get(mutex)
    if (acquired !== undefined && isMutex(mutex) && isHeld(mutex))
      violation('DV:LockReinit', fn, `The mutex at ${hex(mutex)} is initialized while it is held.`, { acquired })
    taken.delete(mutex)
    return false
  }
  const acquiredNow = (status: number, mutex: number): void =>
    void (status === 0 && isMutex(mutex) && taken.set(mutex, site.s))
  const released = (before: number, mutex: number): void => void (before === 0 && taken.delete(mutex))
  const checked = (fn: string) => (mutex: number) => notInitialized(fn, mutex)
  return {
    before: {
      NDIS_INIT_MUTEX: (mutex: number) => initialize('NDIS_INIT_MUTEX', mutex),
      NDIS_WAIT_FOR_MUTEX: checked('NDIS_WAIT_FOR_MUTEX'),
      NDIS_RELEASE_MUTEX: checked('NDIS_RELEASE_MUTEX'),
      KeInitializeMutex: (mutex: number) => initialize('KeInitializeMutex', mutex),
      KeWaitForMutexObject: checked('KeWaitForMutexObject'),
      KeReleaseMutex: checked('KeReleaseMutex'),
    },
    after: {
      NDIS_WAIT_FOR_MUTEX: acquiredNow,
      NDIS_RELEASE_MUTEX: released,
      KeWaitForMutexObject: acquiredNow,
      KeWaitForSingleObject: acquiredNow,
      KeReleaseMutex: released,
    },
    activationEnded(index) {
      const thread = threads.endedWith(index)
      if (thread === 0) return
      for (const [mutex, acquired] of taken)
        if (r32(mutex + MUTEX.OwnerThread) === thread && isHeld(mutex))
          violation(
            'MutexHeldAtReturn',
            cpus.nameOf(index),
            `${cpus.nameOf(index)} returned while it holds the mutex at ${hex(mutex)}: no other thread may release it.`,
            { acquired, at: acquired },
          )
    },
  }
}
