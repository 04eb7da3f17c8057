/** Exploring: one driver with many seeds of an eager scheduler, what came of it, and each failure with as few decisions as it needs. */
import type { Outcome, RunReport } from './report'

/** Something wrong with a run: without what depends on the seed, so that two seeds that find the same thing find equal ones. */
export interface Finding {
  readonly kind: 'violation' | 'bugcheck' | 'leak' | 'error'
  /** Rule, name of the bugcheck, kind of the object that leaked, or code of the error. */
  readonly name: string
  /** What the report names: a call or a callback; '' when there is none. */
  readonly function: string
  readonly file: string
  readonly line: number
}

/** A failing run with as few decisions of the scheduler as could be found. Its configuration is that of the exploration but for what stands here. */
export interface ShrunkRun {
  readonly seed: number
  readonly cpus: number
  readonly frames: number
  /** RunConfig.schedule. */
  readonly schedule: string
  /** The run; its `schedule` tells the story of each decision. */
  readonly report: RunReport
  /** Decisions in the run that was found. */
  readonly from: number
  /** Runs that shrinking took. */
  readonly runs: number
  /** false: time or runs were up; there may be a smaller one. */
  readonly complete: boolean
}

/** What some of the seeds had in common. */
export interface ExploredOutcome {
  readonly outcome: Outcome
  /** Empty when clean. */
  readonly findings: readonly Finding[]
  readonly seeds: number
  readonly firstSeed: number
  /** The finding that was shrunk: one that does not come without preemptions, when there is such a one. */
  readonly shrunkFor?: Finding
  /** Left out when clean, when stopped before, and where `sameAs` is given. */
  readonly shrunk?: ShrunkRun
  /** Index of the outcome that shows the same finding and was shrunk. */
  readonly sameAs?: number
}

export interface ExploreReport {
  readonly driver: string
  readonly firstSeed: number
  /** Seeds that were asked for, and those that ran to their end or to an error. */
  readonly seeds: number
  readonly ran: number
  readonly cpus: number
  readonly scenario: string
  /** Failing ones first, then by their first seed. */
  readonly outcomes: readonly ExploredOutcome[]
  /** Broken off before everything was tried. */
  readonly cancelled: boolean
  readonly runs: number
  readonly wallMs: number
}

/** As an exploration goes on. */
export interface ExploreProgress {
  readonly phase: 'explore' | 'shrink'
  /** Seeds while exploring, outcomes while shrinking. */
  readonly done: number
  readonly total: number
  /** Distinct failing outcomes so far. */
  readonly failing: number
  /** Runs so far, of both phases. */
  readonly runs: number
}

export const MOST_SEEDS = 1_000_000
/** CPUs of an exploration when nobody says so. */
export const EXPLORED_CPUS = 2
/** Real time for one of its runs, milliseconds, likewise. */
export const EXPLORED_RUN_MS = 20_000
