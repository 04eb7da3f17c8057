import type { Kernel } from '../kernel/kernel'
import type { Executive } from '../ndis/executive'
import { WORK_ITEM_OBJECT } from '../ndis/work-item'
import { badHandle } from './handles'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { RuleFamily } from './rules'

/** Work items: queued twice, freed while queued, left by an adapter (DDI ndisallocateioworkitem, ndisfreeioworkitem). */
export function workItemRules(k: Kernel, { workItems, adapters }: Executive): RuleFamily {
  const { violation } = k.verifier
  const siteOf = (item: number): number => k.objects.find(item, WORK_ITEM_OBJECT)?.allocated ?? 0

  function queue(fn: string, item: number): boolean {
    if (!workItems.isQueued(item)) return false
    violation(
      'WorkItemQueuedTwice',
      fn,
      `${fn} queues the work item at ${hex(item)}, which waits already: one item is in one place of the queue.`,
    )
    return true
  }
  adapters.watch({
    ended(adapter) {
      for (const item of workItems.allocatedFor(adapter.handle)) {
        if (k.verifier.level('Init_NdisAllocateIoWorkItem') !== 'off') k.verifier.leftBehind.add(item)
        violation(
          'Init_NdisAllocateIoWorkItem',
          lastCallback(adapter),
          `The work item at ${hex(item)} of this adapter was not freed when the adapter ended.`,
          { at: siteOf(item), allocated: siteOf(item) },
        )
      }
    },
  })
  return {
    before: {
      NdisScheduleWorkItem: (item: number) => queue('NdisScheduleWorkItem', item),
      NdisQueueIoWorkItem: (item: number) =>
        badHandle(k, 'NdisQueueIoWorkItem', item, WORK_ITEM_OBJECT) || queue('NdisQueueIoWorkItem', item),
      NdisFreeIoWorkItem(item: number) {
        if (badHandle(k, 'NdisFreeIoWorkItem', item, WORK_ITEM_OBJECT)) return true
        if (!workItems.isQueued(item)) return false
        violation(
          'WorkItemFreedWhileQueued',
          'NdisFreeIoWorkItem',
          `The work item at ${hex(item)} is freed while it waits in the queue.`,
          { allocated: siteOf(item) },
        )
        return true
      },
    },
  }
}
