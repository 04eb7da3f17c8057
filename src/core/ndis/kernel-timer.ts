import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Timers } from '../kernel/timers'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { HEADER, OBJECT } from './dispatcher'
import type { Dpcs } from './dpc'
import { largeInteger, ticksUntil } from './due-time'

const DPC_OF_TIMER = layout('KTIMER', 'Dpc').Dpc
const SYNCHRONIZATION_TIMER = constant('SynchronizationTimer')

/** Kernel timers in storage of the driver (WDM keinitializetimerex, kesettimerex, kecanceltimer). Period in milliseconds. */
export function createKernelTimers(k: Kernel, timers: Timers, dpcs: Dpcs) {
  const { clock, preempt } = k
  const { w8, r32, w32 } = k.space
  const DISPATCH = { kind: ACTIVATION.TIMER, irql: DISPATCH_LEVEL }

  function initialize(timer: number, type: number): void {
    timers.initialize(timer, 0)
    w8(timer + HEADER.Type, type)
    preempt()
  }
  function set(timer: number, dueTime: unknown, period: number, dpc: number): number {
    preempt()
    const work =
      dpc === 0
        ? { ...DISPATCH, name: 'KTIMER', run: () => undefined }
        : dpcs.timerWork(timer, () => r32(timer + DPC_OF_TIMER))
    const was = timers.arm(timer, clock.now() + ticksUntil(k, largeInteger(dueTime)), period, work)
    w32(timer + DPC_OF_TIMER, dpc)
    return was ? 1 : 0
  }
  return {
    KeInitializeTimer: (Timer: number): void => initialize(Timer, OBJECT.NOTIFICATION_TIMER),
    KeInitializeTimerEx: (Timer: number, Type: number): void =>
      initialize(Timer, Type === SYNCHRONIZATION_TIMER ? OBJECT.SYNCHRONIZATION_TIMER : OBJECT.NOTIFICATION_TIMER),
    KeSetTimer: (Timer: number, DueTime: number | bigint, Dpc?: number): number => set(Timer, DueTime, 0, Dpc ?? 0),
    KeSetTimerEx: (Timer: number, DueTime: number | bigint, Period: number, Dpc?: number): number =>
      set(Timer, DueTime, Period >>> 0, Dpc ?? 0),
    KeCancelTimer(Timer: number): number {
      preempt()
      return timers.cancel(Timer) ? 1 : 0
    },
  }
}
