import type { Alarm } from '../../clock/clock'
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
  let alarm: Alarm | undefined

  function fire(): void {
    alarm = undefined
    if (due === Infinity) return
    // Put off since the alarm was set.
    if (due > clock.now()) {
      alarm = clock.setAlarm(due, fire)
      return
    }
    due = Infinity
    happen()
  }
  return {
    due: () => due,
    startAt(time) {
      due = time
      if (alarm && alarm.due <= time) return
      if (alarm) clock.cancel(alarm)
      alarm = clock.setAlarm(time, fire)
    },
    stop: () => {
      due = Infinity
    },
  }
}
