import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import type { Work } from '../kernel/scheduler'
import type { DriverLife } from './driver'

/** What a timer calls; read from its own bytes when it fires. */
export interface TimerTarget {
  readonly routine: number
  readonly args: readonly unknown[]
}

/** The DPC of a timer, at DISPATCH_LEVEL. A timer whose memory no longer names a function stops the machine. */
export function createTimerWork(k: Kernel, driver: DriverLife) {
  return (timer: number, entry: string, target: () => TimerTarget, name?: string): Work =>
    driver.work(
      ACTIVATION.TIMER,
      entry,
      DISPATCH_LEVEL,
      (invoke) => {
        const { routine, args } = target()
        const handler = driver.handler(routine)
        if (!handler)
          k.bugcheck(
            'TIMER_OR_DPC_INVALID',
            [0, timer, routine],
            `The timer at 0x${timer.toString(16)} fires and its memory holds no function of the driver: it was freed or overwritten while the timer was armed, or the timer was given none.`,
          )
        invoke(handler, args)
      },
      name,
    )
}
