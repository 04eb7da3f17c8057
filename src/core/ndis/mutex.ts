import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { initializeHeader, OBJECT } from './dispatcher'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_SUCCESS } from './status'
import type { Threads } from './thread'
import type { Waits } from './waits'

/** NDIS_MUTEX is a KMUTEX: a dispatcher header and the thread that holds it. */
export const MUTEX = layout(
  'KMUTEX',
  'Header.Type', 'Header.Size', 'Header.SignalState', 'Header.WaitListHead', 'MutantListEntry', 'OwnerThread', 'ApcDisable',
) // prettier-ignore
export const MUTANT_OBJECT = OBJECT.MUTANT
/** SignalState of a mutex that nobody holds. Each acquire takes one off: a recursive one goes below 0. */
export const MUTEX_FREE = 1
const STATUS_MUTANT_NOT_OWNED = 0xc000_0046

/** KMUTEX: what mutexes of NDIS and of the kernel have in common. */
export interface Mutants {
  initialize(mutex: number): void
  /** Free, or held by the thread that runs, which may take it again. */
  isMine(mutex: number): boolean
  take(mutex: number): void
  /** The signal state before: 0 means that the mutex is free now. Only its thread may release a mutex. */
  release(mutex: number): number
}

export function createMutants(k: Kernel, threads: Threads): Mutants {
  const { w8, r32, w32 } = k.space
  const signalState = (mutex: number): number => r32(mutex + MUTEX['Header.SignalState']) | 0
  const ownerOf = (mutex: number): number => r32(mutex + MUTEX.OwnerThread)
  return {
    initialize(mutex) {
      k.space.fill(mutex, MUTEX.SIZE, 0)
      initializeHeader(k, mutex, MUTANT_OBJECT, MUTEX.SIZE, MUTEX_FREE)
      w8(mutex + MUTEX.ApcDisable, 1)
    },
    isMine: (mutex) => ownerOf(mutex) === threads.current() || signalState(mutex) > 0,
    take(mutex) {
      w32(mutex + MUTEX['Header.SignalState'], signalState(mutex) - 1)
      w32(mutex + MUTEX.OwnerThread, threads.current())
    },
    release(mutex) {
      const before = signalState(mutex)
      if (before >= MUTEX_FREE || ownerOf(mutex) !== threads.current())
        k.bugcheck(
          'KMODE_EXCEPTION_NOT_HANDLED',
          [STATUS_MUTANT_NOT_OWNED, 0, mutex],
          before >= MUTEX_FREE
            ? 'A mutex is released that nobody holds.'
            : 'A mutex is released by a thread that does not hold it.',
        )
      w32(mutex + MUTEX['Header.SignalState'], before + 1)
      if (before + 1 === MUTEX_FREE) w32(mutex + MUTEX.OwnerThread, 0)
      return before
    },
  }
}

/** Mutexes (DDI ndis_init_mutex, ndis_wait_for_mutex, ndis_release_mutex). */
export function createMutexes(k: Kernel, waits: Waits, mutants: Mutants) {
  return {
    NDIS_INIT_MUTEX(M: number): void {
      mutants.initialize(M)
      k.preempt()
    },
    /** The thread that holds a mutex may take it again. FAILURE only for a wait that never ends, which is reported. */
    NDIS_WAIT_FOR_MUTEX(M: number): number {
      k.preempt()
      const isMine = (): boolean => mutants.isMine(M)
      if (!isMine() && !waits.until('NDIS_WAIT_FOR_MUTEX', isMine, Infinity)) return NDIS_STATUS_FAILURE
      mutants.take(M)
      return NDIS_STATUS_SUCCESS
    },
    NDIS_RELEASE_MUTEX(M: number): number {
      const before = mutants.release(M)
      k.preempt()
      return before
    },
  }
}
