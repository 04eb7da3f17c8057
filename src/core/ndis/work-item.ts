import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Adapters } from './adapters'
import type { DriverLife } from './driver'
import { NDIS_STATUS_SUCCESS } from './status'
import { firstOf, QUEUED_ITEM, watchUnload } from './left-running'

const WORK_ITEM = layout('NDIS_WORK_ITEM', 'Context', 'Routine')
export const WORK_ITEM_OBJECT = 'work item'
/** 'NDwi' */
const WORK_ITEM_TAG = 0x6977444e
const WORK_ITEM_BYTES = 32

/** Work items: routines that a system thread runs at PASSIVE_LEVEL. */
export interface WorkItems {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  isQueued(item: number): boolean
  /** Live work items that were allocated with the handle. */
  allocatedFor(handle: number): readonly number[]
}

/** Work items of both generations (DDI ndisscheduleworkitem, ndisallocateioworkitem, ndisqueueioworkitem). */
export function createWorkItems(k: Kernel, adapters: Adapters, driver: DriverLife): WorkItems {
  const { space, scheduler, cpus, objects, preempt } = k
  const { r32, w32 } = space
  const queued = new Set<number>()
  const owners = new Map<number, number>()

  function queue(item: number, entry: string, target: () => { routine: unknown; args: readonly unknown[] }): void {
    queued.add(item)
    const work = driver.work(ACTIVATION.WORK_ITEM, entry, PASSIVE_LEVEL, (invoke) => {
      queued.delete(item)
      const { routine, args } = target()
      const handler = driver.handler(routine)
      if (!handler)
        k.fault(
          Number(routine) >>> 0,
          false,
          `The work item at 0x${item.toString(16)} runs and names no function of the driver: its memory was freed or overwritten while it was queued, or it was given none.`,
        )
      invoke(handler, args)
    })
    scheduler.queueThread(cpus.current(), work)
  }

  const functions = {
    NdisInitializeWorkItem(WorkItem: number, Routine: unknown, Context: number): void {
      w32(WorkItem + WORK_ITEM.Context, Context)
      w32(WorkItem + WORK_ITEM.Routine, driver.address(Routine))
      preempt()
    },
    NdisScheduleWorkItem(WorkItem: number): number {
      queue(WorkItem, 'NdisWorkItemRoutine', () => ({
        routine: r32(WorkItem + WORK_ITEM.Routine),
        args: [WorkItem, r32(WorkItem + WORK_ITEM.Context)],
      }))
      preempt()
      return NDIS_STATUS_SUCCESS
    },
    NdisAllocateIoWorkItem(NdisObjectHandle: number): number {
      preempt()
      const item = objects.create(WORK_ITEM_OBJECT, WORK_ITEM_TAG, WORK_ITEM_BYTES)
      if (item !== 0) owners.set(item, NdisObjectHandle)
      return item
    },
    NdisQueueIoWorkItem(NdisIoWorkItemHandle: number, Routine: unknown, WorkItemContext: number): void {
      queue(NdisIoWorkItemHandle, 'NDIS_IO_WORKITEM', () => ({
        routine: Routine,
        args: [WorkItemContext, NdisIoWorkItemHandle],
      }))
      preempt()
    },
    NdisFreeIoWorkItem(NdisIoWorkItemHandle: number): void {
      if (!objects.find(NdisIoWorkItemHandle, WORK_ITEM_OBJECT))
        k.bugcheck(
          'BAD_POOL_CALLER',
          [0x99, NdisIoWorkItemHandle],
          'NdisFreeIoWorkItem was given what is no work item.',
        )
      owners.delete(NdisIoWorkItemHandle)
      objects.destroy(NdisIoWorkItemHandle)
      preempt()
    },
  }
  watchUnload(k, driver, () => firstOf(queued), QUEUED_ITEM)
  return {
    functions,
    isQueued: (item) => queued.has(item),
    allocatedFor: (handle) =>
      adapters.find(handle) ? [...owners].flatMap(([item, owner]) => (owner === handle ? item : [])) : [],
  }
}
