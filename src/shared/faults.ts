/**
 * Faults that a run injects: what a driver meets on a bad day, brought about on purpose. A plan is JSON and part of the run
 * configuration; the same plan and seed give the same run. The injector has a generator of its own, seeded with the run's
 * seed, so that a plan which injects nothing leaves the schedule as it is.
 */
import { z } from 'zod'
import type { FaultPlan } from '../core/verifier/fault-plan'

export type {
  AllocationFaults,
  AllocationSite,
  FaultPlan,
  FaultReport,
  FaultSurvey,
  RemovalPoint,
} from '../core/verifier/fault-plan'

/** Bytes: less than that starts no driver, more is the whole heap. */
export const LOW_MEMORY = { least: 0, most: 0x4000_0000 } as const
/** Longest delay of a completion, ticks of 100 ns: ten seconds. Some requests may take no longer than twelve. */
export const LONGEST_COMPLETION_DELAY = 100_000_000
/** A delay that outlasts most of what a driver does meanwhile, ticks: one millisecond. */
export const USUAL_COMPLETION_DELAY = 10_000
const MOST_COUNT = 1_000_000_000

const STACK_KEYS = /^[0-9a-f]{8}(?:\+[0-9a-f]{8})*$/
const count = z.int().min(1).max(MOST_COUNT)
const allocationFaults = z.strictObject({
  nth: count.optional(),
  share: z.number().min(0).max(1).optional(),
  stack: z.string().regex(STACK_KEYS, 'stack takes keys of 8 hexadecimal digits, + between several').optional(),
  tag: z.string().min(1).max(4).optional(),
  function: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*\*?$|^\*$/, 'a function is a name, which may end with *')
    .optional(),
})

export const faultPlan: z.ZodType<FaultPlan> = z.strictObject({
  allocations: allocationFaults.optional(),
  memory: z
    .strictObject({ bytes: z.int().min(LOW_MEMORY.least).max(LOW_MEMORY.most), from: count.optional() })
    .optional(),
  completions: z
    .strictObject({
      order: z.enum(['delayed', 'unordered']),
      ticks: z.int().min(1).max(LONGEST_COMPLETION_DELAY).optional(),
    })
    .optional(),
  removeAt: count.optional(),
  survey: z.boolean().optional(),
})

/** Checks a plan that came from outside. @throws RangeError that says which part is wrong. */
export function checkFaults(given: unknown): void {
  const checked = given === undefined ? undefined : faultPlan.safeParse(given)
  if (!checked?.error) return
  const [issue] = checked.error.issues
  throw new RangeError(`${['faults', ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'is no plan of faults'}`)
}
