import type { AddressSpace } from '../memory/address-space'
import { SYS_MACHINE } from '../memory/records'
import { createAlarms, type Alarm } from './alarms'

export type { Alarm }

/** Nanoseconds in one tick of virtual time. */
export const TICK_NS = 100
/** Ticks in a millisecond. */
export const TICKS_PER_MS = 10_000

/** Ticks in the low word of a time. */
const EPOCH = 0x1_0000_0000

/**
 * Virtual time in ticks of 100 ns. Every interface call takes one tick. What counts down is one word in shared memory,
 * so that a call costs one decrement and a reader of the memory knows the time: now = SliceEnd - Slice.
 */
export interface Clock {
  now(): number
  /** Takes one tick; true when something is due (call the scheduler). */
  tick(): boolean
  advance(ticks: number): void
  /** Fires once at `due`; alarms of one time fire in the order they were set. */
  setAlarm(due: number, fire: () => void): Alarm
  /** An alarm that is not set yet, for what happens again and again: resetAlarm() allocates nothing. */
  createAlarm(fire: () => void): Alarm
  /** Sets an alarm for another time, whether it waits or not. */
  resetAlarm(alarm: Alarm, due: number): void
  cancel(alarm: Alarm): boolean
  /**
   * Something from outside of the machine happens as soon as time is looked at. It may be called at any moment, also by a debugger
   * in the middle of what the machine does.
   */
  post(happen: () => void): void
  nextDue(): number
  /** Fires what is due now. */
  fireDue(): void
  /** Makes the next tick() return true. */
  interrupt(): void
  /** Arms the countdown for the next alarm, at most `quantum` ticks away. */
  arm(quantum: number): void
}

export function createClock(space: AddressSpace, machine: number): Clock {
  const { i32 } = space
  const slice = (machine + SYS_MACHINE.Slice) >> 2
  const endLow = (machine + SYS_MACHINE.SliceEnd) >> 2
  const context = (machine + SYS_MACHINE.Context) >> 2
  let sliceEnd = 0
  const alarms = createAlarms()
  const posted: (() => void)[] = []

  const now = (): number => sliceEnd - i32[slice]!
  function setEnd(end: number, left: number): void {
    sliceEnd = end
    i32[endLow] = end | 0
    i32[endLow + 1] = Math.floor(end / EPOCH)
    i32[slice] = left
    i32[context] = (i32[context]! & 0xff) | (Math.floor((end - left) / EPOCH) << 8)
  }
  const arm = (quantum: number): void => {
    const time = now()
    // Never across a multiple of 2^32: the high word of the time changes here and nowhere else.
    const left = Math.max(0, Math.min(quantum, alarms.nextDue() - time, 0x3fff_ffff, EPOCH - (time % EPOCH)))
    setEnd(time + left, left)
    // What was posted meanwhile must not wait for the end of the countdown.
    if (posted.length > 0) interrupt()
  }
  const interrupt = (): void => setEnd(now(), 0)
  function resetAlarm(alarm: Alarm, due: number): void {
    if (alarms.set(alarm, due)) interrupt()
  }

  return {
    now,
    tick: () => (i32[slice] = (i32[slice]! - 1) | 0) <= 0,
    advance(ticks) {
      const time = now() + ticks
      setEnd(time, 0)
    },
    setAlarm(due, fire) {
      const alarm = alarms.create(fire)
      resetAlarm(alarm, due)
      return alarm
    },
    createAlarm: alarms.create,
    resetAlarm,
    cancel: alarms.cancel,
    post(happen) {
      posted.push(happen)
      interrupt()
    },
    nextDue: alarms.nextDue,
    fireDue() {
      while (posted.length > 0) posted.shift()!()
      while (alarms.nextDue() <= now()) alarms.take().fire()
    },
    interrupt,
    arm,
  }
}
