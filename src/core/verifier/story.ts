/** What a report tells beside rule and place. Front ends read it too, so that nothing is imported here. */

export interface MemoryExcerpt {
  /** Address of the first byte, a multiple of 16. */
  readonly start: number
  /** Two hexadecimal digits a byte, `??` where there is no memory. A whole number of rows of 16 bytes. */
  readonly hex: string
  /** What kind of byte each is: one letter a byte. */
  readonly kinds: string
  readonly touched: MemoryTouch
}
export interface MemoryTouch {
  readonly address: number
  /** Bytes, at least 1. */
  readonly size: number
  /** found: a change that was made some time before. */
  readonly how: 'read' | 'write' | 'found'
}

interface StoryPlace {
  readonly function: string
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface BugcheckParameter {
  readonly value: number
  /** What the value stands for with this code: 'IRQL at the time of the access'. */
  readonly meaning: string
}

export interface AnalysisLine {
  readonly text: string
  /** Where in the driver it was, when it was there. */
  readonly place?: StoryPlace
}
/** A part of the analysis, in the order in which it is read. */
export interface AnalysisSection {
  readonly id: 'what' | 'where' | 'irql' | 'object' | 'locks' | 'events' | 'violations' | 'next'
  readonly title: string
  readonly lines: readonly AnalysisLine[]
}

export interface BugcheckAnalysis {
  readonly parameters: readonly [BugcheckParameter, BugcheckParameter, BugcheckParameter, BugcheckParameter]
  readonly sections: readonly AnalysisSection[]
}

/** How the locks of one class were used: those initialized at one place, or that lie in what was allocated there. */
export interface LockUse {
  readonly kind: 'spin lock' | 'read/write lock' | 'mutex'
  /** For people: 'spin lock initialized at driver.ts:12'. */
  readonly name: string
  /** Call site of the initialization or allocation; 0: none. */
  readonly site: number
  /** How many there were. */
  readonly locks: number
  readonly acquisitions: number
  /** Calls that found it held by somebody else, and came back without it. */
  readonly contentions: number
  /** Ticks; of the holds that ended. */
  readonly longestHold: number
  /** Call site of its acquire; 0: none ended, or at once. */
  readonly longestHoldSite: number
  /** Ticks of those calls, and the call site. */
  readonly longestWait: number
  readonly longestWaitSite: number
}
