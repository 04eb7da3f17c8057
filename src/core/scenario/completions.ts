import { createRandom, STREAM } from '../kernel/random'
import type { Machine } from '../machine'
import { LONGEST_DELAY } from './test-end'

const USUAL_TICKS = 10_000

/** When the workbench's ends give back what they were given. */
export interface Completions {
  /** Virtual time from now, ticks, at least 1. */
  delay(): number
  /** A plan of faults changes it: then every request is answered later, and every received frame kept for a while. */
  readonly changed: boolean
}

export function createCompletions({ kernel, options }: Machine): Completions {
  const { random } = kernel
  const usual = (): number => 1 + random.below(LONGEST_DELAY)
  const plan = options.faults?.completions
  if (!plan) return { delay: usual, changed: false }
  const { order, ticks = USUAL_TICKS } = plan
  const own = createRandom(options.seed ?? 1, STREAM.COMPLETIONS)
  return {
    changed: true,
    // All alike, so that the order stays; or any time up to that.
    delay: () => (order === 'delayed' ? LONGEST_DELAY + ticks : 1 + own.below(LONGEST_DELAY + ticks)),
  }
}
