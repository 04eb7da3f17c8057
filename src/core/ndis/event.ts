import { TICKS_PER_MS } from '../clock/clock'
import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import { irqlName, PASSIVE_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { Waits } from './waits'

/** NDIS_EVENT is a KEVENT: a dispatcher header of type NotificationEvent. */
const EVENT = layout('NDIS_EVENT', 'Event.Header.Type', 'Event.Header.Size', 'Event.Header.WaitListHead')
export const SIGNAL_STATE = layout('NDIS_EVENT', 'Event.Header.SignalState')['Event.Header.SignalState']
const NOTIFICATION_EVENT = 0
const TICKS_PER_US = 10

/** Events, sleeping and stalling (DDI ndisinitializeevent, ndiswaitevent, ndismsleep, ndisstallexecution). */
export function createEvents(k: Kernel, waits: Waits) {
  const { space, cpus, clock, preempt } = k
  const { w8, w32, r32 } = space

  function stall(microseconds: number): void {
    clock.advance(microseconds * TICKS_PER_US)
    preempt()
  }
  return {
    NdisInitializeEvent(Event: number): void {
      w8(Event + EVENT['Event.Header.Type'], NOTIFICATION_EVENT)
      w8(Event + EVENT['Event.Header.Size'], EVENT.SIZE / 4)
      w32(Event + SIGNAL_STATE, 0)
      const waiters = Event + EVENT['Event.Header.WaitListHead']
      w32(waiters, waiters)
      w32(waiters + 4, waiters)
      preempt()
    },
    NdisSetEvent(Event: number): void {
      w32(Event + SIGNAL_STATE, 1)
      preempt()
    },
    NdisResetEvent(Event: number): void {
      w32(Event + SIGNAL_STATE, 0)
      preempt()
    },
    /** 0 milliseconds: no limit. */
    NdisWaitEvent(Event: number, MsToWait: number): number {
      preempt()
      if (cpus.irql() > PASSIVE_LEVEL)
        k.bugcheck(
          'BUGCODE_NDIS_DRIVER',
          [NDIS_BUGCHECK.WAIT_EVENT_HIGH_IRQL, cpus.irql()],
          `NdisWaitEvent at ${irqlName(cpus.irql())}: only a thread at PASSIVE_LEVEL may wait.`,
        )
      const signaled = (): boolean => r32(Event + SIGNAL_STATE) !== 0
      if (signaled()) return 1
      const ticks = MsToWait >>> 0 === 0 ? Infinity : (MsToWait >>> 0) * TICKS_PER_MS
      return waits.until('NdisWaitEvent', signaled, ticks) ? 1 : 0
    },
    NdisMSleep(MicrosecondsToSleep: number): void {
      preempt()
      const end = clock.now() + (MicrosecondsToSleep >>> 0) * TICKS_PER_US
      waits.until('NdisMSleep', () => clock.now() >= end, end - clock.now())
    },
    NdisStallExecution: (MicroSecondsToStall: number): void => stall(MicroSecondsToStall >>> 0),
    KeStallExecutionProcessor: (MicroSeconds: number): void => stall(MicroSeconds >>> 0),
  }
}
