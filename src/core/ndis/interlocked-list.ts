import { DISPATCH_LEVEL, HIGH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Links } from './links'
import type { LockWord } from './lock-word'

/** Changes a list under its lock. */
type Locked = (lock: number, change: () => number) => number

/**
 * Lists under a spin lock that the call takes and releases itself (DDI ndisinterlockedinsertheadlist ...): a caller that
 * holds the lock already waits for itself.
 */
export function createInterlockedLists(k: Kernel, links: Links, { takeInside, dropInside }: LockWord) {
  const { preempt } = k
  /** The calls of the kernel run with interrupts off (WDM exinterlockedinsertheadlist), those of NDIS at DISPATCH_LEVEL. */
  const lockedAt =
    (level: number) =>
    (lock: number, change: () => number): number => {
      preempt()
      const irql = takeInside(lock, level)
      const result = change()
      dropInside(lock, irql)
      return result
    }
  const locked = lockedAt(DISPATCH_LEVEL)
  const lockedEx = lockedAt(HIGH_LEVEL)
  /** The neighbour that an insertion displaces; NULL when the list was empty, as ExInterlockedInsert*List. */
  const displaced = (head: number, neighbour: number): number => (neighbour === head >>> 0 ? 0 : neighbour)

  const insertHead =
    (under: Locked) =>
    (ListHead: number, ListEntry: number, Lock: number): number =>
      under(Lock, () => {
        const first = links.first(ListHead)
        links.insertHead(ListHead, ListEntry)
        return displaced(ListHead, first)
      })
  const insertTail =
    (under: Locked) =>
    (ListHead: number, ListEntry: number, Lock: number): number =>
      under(Lock, () => {
        const last = links.last(ListHead)
        links.insertTail(ListHead, ListEntry)
        return displaced(ListHead, last)
      })
  const removeHead =
    (under: Locked) =>
    (ListHead: number, Lock: number): number =>
      under(Lock, () => {
        if (links.isEmpty(ListHead)) return 0
        const first = links.first(ListHead)
        links.remove(first)
        return first
      })
  const pushSequenced =
    (under: Locked) =>
    (ListHead: number, ListEntry: number, Lock: number): number =>
      under(Lock, () => links.pushSequenced(ListHead, ListEntry))
  const popSequenced =
    (under: Locked) =>
    (ListHead: number, Lock: number): number =>
      under(Lock, () => links.popSequenced(ListHead))

  return {
    NdisInterlockedInsertHeadList: insertHead(locked),
    NdisInterlockedInsertTailList: insertTail(locked),
    NdisInterlockedRemoveHeadList: removeHead(locked),
    ExInterlockedInsertHeadList: insertHead(lockedEx),
    ExInterlockedInsertTailList: insertTail(lockedEx),
    ExInterlockedRemoveHeadList: removeHead(lockedEx),
    NdisInterlockedPushEntryList: (ListHead: number, ListEntry: number, Lock: number): number =>
      locked(Lock, () => links.push(ListHead, ListEntry)),
    NdisInterlockedPopEntryList: (ListHead: number, Lock: number): number => locked(Lock, () => links.pop(ListHead)),
    NdisInterlockedPushEntrySList: pushSequenced(locked),
    NdisInterlockedPopEntrySList: popSequenced(locked),
    ExInterlockedPushEntrySList: pushSequenced(lockedEx),
    ExInterlockedPopEntrySList: popSequenced(lockedEx),
    /** No lock: the whole list goes in one exchange. */
    NdisInterlockedFlushSList(SListHead: number): number {
      preempt()
      return links.flushSequenced(SListHead)
    },
  }
}
