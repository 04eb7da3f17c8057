/** A sweep: the same run again and again, each time with one fault more that nobody tried before. */
import type { FaultPlan } from './faults'
import type { LeakReport, SourceLocation } from './report'

/** What fails: each distinct call stack of an allocating function once, or the hardware at each distinct point of a life. */
export type SweepKind = 'allocations' | 'removal'

/**
 * How the driver took it. The worst one counts: hung (it did not come to its end in its time), crashed (bugcheck, or the
 * script threw), violated, leaked, handled. What happens without a fault too is not held against it.
 */
export type SweepOutcome = 'handled' | 'leaked' | 'violated' | 'crashed' | 'hung'

export interface SweepRating {
  readonly outcome: SweepOutcome
  /** Rules that were broken, each once, in the order in which they were. */
  readonly rules: readonly string[]
  readonly leaks: readonly LeakReport[]
  /** The bugcheck's message, the first violation's, the first leak or why the run was broken off; '' when handled. */
  readonly message: string
}

export interface SweepRow extends SweepRating {
  /** Key of the call stack, or number of the point. Stable between runs of the same driver text. */
  readonly key: string
  /** The function that failed, or 'call of NdisX', 'entry to MiniportX', 'return from MiniportX'. */
  readonly function: string
  readonly place: SourceLocation
  /** Innermost frame first. */
  readonly stack: readonly SourceLocation[]
  /** RunConfig.faults that does it again. */
  readonly faults: FaultPlan
  /** The same as an option of the command line. */
  readonly option: string
}

export interface SweepReport {
  readonly kind: SweepKind
  readonly driver: string
  readonly seed: number
  readonly scenario: string
  /** How the run without a fault went. */
  readonly plain: SweepRating
  /** In the order in which the stacks and points were found. */
  readonly rows: readonly SweepRow[]
  readonly handled: number
  readonly runs: number
  /** Broken off before everything was tried. */
  readonly cancelled: boolean
  /** Why there is nothing to sweep: the run without a fault did not work. */
  readonly error?: string
  readonly wallMs: number
}

/** As a sweep goes on. More may be found on the way: `total` grows. */
export interface SweepProgress {
  readonly done: number
  readonly total: number
  readonly row?: SweepRow
}
