import type { Kernel } from '../kernel/kernel'
import { LONGEST_DELAY } from './test-end'

/** When the workbench's ends give back what they were given. */
export interface Completions {
  /** Virtual time from now, ticks, at least 1. */
  delay(): number
  /** A plan of faults changes it: then every request is answered later, and every received frame kept for a while. */
  readonly changed: boolean
}

export const createCompletions = ({ random, late }: Kernel): Completions => ({
  changed: late !== undefined,
  delay: () => late?.delay(LONGEST_DELAY) ?? 1 + random.below(LONGEST_DELAY),
})
