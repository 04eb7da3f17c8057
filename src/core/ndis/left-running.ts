import type { Kernel } from '../kernel/kernel'
import type { DriverLife } from './driver'

/**
 * Stops the machine when the driver is unloaded while something of it may still run. `find` gives the address of such an
 * object, `text` says what it is and what becomes of it: 'timer', 'is armed: its function is gone when it fires'.
 */
export function watchUnload(
  k: Kernel,
  driver: Pick<DriverLife, 'addPart'>,
  find: () => number | undefined,
  [what, state]: readonly [what: string, state: string],
): void {
  driver.addPart({
    unloaded() {
      const object = find()
      if (object !== undefined)
        k.bugcheck(
          'DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS',
          [object, 0],
          `The driver is unloaded while its ${what} at 0x${object.toString(16)} ${state}.`,
        )
    },
  })
}

/** Of a Set: the first one. */
export const firstOf = (objects: ReadonlySet<number>): number | undefined => objects.values().next().value
export const QUEUED_ITEM = ['work item', 'is still queued: its routine is gone when a thread gets to it'] as const
