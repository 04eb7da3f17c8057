import type { Alarm, Clock } from '../clock/clock'
import { TICKS_PER_MS } from '../clock/clock'
import type { AddressSpace } from '../memory/address-space'
import { layout } from '../memory/layout'
import type { Cpus } from './cpus'
import type { Scheduler, Work } from './scheduler'

const KTIMER = layout(
  'KTIMER',
  'Header.Type',
  'Header.Size',
  'Header.Inserted',
  'Header.SignalState',
  'Header.WaitListHead',
  'DueTime',
  'Dpc',
  'Period',
)
/** DISPATCHER_HEADER.Type of a timer that stays signaled. */
const TIMER_NOTIFICATION = 8

/** A KTIMER that counts down, or whose DPC waits. */
interface Armed {
  readonly timer: number
  readonly work: Work
  readonly cpu: number
  readonly period: number
  due: number
  /** undefined: it fired for the last time, and only its DPC may still wait. */
  alarm: Alarm | undefined
  dpcQueued: boolean
}

/** Timers by the address of their KTIMER. Times are ticks of 100 ns. */
export interface Timers {
  initialize(timer: number, dpc: number): void
  initialized(timer: number): boolean
  /** What will never be used as a timer again. */
  forget(timer: number): void
  /** Counts down anew; whether the timer was counting. `period` in milliseconds, 0: fires once. */
  arm(timer: number, due: number, period: number, work: Work): boolean
  /** Stops the countdown; whether there was one. A DPC that is queued already still runs. */
  cancel(timer: number): boolean
  /** Runs the DPC of the timer now if it is queued somewhere, so that none runs afterwards. */
  flush(timer: number): void
  isArmed(timer: number): boolean
  isPeriodic(timer: number): boolean
  /** Timers that count down, in the order of their addresses. */
  armed(): readonly number[]
}

export function createTimers(space: AddressSpace, clock: Clock, cpus: Cpus, scheduler: Scheduler): Timers {
  const { w8, w32, w64 } = space
  const known = new Set<number>()
  const active = new Map<number, Armed>()

  function publish(entry: Armed): void {
    w8(entry.timer + KTIMER['Header.Inserted'], entry.alarm ? 1 : 0)
    w64(entry.timer + KTIMER.DueTime, BigInt(entry.due))
    w32(entry.timer + KTIMER.Period, entry.period)
  }
  function settle(entry: Armed): void {
    if (!entry.alarm && !entry.dpcQueued && active.get(entry.timer) === entry) active.delete(entry.timer)
  }
  function queue(entry: Armed): void {
    // One DPC object: while it waits, firing again adds nothing.
    if (entry.dpcQueued) return
    entry.dpcQueued = true
    scheduler.queueDpc(entry.cpu, entry.work)
  }
  function countDown(entry: Armed): void {
    entry.alarm = clock.setAlarm(entry.due, () => {
      entry.alarm = undefined
      if (entry.period > 0) {
        const ticks = entry.period * TICKS_PER_MS
        entry.due += ticks * (1 + Math.floor((clock.now() - entry.due) / ticks))
        countDown(entry)
      }
      w32(entry.timer + KTIMER['Header.SignalState'], 1)
      publish(entry)
      queue(entry)
    })
  }
  function cancel(timer: number): boolean {
    const entry = active.get(timer)
    if (!entry?.alarm) return false
    clock.cancel(entry.alarm)
    entry.alarm = undefined
    publish(entry)
    settle(entry)
    return true
  }

  return {
    initialize(timer, dpc) {
      cancel(timer)
      space.fill(timer, KTIMER.SIZE, 0)
      w8(timer + KTIMER['Header.Type'], TIMER_NOTIFICATION)
      w8(timer + KTIMER['Header.Size'], KTIMER.SIZE / 4)
      w32(timer + KTIMER['Header.WaitListHead'], timer + KTIMER['Header.WaitListHead'])
      w32(timer + KTIMER['Header.WaitListHead'] + 4, timer + KTIMER['Header.WaitListHead'])
      w32(timer + KTIMER.Dpc, dpc)
      known.add(timer)
    },
    initialized: (timer) => known.has(timer),
    forget: (timer) => void known.delete(timer),
    arm(timer, due, period, work) {
      const was = cancel(timer)
      const waiting = active.get(timer)
      const entry: Armed = {
        timer,
        cpu: cpus.current(),
        period,
        due,
        alarm: undefined,
        dpcQueued: false,
        work: {
          ...work,
          run() {
            entry.dpcQueued = false
            settle(entry)
            work.run()
          },
        },
      }
      // The DPC of the last time still waits: it is the same object, and runs once.
      if (waiting?.dpcQueued) scheduler.removeDpc(waiting.work)
      active.set(timer, entry)
      if (waiting?.dpcQueued) queue(entry)
      w32(timer + KTIMER['Header.SignalState'], 0)
      countDown(entry)
      publish(entry)
      return was
    },
    cancel,
    flush(timer) {
      const entry = active.get(timer)
      if (!entry?.dpcQueued || !scheduler.removeDpc(entry.work)) return
      scheduler.runNested(entry.work.kind, entry.work.name, entry.work.irql, entry.work.run)
    },
    isArmed: (timer) => active.get(timer)?.alarm !== undefined,
    isPeriodic: (timer) => (active.get(timer)?.period ?? 0) > 0,
    armed: () => [...active.values()].flatMap((entry) => (entry.alarm ? entry.timer : [])).sort((a, b) => a - b),
  }
}
