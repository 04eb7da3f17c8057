import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { HEADER, initializeHeader, OBJECT } from './dispatcher'

const EVENT_BYTES = layout('KEVENT').SIZE
const SYNCHRONIZATION_EVENT = constant('SynchronizationEvent')

/** Kernel events (WDM keinitializeevent, kesetevent, keresetevent, keclearevent). */
export function createKernelEvents(k: Kernel) {
  const { r32, w32 } = k.space
  /** Sets the state and gives the one before. */
  function exchange(event: number, state: number): number {
    const before = r32(event + HEADER.SignalState) | 0
    w32(event + HEADER.SignalState, state)
    k.preempt()
    return before
  }
  return {
    KeInitializeEvent(Event: number, Type: number, State: unknown): void {
      const type = Type === SYNCHRONIZATION_EVENT ? OBJECT.SYNCHRONIZATION_EVENT : OBJECT.NOTIFICATION_EVENT
      initializeHeader(k, Event, type, EVENT_BYTES, State ? 1 : 0)
      k.preempt()
    },
    KeSetEvent: (Event: number, _Increment: number, _Wait: unknown): number => exchange(Event, 1),
    KeResetEvent: (Event: number): number => exchange(Event, 0),
    KeClearEvent: (Event: number): void => void exchange(Event, 0),
  }
}
