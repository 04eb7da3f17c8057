import type { Kernel } from '../kernel/kernel'
import { ACQUIRE_FORM } from '../kernel/locks'
import type { Links } from './links'
import type { LockWord } from './lock-word'

/**
 * Lists under a spin lock that the call takes and releases itself (DDI ndisinterlockedinsertheadlist ...): a caller that
 * holds the lock already waits for itself.
 */
export function createInterlockedLists(k: Kernel, links: Links, { take, drop }: LockWord) {
  const { preempt } = k
  function locked(lock: number, change: () => number): number {
    preempt()
    take(lock, ACQUIRE_FORM.INTERLOCKED)
    const result = change()
    drop(lock)
    return result
  }
  /** The neighbour that an insertion displaces; NULL when the list was empty, as ExInterlockedInsert*List. */
  const displaced = (head: number, neighbour: number): number => (neighbour === head >>> 0 ? 0 : neighbour)

  const insertHead = (ListHead: number, ListEntry: number, Lock: number): number =>
    locked(Lock, () => {
      const first = links.first(ListHead)
      links.insertHead(ListHead, ListEntry)
      return displaced(ListHead, first)
    })
  const insertTail = (ListHead: number, ListEntry: number, Lock: number): number =>
    locked(Lock, () => {
      const last = links.last(ListHead)
      links.insertTail(ListHead, ListEntry)
      return displaced(ListHead, last)
    })
  const removeHead = (ListHead: number, Lock: number): number =>
    locked(Lock, () => {
      if (links.isEmpty(ListHead)) return 0
      const first = links.first(ListHead)
      links.remove(first)
      return first
    })
  const pushSequenced = (ListHead: number, ListEntry: number, Lock: number): number =>
    locked(Lock, () => links.pushSequenced(ListHead, ListEntry))
  const popSequenced = (ListHead: number, Lock: number): number => locked(Lock, () => links.popSequenced(ListHead))

  return {
    NdisInterlockedInsertHeadList: insertHead,
    NdisInterlockedInsertTailList: insertTail,
    NdisInterlockedRemoveHeadList: removeHead,
    ExInterlockedInsertHeadList: insertHead,
    ExInterlockedInsertTailList: insertTail,
    ExInterlockedRemoveHeadList: removeHead,
    NdisInterlockedPushEntryList: (ListHead: number, ListEntry: number, Lock: number): number =>
      locked(Lock, () => links.push(ListHead, ListEntry)),
    NdisInterlockedPopEntryList: (ListHead: number, Lock: number): number => locked(Lock, () => links.pop(ListHead)),
    NdisInterlockedPushEntrySList: pushSequenced,
    NdisInterlockedPopEntrySList: popSequenced,
    ExInterlockedPushEntrySList: pushSequenced,
    ExInterlockedPopEntrySList: popSequenced,
    /** No lock: the whole list goes in one exchange. */
    NdisInterlockedFlushSList(SListHead: number): number {
      preempt()
      return links.flushSequenced(SListHead)
    },
  }
}
