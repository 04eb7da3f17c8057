import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_SUCCESS } from './status'
import type { Threads } from './thread'
import type { Waits } from './waits'

/** NDIS_MUTEX is a KMUTEX: a dispatcher header and the thread that holds it. */
export const MUTEX = layout(
  'KMUTEX',
  'Header.Type', 'Header.Size', 'Header.SignalState', 'Header.WaitListHead', 'MutantListEntry', 'OwnerThread', 'ApcDisable',
) // prettier-ignore
export const MUTANT_OBJECT = 2
/** SignalState of a mutex that nobody holds. Each acquire takes one off: a recursive one goes below 0. */
export const MUTEX_FREE = 1
const STATUS_MUTANT_NOT_OWNED = 0xc000_0046

/** Mutexes (DDI ndis_init_mutex, ndis_wait_for_mutex, ndis_release_mutex). */
export function createMutexes(k: Kernel, waits: Waits, threads: Threads) {
  const { preempt } = k
  const { w8, r32, w32 } = k.space
  const signalState = (mutex: number): number => r32(mutex + MUTEX['Header.SignalState']) | 0
  const ownerOf = (mutex: number): number => r32(mutex + MUTEX.OwnerThread)

  return {
    NDIS_INIT_MUTEX(M: number): void {
      k.space.fill(M, MUTEX.SIZE, 0)
      w8(M + MUTEX['Header.Type'], MUTANT_OBJECT)
      w8(M + MUTEX['Header.Size'], MUTEX.SIZE / 4)
      w32(M + MUTEX['Header.SignalState'], MUTEX_FREE)
      const waiters = M + MUTEX['Header.WaitListHead']
      w32(waiters, waiters)
      w32(waiters + 4, waiters)
      w8(M + MUTEX.ApcDisable, 1)
      preempt()
    },
    /** The thread that holds a mutex may take it again. FAILURE only for a wait that never ends, which is reported. */
    NDIS_WAIT_FOR_MUTEX(M: number): number {
      preempt()
      const thread = threads.current()
      const isFree = (): boolean => signalState(M) > 0
      if (ownerOf(M) !== thread && !isFree() && !waits.until('NDIS_WAIT_FOR_MUTEX', isFree, Infinity))
        return NDIS_STATUS_FAILURE
      w32(M + MUTEX['Header.SignalState'], signalState(M) - 1)
      w32(M + MUTEX.OwnerThread, thread)
      return NDIS_STATUS_SUCCESS
    },
    /** The signal state before: 0 means that the mutex is free now. Only its thread may release a mutex. */
    NDIS_RELEASE_MUTEX(M: number): number {
      const before = signalState(M)
      if (before >= MUTEX_FREE || ownerOf(M) !== threads.current())
        k.bugcheck(
          'KMODE_EXCEPTION_NOT_HANDLED',
          [STATUS_MUTANT_NOT_OWNED, 0, M],
          before >= MUTEX_FREE
            ? 'A mutex is released that nobody holds.'
            : 'A mutex is released by a thread that does not hold it.',
        )
      w32(M + MUTEX['Header.SignalState'], before + 1)
      if (before + 1 === MUTEX_FREE) w32(M + MUTEX.OwnerThread, 0)
      preempt()
      return before
    },
  }
}
