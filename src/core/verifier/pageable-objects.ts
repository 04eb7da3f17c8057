import type { Kernel } from '../kernel/kernel'
import { hex } from './hex'
import { isPaged } from './pool-memory'
import type { RuleFamily } from './rules'

/** What each function initializes at the address that it is given first. */
const INITIALIZED: Readonly<Record<string, string>> = {
  NdisAllocateSpinLock: 'spin lock',
  KeInitializeSpinLock: 'spin lock',
  NdisInitializeReadWriteLock: 'read/write lock',
  NdisInitializeEvent: 'event',
  KeInitializeEvent: 'event',
  NdisInitializeTimer: 'timer',
  NdisMInitializeTimer: 'timer',
  KeInitializeTimer: 'timer',
  KeInitializeTimerEx: 'timer',
  NDIS_INIT_MUTEX: 'mutex',
  KeInitializeMutex: 'mutex',
  KeInitializeDpc: 'DPC',
}

/** What the kernel itself touches at DISPATCH_LEVEL lies in nonpaged memory (Driver Verifier DV:PageableSyncObject). */
export function pageableObjectRules(k: Kernel): RuleFamily {
  const look =
    (fn: string, what: string) =>
    (object: number): boolean => {
      if (isPaged(k, object))
        k.verifier.violation(
          'DV:PageableSyncObject',
          fn,
          `${fn} is given ${hex(object)}, which is paged pool: the kernel touches ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} at DISPATCH_LEVEL, where its page may be out.`,
        )
      return false
    }
  return { before: Object.fromEntries(Object.entries(INITIALIZED).map(([fn, what]) => [fn, look(fn, what)])) }
}
