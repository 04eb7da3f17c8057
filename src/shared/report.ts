/** The run report (DESIGN section 6) and the parts of it that travel alone while a machine runs. */
import type { BugcheckAnalysis, LockUse, MemoryExcerpt } from '../core/verifier/story'
import type { FaultReport, FaultSurvey } from './faults'

export interface SourceLocation {
  /** Driver function that contains the line; '' at module level. */
  readonly function: string
  /** Path as the user gave it, relative to the driver's folder root. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based. */
  readonly column: number
}

export interface RelatedPlace {
  /** What happened there: 'CPU 0 takes lock A'. */
  readonly text: string
  readonly place: SourceLocation
  /** How the driver came there, innermost first, when that is known. */
  readonly stack?: readonly SourceLocation[]
}

export interface ViolationReport {
  /** Rule name as documented, e.g. 'NdisDprFreePacketNonInterlocked', 'DV:DoubleFree', 'SpinLockBalanced'. */
  readonly rule: string
  readonly message: string
  /** Interface function whose call broke the rule, or the driver callback when it was not a call. */
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly cpu: number
  readonly irql: number
  /** Virtual time, nanoseconds. */
  readonly timeNs: number
  /** Index of the event in the event log; -1 without the log. */
  readonly event: number
  /** Innermost frame first. */
  readonly stack: readonly SourceLocation[]
  readonly allocatedAt?: SourceLocation
  readonly freedAt?: SourceLocation
  /** Where the lock in question was acquired. */
  readonly acquiredAt?: SourceLocation
  /** Other places of the story, in the order in which they are told: who held what, who waits where. */
  readonly related?: readonly RelatedPlace[]
  /** What was touched: address of the object, offset within it. */
  readonly object?: { readonly kind: string; readonly address: number; readonly offset: number; readonly size: number }
  /** How often the rule was broken at this place: final in a report, so far in a notice. */
  readonly count: number
  /** The place is accepted with a comment in the script: the reason that stands there. It is listed, and counts for nothing else. */
  readonly accepted?: string
  /** The bytes around what was touched, as they were at that moment. */
  readonly memory?: MemoryExcerpt
}

export interface BugcheckReport {
  readonly code: number
  readonly name: string
  readonly parameters: readonly [number, number, number, number]
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  readonly stack: readonly SourceLocation[]
  readonly cpu: number
  readonly irql: number
  readonly timeNs: number
  /** How it came about, gathered at that moment. */
  readonly analysis: BugcheckAnalysis
}

/** What is left of the allocations of one call stack. */
export interface LeakReport {
  /** 'pool memory', 'NDIS_PACKET pool', 'NDIS_PACKET', 'buffer', 'NET_BUFFER_LIST' ... */
  readonly kind: string
  readonly tag: string
  readonly bytes: number
  readonly count: number
  readonly file: string
  readonly line: number
  /** The allocating line accepts DV:LeakAtUnload: the reason that stands there. */
  readonly accepted?: string
  /** Where it was allocated, innermost first: two callers of one allocating line make two groups. The line alone where no more is known. */
  readonly stack: readonly SourceLocation[]
}

/** How the locks of one class were used: those initialized at one place, or that lie in what was allocated there. */
export interface LockReport {
  readonly kind: LockUse['kind']
  /** 'spin lock initialized at driver.ts:12', 'cancel spin lock'. */
  readonly name: string
  /** Where that is; '' and 0 for the system's own. */
  readonly file: string
  readonly line: number
  /** How many there were. */
  readonly locks: number
  readonly acquisitions: number
  /**
   * Calls that found it held by somebody else, and came back without it: tries, and waits for a mutex. There are no others, because
   * whoever holds a lock is let go on here before another one asks for it; what could happen is the business of the rules about locks.
   */
  readonly contentions: number
  /** Virtual time, nanoseconds, of the holds that ended. Time in which the whole machine waits counts for mutexes only. */
  readonly longestHoldNs: number
  /** The call that acquired it. */
  readonly longestHoldAt?: SourceLocation
  /** Of those calls. */
  readonly longestWaitNs: number
  readonly longestWaitAt?: SourceLocation
}

/** Something that the scheduler decided: see src/core/kernel/schedule.ts. */
export interface DecisionReport {
  /** '340@1', as in a schedule. */
  readonly text: string
  readonly kind: 'preemption' | 'choice'
  /** Virtual time, nanoseconds. */
  readonly timeNs: number
  /** The CPU that had its turn. */
  readonly cpu: number
  /** The CPU that was preempted, or the one that would have gone on. */
  readonly on: number
  readonly irql: number
  /** What was preempted: a callback of the driver, for instance; '' for a choice. */
  readonly interrupted: string
  /** The call in front of which it was preempted. */
  readonly at?: SourceLocation & { readonly api?: string }
  /** What ran because of it, in order. */
  readonly ran: readonly { readonly cpu: number; readonly name: string }[]
}

export interface ScheduleReport {
  /** The decisions that were taken; RunConfig.schedule takes it. */
  readonly text: string
  readonly decisions: readonly DecisionReport[]
}

/** Something about the script that a person should know and that is no finding: it changes neither outcome nor exit code. */
export interface NoteReport {
  readonly code: NoteCode
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
}
export type NoteCode =
  /** A comment that accepts a rule accepted nothing in this run. */
  | 'accept-unused'
  /** It gives no reason, so it does not hold. */
  | 'accept-without-reason'
  /** It names a rule that there is not. */
  | 'accept-unknown-rule'

/** Accepted violations and leaks leave a run clean. */
export type Outcome = 'clean' | 'violations' | 'bugcheck' | 'error'

export interface RunReport {
  readonly driver: string
  readonly seed: number
  readonly outcome: Outcome
  /** One for each place, the first 1000 of them; accepted ones too. */
  readonly violations: readonly ViolationReport[]
  /** Broken rules: repetitions, accepted ones and those beyond the first 1000 places included. */
  readonly broken: number
  readonly notes: readonly NoteReport[]
  readonly bugcheck: BugcheckReport | null
  readonly leaks: readonly LeakReport[]
  /** Locks that were acquired, those held longest first; none with the rules off. */
  readonly locks: readonly LockReport[]
  readonly output: readonly string[]
  readonly frames: { readonly sent: number; readonly received: number; readonly dropped: number }
  readonly calls: number
  readonly events: number
  readonly virtualTimeNs: number
  readonly wallMs: number
  /** 16 hexadecimal digits; '' with --no-log. */
  readonly traceHash: string
  /** With RunConfig.recordSchedule. */
  readonly schedule?: ScheduleReport
  /** Present when outcome is 'error': what is wrong and what to do, naming file and line where there is one. */
  readonly error?: RunError
  /** The faults that were injected, in order; only with a plan of faults. */
  readonly faults?: readonly FaultReport[]
  /** Only when the plan of faults asks for it. */
  readonly survey?: FaultSurvey
}

export interface RunError {
  readonly code: ErrorCode
  readonly message: string
  readonly file?: string
  readonly line?: number
  readonly column?: number
}

export type ErrorCode =
  | 'usage'
  | 'file-not-found'
  /** The configuration file beside the script. */
  | 'configuration'
  | 'syntax'
  | 'unsupported-syntax'
  | 'import-refused'
  | 'unknown-export'
  | 'script-threw'
  | 'not-implemented'
  | 'out-of-memory'
  | 'stopped'
  | 'timeout'
  | 'engine-failed'

/** Whether a violation or leak counts against the driver. */
export const isOpen = (finding: { readonly accepted?: string }): boolean => finding.accepted === undefined
