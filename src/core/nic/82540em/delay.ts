import type { DeviceHost } from '../device'

/** Something that happens once at a time that may be put off; putting it off costs nothing. */
export interface Delay {
  /** Virtual time at which it happens, ticks; Infinity when nothing is to happen. */
  due(): number
  /** Also moves the time of what already waits. */
  startAt(due: number): void
  stop(): void
}

export function createDelay({ clock }: Pick<DeviceHost, 'clock'>, happen: () => void): Delay {
  let due = Infinity
  /** When the alarm goes off: earlier than `due` after it was put off. */
  let set = Infinity

  const alarm = clock.createAlarm(() => {
    set = Infinity
    if (due === Infinity) return
    if (due > clock.now()) return arm(due)
    due = Infinity
    happen()
  })
  function arm(time: number): void {
    set = time
    clock.resetAlarm(alarm, time)
  }
  return {
    due: () => due,
    startAt(time) {
      due = time
      if (time < set) arm(time)
    },
    stop: () => {
      due = Infinity
    },
  }
}
