/** What a run is to suffer, and what it suffered: the types behind src/shared/faults.ts. */
import type { Place } from './place'

/**
 * Which calls of allocating functions fail. `tag` and `function` choose the calls that count; of those fail: the `nth` (from
 * 1), a `share` of them (0 to 1, by seed), the first one from each of the call stacks whose keys are in
 * `stack`, with `+` between them; all when none is given.
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
   * What NDIS and the workbench's own ends give back to the driver takes `ticks` (100 ns each) longer, or some time up to that, so that
   * things overtake each other where they may. One millisecond when `ticks` is left out.
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
  readonly place: Place
  /** Innermost frame first. */
  readonly stack: readonly Place[]
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
  readonly stack: readonly Place[]
  /** Calls in the run. */
  readonly count: number
}
/** A distinct point at which the hardware could go. */
export interface RemovalPoint {
  /** FaultPlan.removeAt of its first time. */
  readonly number: number
  readonly function: string
  readonly when: 'enter' | 'call' | 'return'
  readonly place: Place
}
export interface FaultSurvey {
  readonly allocations: readonly AllocationSite[]
  readonly points: readonly RemovalPoint[]
}
