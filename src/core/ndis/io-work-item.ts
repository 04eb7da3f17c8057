import { ACTIVATION } from '../kernel/cpus'
import { PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Devices } from './devices'
import type { DriverLife } from './driver'
import { firstOf, QUEUED_ITEM, watchUnload } from './left-running'

export const IO_WORK_ITEM = 'I/O work item'
/** 'IoWo' */
const WORK_ITEM_TAG = 0x6f576f49
const WORK_ITEM_BYTES = 32

export interface IoWorkItems {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  isQueued(item: number): boolean
}

/** Work items of a device object (WDM IoAllocateWorkItem, IoQueueWorkItem, IoFreeWorkItem). */
export function createIoWorkItems(k: Kernel, devices: Devices, driver: DriverLife): IoWorkItems {
  const { objects, scheduler, cpus, preempt } = k
  const owners = new Map<number, number>()
  const queued = new Set<number>()

  function check(fn: string, item: number): void {
    if (!objects.find(item, IO_WORK_ITEM)) k.fault(item, true, `${fn} was given what is no work item.`)
  }
  /** The device stays while the routine is waited for and while it runs, whatever the driver does meanwhile. */
  function queue(item: number, routine: number, context: number): void {
    const device = devices.find(owners.get(item) ?? 0)
    if (device) devices.reference(device)
    queued.add(item)
    const work = driver.work(ACTIVATION.WORK_ITEM, 'IO_WORKITEM_ROUTINE', PASSIVE_LEVEL, (invoke) => {
      queued.delete(item)
      const handler =
        driver.handler(routine) ?? k.fault(routine, false, 'The routine of a work item is no function of the driver.')
      invoke(handler, [device?.address ?? 0, context])
      if (device) devices.release(device)
    })
    scheduler.queueThread(cpus.current(), work)
  }
  watchUnload(k, driver, () => firstOf(queued), QUEUED_ITEM)
  return {
    isQueued: (item) => queued.has(item),
    functions: {
      IoAllocateWorkItem(DeviceObject: number): number {
        preempt()
        const item = objects.create(IO_WORK_ITEM, WORK_ITEM_TAG, WORK_ITEM_BYTES)
        if (item !== 0) owners.set(item, DeviceObject)
        return item
      },
      IoQueueWorkItem(IoWorkItem: number, WorkerRoutine: unknown, _QueueType: number, Context: number): void {
        check('IoQueueWorkItem', IoWorkItem)
        queue(IoWorkItem, driver.address(WorkerRoutine), Context)
        preempt()
      },
      IoFreeWorkItem(IoWorkItem: number): void {
        check('IoFreeWorkItem', IoWorkItem)
        owners.delete(IoWorkItem)
        objects.destroy(IoWorkItem)
        preempt()
      },
    },
  }
}
