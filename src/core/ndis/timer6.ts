import type { Kernel } from '../kernel/kernel'
import type { Timers } from '../kernel/timers'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { Adapters } from './adapters'
import { constant } from './constants'
import type { DriverLife } from './driver'
import { isObject } from './object-header'
import { NDIS_STATUS_BAD_CHARACTERISTICS, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'
import { SYSTEM_TIME_AT_START } from './time'
import { createTimerWork } from './timer-work'

/** A timer object has the bytes of an NDIS_TIMER: KTIMER, then KDPC. */
const TIMER = layout('NDIS_TIMER', 'Dpc.DeferredRoutine', 'Dpc.DeferredContext', 'Dpc', 'Dpc.SystemArgument1')
const CHARACTERISTICS = layout('NDIS_TIMER_CHARACTERISTICS', 'AllocationTag', 'TimerFunction', 'FunctionContext')
export const TIMER_OBJECT = 'timer object'

/** A 64-bit argument: a number, a bigint, or a LARGE_INTEGER. */
const quad = (value: unknown): bigint => {
  if (typeof value === 'bigint') return value
  if (typeof value === 'object' && value !== null && 'QuadPart' in value) return quad(value.QuadPart)
  const number = Math.trunc(Number(value))
  return Number.isFinite(number) ? BigInt(number) : 0n
}

/** Timer objects of NDIS 6 (DDI ndisallocatetimerobject, ndissettimerobject, ndiscanceltimerobject). */
export function createTimers6(k: Kernel, timers: Timers, adapters: Adapters, driver: DriverLife) {
  const { space, clock, objects, preempt } = k
  const { r32, w32 } = space
  const { put32 } = k.cells
  const timerWork = createTimerWork(k, driver)

  /** Virtual time of a due time in 100 ns: negative ones are relative, others are system time. */
  function dueTicks(DueTime: unknown): number {
    const due = BigInt.asIntN(64, quad(DueTime))
    return due < 0n ? clock.now() + Number(-due) : Math.max(clock.now(), Number(due - SYSTEM_TIME_AT_START))
  }
  function arm(timer: number, DueTime: unknown, period: number, FunctionContext: number): number {
    preempt()
    // Without a context of its own the one of the characteristics applies, which lies behind it.
    w32(timer + TIMER['Dpc.SystemArgument1'], FunctionContext || r32(timer + TIMER['Dpc.DeferredContext']))
    const work = timerWork(
      timer,
      'NDIS_TIMER_FUNCTION',
      () => ({
        routine: r32(timer + TIMER['Dpc.DeferredRoutine']),
        args: [timer + TIMER.Dpc, r32(timer + TIMER['Dpc.SystemArgument1']), 0, 0],
      }),
      'NetTimerCallback',
    )
    return timers.arm(timer, dueTicks(DueTime), Math.max(0, period | 0), work) ? 1 : 0
  }

  return {
    NdisAllocateTimerObject(NdisHandle: number, TimerCharacteristics: number, pTimerObject: OutParam): number {
      preempt()
      put32(pTimerObject, 0)
      const routine = r32(TimerCharacteristics + CHARACTERISTICS.TimerFunction)
      const header = {
        type: constant('NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS'),
        size: constant('NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1'),
      }
      if (!isObject(space, TimerCharacteristics, header) || !driver.handler(routine))
        return NDIS_STATUS_BAD_CHARACTERISTICS
      const tag = r32(TimerCharacteristics + CHARACTERISTICS.AllocationTag)
      const timer = objects.create(TIMER_OBJECT, tag, TIMER.SIZE)
      if (timer === 0) return NDIS_STATUS_RESOURCES
      timers.initialize(timer, timer + TIMER.Dpc)
      w32(timer + TIMER['Dpc.DeferredRoutine'], routine)
      w32(timer + TIMER['Dpc.DeferredContext'], r32(TimerCharacteristics + CHARACTERISTICS.FunctionContext))
      adapters.find(NdisHandle)?.timers.add(timer)
      put32(pTimerObject, timer)
      return NDIS_STATUS_SUCCESS
    },
    NdisSetTimerObject: arm,
    /** The tolerance permits being late; being on time is within it. */
    NdisSetCoalescableTimerObject: (
      TimerObject: number,
      DueTime: unknown,
      MillisecondsPeriod: number,
      FunctionContext: number,
      _Tolerance: number,
    ): number => arm(TimerObject, DueTime, MillisecondsPeriod, FunctionContext),
    NdisCancelTimerObject(TimerObject: number): number {
      preempt()
      const periodic = timers.isPeriodic(TimerObject)
      const canceled = timers.cancel(TimerObject)
      // DDI ndiscanceltimerobject: after cancelling a periodic timer no callback runs; a one-shot one may still be underway.
      if (periodic) timers.flush(TimerObject)
      return canceled ? 1 : 0
    },
    NdisFreeTimerObject(TimerObject: number): void {
      if (!objects.find(TimerObject, TIMER_OBJECT))
        k.bugcheck('BAD_POOL_CALLER', [0x99, TimerObject], 'NdisFreeTimerObject was given what is no timer object.')
      adapters.forEach((adapter) => adapter.timers.delete(TimerObject))
      timers.forget(TimerObject)
      objects.destroy(TimerObject)
      preempt()
    },
  }
}
