import { TICKS_PER_MS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import type { Timers } from '../kernel/timers'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { Adapters } from './adapters'
import type { DriverLife } from './driver'
import type { Serial } from './serial'
import { createTimerWork } from './timer-work'

const TIMER = layout('NDIS_TIMER', 'Dpc', 'Dpc.DeferredRoutine', 'Dpc.DeferredContext')
const MINIPORT_TIMER = layout('NDIS_MINIPORT_TIMER', 'Dpc', 'MiniportTimerFunction', 'MiniportTimerContext', 'Miniport')

/** Timers of NDIS 3 to 5, in storage of the driver (PV ff552321, ff550828; XP 103ndisx_0oky). Delays in milliseconds. */
export function createTimers5(k: Kernel, timers: Timers, adapters: Adapters, driver: DriverLife, serial: Serial) {
  const { space, clock, preempt } = k
  const { r32, w32 } = space
  const timerWork = createTimerWork(k, driver)

  const plain = (timer: number) =>
    timerWork(timer, 'NDIS_TIMER_FUNCTION', () => ({
      routine: r32(timer + TIMER['Dpc.DeferredRoutine']),
      args: [timer + TIMER.Dpc, r32(timer + TIMER['Dpc.DeferredContext']), 0, 0],
    }))
  /** PV NdisMInitializeTimer: NDIS calls the timer function of a serialized miniport as it calls its other functions. */
  function miniport(timer: number): Work {
    const work = timerWork(timer, 'MiniportTimer', () => ({
      routine: r32(timer + MINIPORT_TIMER.MiniportTimerFunction),
      args: [timer + MINIPORT_TIMER.Dpc, r32(timer + MINIPORT_TIMER.MiniportTimerContext), 0, 0],
    }))
    const own: Work = {
      ...work,
      run() {
        const adapter = adapters.find(r32(timer + MINIPORT_TIMER.Miniport))
        const cpu = k.cpus.current()
        if (adapter && !serial.enter(adapter)) return serial.whenFree(adapter, () => k.scheduler.queueDpc(cpu, own))
        work.run()
        if (adapter) serial.leave(adapter)
      },
    }
    return own
  }
  type MakeWork = (timer: number) => Work

  function arm(make: MakeWork, timer: number, delay: number, period: number): void {
    preempt()
    timers.arm(timer, clock.now() + (delay >>> 0) * TICKS_PER_MS, period >>> 0, make(timer))
  }
  function cancel(timer: number, TimerCanceled: OutParam): void {
    preempt()
    k.cells.put8(TimerCanceled, timers.cancel(timer) ? 1 : 0)
  }

  return {
    NdisInitializeTimer(Timer: number, TimerFunction: unknown, FunctionContext: number): void {
      preempt()
      timers.initialize(Timer, Timer + TIMER.Dpc)
      w32(Timer + TIMER['Dpc.DeferredRoutine'], driver.address(TimerFunction))
      w32(Timer + TIMER['Dpc.DeferredContext'], FunctionContext)
    },
    NdisSetTimer: (Timer: number, MillisecondsToDelay: number): void => arm(plain, Timer, MillisecondsToDelay, 0),
    NdisSetTimerEx(Timer: number, MillisecondsToDelay: number, FunctionContext: number): void {
      w32(Timer + TIMER['Dpc.DeferredContext'], FunctionContext)
      arm(plain, Timer, MillisecondsToDelay, 0)
    },
    NdisSetPeriodicTimer: (NdisTimer: number, MillisecondsPeriod: number): void =>
      arm(plain, NdisTimer, MillisecondsPeriod, MillisecondsPeriod),
    NdisCancelTimer: cancel,
    NdisMInitializeTimer(
      Timer: number,
      MiniportAdapterHandle: number,
      TimerFunction: unknown,
      FunctionContext: number,
    ): void {
      preempt()
      timers.initialize(Timer, Timer + MINIPORT_TIMER.Dpc)
      w32(Timer + MINIPORT_TIMER.MiniportTimerFunction, driver.address(TimerFunction))
      w32(Timer + MINIPORT_TIMER.MiniportTimerContext, FunctionContext)
      w32(Timer + MINIPORT_TIMER.Miniport, MiniportAdapterHandle)
      adapters.find(MiniportAdapterHandle)?.timers.add(Timer)
    },
    NdisMSetTimer: (Timer: number, MillisecondsToDelay: number): void => arm(miniport, Timer, MillisecondsToDelay, 0),
    NdisMSetPeriodicTimer: (Timer: number, MillisecondPeriod: number): void =>
      arm(miniport, Timer, MillisecondPeriod, MillisecondPeriod),
    NdisMCancelTimer: cancel,
  }
}
