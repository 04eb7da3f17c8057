/**
 * Faults that a run injects: what a driver meets on a bad day, brought about on purpose. A plan is JSON and part of the run
 * configuration; the same plan and seed give the same run. The injector has a generator of its own, seeded with the run's
 * seed, so that a plan which injects nothing leaves the schedule as it is.
 */
import { z } from 'zod'
import type { SourceLocation } from './report'

/** Bytes: less than that starts no driver, more is the whole heap. */
export const LOW_MEMORY = { least: 0, most: 0x4000_0000 } as const
/** Longest delay of a completion, ticks of 100 ns: ten seconds. Some requests may take no longer than twelve. */
export const LONGEST_COMPLETION_DELAY = 100_000_000
/** A delay that outlasts most of what a driver does meanwhile, ticks: one millisecond. */
export const USUAL_COMPLETION_DELAY = 10_000
const MOST_COUNT = 1_000_000_000

const count = z.int().min(1).max(MOST_COUNT)
const allocationFaults = z.strictObject({
  nth: count.optional(),
  share: z.number().min(0).max(1).optional(),
  stack: z
    .string()
    .regex(/^[0-9a-f]{8}$/, 'a stack key is 8 hexadecimal digits')
    .optional(),
  tag: z.string().min(1).max(4).optional(),
  function: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]*\*?$|^\*$/, 'a function is a name, which may end with *')
    .optional(),
})

/** Checks a plan that came from outside. */
export const faultPlan = z.strictObject({
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

/**
 * Which calls of allocating functions fail. `tag` and `function` choose the calls that count; of those fail: the `nth` (from
 * 1), a `share` of them (0 to 1, by seed), the first one from the call stack with the key `stack`; all when none is given.
 */
export interface AllocationFaults {
  readonly nth?: number | undefined
  readonly share?: number | undefined
  readonly stack?: string | undefined
  /** One to four characters, as debuggers show it. Calls without a tag do not count. */
  readonly tag?: string | undefined
  /** A name, or the beginning of names with `*` behind it. */
  readonly function?: string | undefined
}

export interface FaultPlan {
  readonly allocations?: AllocationFaults | undefined
  /** The driver may have so many bytes of memory at a time, from its `from`-th allocating call on (1: from the start). */
  readonly memory?: { readonly bytes: number; readonly from?: number | undefined } | undefined
  /**
   * Sends, receives and OID requests that come back from the workbench's ends take `ticks` (100 ns each) longer, or some
   * time up to that, so that they overtake each other. One millisecond when `ticks` is left out.
   */
  readonly completions?: { readonly order: 'delayed' | 'unordered'; readonly ticks?: number | undefined } | undefined
  /** The hardware is pulled at this point of the run, from 1: a callback begins, an interface function is called, a callback returns. */
  readonly removeAt?: number | undefined
  /** The report lists where the run could fail: RunReport.survey. */
  readonly survey?: boolean | undefined
}

/** A fault that was injected. */
export interface FaultReport {
  readonly kind: 'allocation' | 'low memory' | 'removal'
  /** The function that failed, or where the removal fell: 'MiniportInitializeEx', 'return from MiniportPause'. */
  readonly function: string
  readonly place: SourceLocation
  /** Innermost frame first. */
  readonly stack: readonly SourceLocation[]
  /** Key of the call stack. */
  readonly key: string
  /** Virtual time, nanoseconds. */
  readonly timeNs: number
  /** Index of the event in the event log; -1 without the log. */
  readonly event: number
}

/** Where a run could fail: a distinct call stack of an allocating function. */
export interface AllocationSite {
  readonly key: string
  readonly function: string
  /** The callback, or DriverEntry, that it ran in. */
  readonly within: string
  readonly stack: readonly SourceLocation[]
  /** Calls in the run. */
  readonly count: number
}
/** A distinct point at which the hardware could go. */
export interface RemovalPoint {
  /** FaultPlan.removeAt of its first time. */
  readonly number: number
  readonly function: string
  readonly when: 'enter' | 'call' | 'return'
  readonly place: SourceLocation
}
export interface FaultSurvey {
  readonly allocations: readonly AllocationSite[]
  readonly points: readonly RemovalPoint[]
}
