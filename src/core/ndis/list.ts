import type { Kernel } from '../kernel/kernel'
import type { Links } from './links'

/** Lists without a lock (WDM list pages, DDI ndisinitializelisthead): the driver keeps callers apart. */
export function createLists(k: Kernel, links: Links) {
  const { preempt } = k
  function initialize(ListHead: number): void {
    links.initialize(ListHead)
    preempt()
  }
  /** The head itself when the list is empty: its neighbours are itself, and taking it out changes nothing. */
  function removed(entry: number): number {
    links.remove(entry)
    preempt()
    return entry
  }
  return {
    NdisInitializeListHead: initialize,
    InitializeListHead: initialize,
    IsListEmpty(ListHead: number): number {
      preempt()
      return links.isEmpty(ListHead) ? 1 : 0
    },
    InsertHeadList(ListHead: number, Entry: number): void {
      links.insertHead(ListHead, Entry)
      preempt()
    },
    InsertTailList(ListHead: number, Entry: number): void {
      links.insertTail(ListHead, Entry)
      preempt()
    },
    RemoveHeadList: (ListHead: number): number => removed(links.first(ListHead)),
    RemoveTailList: (ListHead: number): number => removed(links.last(ListHead)),
    RemoveEntryList(Entry: number): number {
      const empty = links.remove(Entry)
      preempt()
      return empty ? 1 : 0
    },
    PushEntryList(ListHead: number, Entry: number): void {
      links.push(ListHead, Entry)
      preempt()
    },
    PopEntryList(ListHead: number): number {
      const first = links.pop(ListHead)
      preempt()
      return first
    },
    NdisInitializeSListHead(SListHead: number): void {
      links.initializeSequenced(SListHead)
      preempt()
    },
    NdisQueryDepthSList(SListHead: number): number {
      preempt()
      return links.depth(SListHead)
    },
  }
}
