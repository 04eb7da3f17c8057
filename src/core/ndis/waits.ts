import type { Kernel } from '../kernel/kernel'
import { APC_LEVEL, irqlName } from '../kernel/irql'

/** Virtual time after which a wait without a limit, which nothing has ended so far, counts as one for ever: a minute. */
export const FOR_EVER_TICKS = 600_000_000

/** Waiting of threads: everything else runs and time moves on meanwhile. */
export interface Waits {
  /**
   * Waits until `done`, at most `ticks`; whether it came to be. A wait without a limit that nothing can end is reported
   * as WaitForever and ends, so that the run does.
   */
  until(fn: string, done: () => boolean, ticks: number): boolean
}

export function createWaits(k: Kernel): Waits {
  const { cpus, scheduler, verifier } = k
  const conditions: (() => boolean)[] = []

  function reportForever(fn: string): void {
    // Threads of one CPU run nested: one further down cannot go on before this one does.
    const other = conditions.some((done) => done())
    verifier.violation(
      other ? 'NestedWait' : 'WaitForever',
      fn,
      other
        ? `${fn} waits without a limit for something that a thread below it on this CPU may still do, but that thread cannot go on before this one returns: NDIS Workbench runs threads nested. The call returns as if its time had run out, so that the run goes on.`
        : `${fn} waits without a limit and nothing is left that could end the wait: on Windows this thread hangs for ever. The call returns as if its time had run out, so that the run goes on.`,
    )
  }
  return {
    until(fn, done, ticks) {
      if (cpus.irql() > APC_LEVEL)
        k.bugcheck(
          'ATTEMPTED_SWITCH_FROM_DPC',
          [],
          `${fn} waits at ${irqlName(cpus.irql())}, where no other thread can run.`,
        )
      conditions.push(done)
      const ended = scheduler.runUntil(done, ticks === Infinity ? FOR_EVER_TICKS : ticks)
      conditions.pop()
      if (!ended && ticks === Infinity) reportForever(fn)
      return ended
    },
  }
}
