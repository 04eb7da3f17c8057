import type { FaultPlan } from '../verifier/fault-plan'
import { createRandom, STREAM } from './random'

/** A plan of faults under which whatever NDIS and the workbench's own ends give back to a driver comes later than usual. */
export interface LateCompletions {
  /** Ticks until something comes back that usually takes up to `longest`, 50 microseconds if not said; at least 1. */
  delay(longest?: number): number
}

const USUAL_TICKS = 10_000
const USUAL_LONGEST = 500

/** undefined: everything comes as ever. */
export function createLateCompletions({ completions }: FaultPlan, seed: number): LateCompletions | undefined {
  if (!completions) return undefined
  const { order, ticks = USUAL_TICKS } = completions
  const random = createRandom(seed, STREAM.COMPLETIONS)
  // All alike, so that the order stays; or any time up to that.
  if (order === 'delayed') return { delay: (longest = USUAL_LONGEST) => longest + ticks }
  return { delay: (longest = USUAL_LONGEST) => 1 + random.below(longest + ticks) }
}
