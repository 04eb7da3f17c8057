import type { Kernel } from '../kernel/kernel'

/** Looks for what takes too long, with one alarm however much is under way. */
export interface Watch {
  /** Something began now that must be over in time. */
  started(): void
}

/**
 * `report` is given a time: it reports all that began then or earlier and is not over, and says when the oldest of the rest
 * began, Infinity when there is none. Times and the limit are ticks.
 */
export function createWatch(k: Kernel, limit: number, report: (began: number) => number): Watch {
  let armed = false
  function arm(began: number): void {
    armed = true
    k.clock.setAlarm(began + limit, () => {
      armed = false
      const oldest = report(k.clock.now() - limit)
      if (oldest !== Infinity) arm(oldest)
    })
  }
  return {
    started() {
      if (!armed) arm(k.clock.now())
    },
  }
}
