import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'

/** The header of every object that threads wait for: KEVENT, KTIMER, KMUTEX. */
export const HEADER = layout('DISPATCHER_HEADER', 'Type', 'Size', 'SignalState', 'WaitListHead')

/** DISPATCHER_HEADER.Type */
export const OBJECT = {
  NOTIFICATION_EVENT: 0,
  SYNCHRONIZATION_EVENT: 1,
  MUTANT: 2,
  NOTIFICATION_TIMER: 8,
  SYNCHRONIZATION_TIMER: 9,
} as const
const KNOWN: ReadonlySet<number> = new Set(Object.values(OBJECT))

export function initializeHeader(k: Kernel, object: number, type: number, bytes: number, signalState: number): void {
  const { w8, w32 } = k.space
  w8(object + HEADER.Type, type)
  w8(object + HEADER.Size, bytes / 4)
  w32(object + HEADER.SignalState, signalState)
  const waiters = object + HEADER.WaitListHead
  w32(waiters, waiters)
  w32(waiters + 4, waiters)
}

/** Whether the bytes look like an object that was initialized: nothing ever waits in its list, which is then its own. */
export const isDispatcherObject = (k: Kernel, object: number): boolean =>
  KNOWN.has(k.space.r8(object + HEADER.Type)) &&
  k.space.r32(object + HEADER.WaitListHead) === (object + HEADER.WaitListHead) >>> 0
