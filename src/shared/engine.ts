/** Contract between a host and one engine worker. The host starts the worker by URL and never imports it. */
import type { Keywords } from './configuration'
import type { FaultPlan } from './faults'
import type { RunReport, RunError } from './report'
import type { RuleLevels } from '../core/verifier/levels'
import type { NicModel } from '../core/nic/names'
import { PERFECT_LINK, type LinkChange, type LinkOptions } from '../core/wire/formats/link-options'

export type Platform = 'nt' | 'ce'

export interface RunConfig {
  readonly platform: Platform
  readonly seed: number
  /** 1 to 8. */
  readonly cpus: number
  /**
   * What the scheduler decides, in place of the seed's word, as src/shared/schedule-text.ts has it. The seed goes on to decide about
   * traffic and links. That of an earlier run gives the same run with the same traceHash.
   */
  readonly schedule?: string
  /** The report tells what the scheduler decided. */
  readonly recordSchedule?: boolean
  readonly scenario: string
  readonly frames: number
  readonly log: boolean
  readonly rules: boolean
  /** Levels of rules where they are not the rule's own: names, or patterns with `*`, the later one of two that fit holds. */
  readonly levels: RuleLevels
  /** Bytes of emulated memory, a multiple of 64 KiB. */
  readonly memoryBytes: number
  /** What the driver finds with NdisReadConfiguration. */
  readonly keywords: Keywords
  /** NICs in the slots of the bus: the first adapter gets the first one. Without a choice: those of the configuration file. */
  readonly nics: readonly NicModel[]
  readonly link: LinkOptions
  /** Faults to inject; none when left out. */
  readonly faults?: FaultPlan
}

export const DEFAULT_RUN_CONFIG: RunConfig = {
  platform: 'nt',
  seed: 1,
  cpus: 1,
  scenario: 'default',
  frames: 0,
  log: true,
  rules: true,
  levels: {},
  memoryBytes: 64 * 1024 * 1024,
  keywords: {},
  nics: [],
  link: PERFECT_LINK,
}

/** A line breakpoint that is known at load and needs more than stopping: it is compiled into its line. Lines are 1-based. */
export interface CompiledBreakpoint {
  readonly id: number
  readonly file: string
  readonly line: number
  /** JavaScript expression, evaluated in the scope of the line. */
  readonly condition?: string
  /** DAP form: '5', '>= 5', '% 5'. */
  readonly hitCondition?: string
  /** Text with {expressions}: prints and does not stop. */
  readonly logMessage?: string
}

/** A call breakpoint (DAP function breakpoint) after expansion of wildcards by the engine. */
export interface CallBreakpoint {
  readonly id: number
  /** 'NdisAllocatePacket', 'NdisAllocate*', or 'category:allocate'. */
  readonly name: string
  /** JavaScript expression over the parameter names of the function, plus `irql`, `cpu` and `tag`. */
  readonly condition?: string
  readonly hitCondition?: string
}

/** What stops the machine besides breakpoints. An accepted violation never does. */
export interface ExceptionFilters {
  /** Names of rules, or patterns with `*`: those that stop whatever their level is. ['*'] is all of them. */
  readonly violations: readonly string[]
  /** Rules whose level is `break` stop. */
  readonly breaks: boolean
  readonly bugchecks: boolean
  readonly uncaught: boolean
  /** Where a fault of the plan is injected. */
  readonly faults: boolean
}
export const NO_STOPS: ExceptionFilters = {
  violations: [],
  breaks: false,
  bugchecks: false,
  uncaught: false,
  faults: false,
}

export interface EngineWorkerData {
  /** Shared WebAssembly.Memory: kernel memory. */
  readonly memory: unknown
  /** Event ring, layout in src/core/trace/ring.ts. */
  readonly ring: WebAssembly.Memory
  /** Notices (output lines, violations, problems) as length-prefixed UTF-8 JSON. */
  readonly notices: SharedArrayBuffer
  /** Where captured frames go, as the blocks of a pcapng file; nothing is captured when left out. A byte ring, layout in rings.ts. */
  readonly capture?: SharedArrayBuffer
  /** Frames of a capture file that arrive at the first NIC, in order: length (u32), nanoseconds after the first one (u64), bytes. */
  readonly inject?: Uint8Array
  readonly config: RunConfig
  /** Entry module, a key of `files`. */
  readonly entry: string
  /** Path -> source text of every file of the driver. Paths use '/' and are relative to the driver's folder. */
  readonly files: Readonly<Record<string, string>>
  /** true: report 'loaded' and wait for 'start'. */
  readonly debug: boolean
  readonly compiledBreakpoints: readonly CompiledBreakpoint[]
  readonly callBreakpoints: readonly CallBreakpoint[]
  readonly exceptionFilters: ExceptionFilters
}

/** One stretch of text that the loader put into a line; columns behind it move right by `length`. Columns 0-based. */
export interface Insertion {
  readonly line: number
  readonly column: number
  readonly length: number
  /** It is statements of the loader's own: the debugger never stands in them. */
  readonly statements?: boolean
}

export interface LoadedModule {
  /** Key of EngineWorkerData.files. */
  readonly path: string
  /** Script URL in the inspector: `driver:///` + path. */
  readonly url: string
  /** Sorted by line, then column (in the author's text). */
  readonly insertions: readonly Insertion[]
  /** Names that the module imports from 'ndis': not variables of the driver. */
  readonly imported: readonly string[]
}

export interface CallBreakpointState {
  readonly id: number
  readonly verified: boolean
  /** Functions that the name covers. */
  readonly functions: readonly string[]
  readonly message?: string
}

/** A call site: what a site number in an event record stands for. */
export interface CallSite {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly function: string
  /** Interface function that is called there. */
  readonly api?: string
}

/** Messages of the worker (postMessage). Everything frequent goes through shared memory instead. */
export type EngineMessage =
  | {
      readonly type: 'loaded'
      readonly modules: readonly LoadedModule[]
      readonly sites: readonly CallSite[]
      readonly callBreakpoints: readonly CallBreakpointState[]
      readonly symbols: EngineSymbols
    }
  | { readonly type: 'finished'; readonly report: RunReport }
  | { readonly type: 'failed'; readonly error: RunError; readonly report: RunReport }

/** Where the host finds things in shared memory. */
export interface EngineSymbols {
  /** Address of the SYS_MACHINE record; struct tables (structs.json) describe everything reachable from it. */
  readonly machine: number
  readonly ramBytes: number
  /** Physical address of a byte minus its virtual one. */
  readonly physicalOffset: number
  /** API names by number, as used in event records. */
  readonly apiNames: readonly string[]
}

/** Notices, in order, through the notice ring. */
export type EngineNotice =
  | { readonly type: 'output'; readonly text: string; readonly site: number }
  /** A compiled logpoint was passed. */
  | { readonly type: 'log'; readonly text: string; readonly breakpoint: number }
  | { readonly type: 'violation'; readonly violation: import('./report').ViolationReport }
  | { readonly type: 'bugcheck'; readonly bugcheck: import('./report').BugcheckReport }

/** Messages to the worker while its event loop turns (before 'start'). */
export type EngineCommand = { readonly type: 'start' }

/**
 * While the machine runs nothing reads messages; the host evaluates this global of the worker through the inspector instead:
 * `__ndisEngine.setCallBreakpoints(json)` and so on. Arguments and results are JSON text.
 */
export interface EngineControl {
  setCallBreakpoints(breakpoints: string): string
  setExceptionFilters(filters: string): string
  /** Why the engine stopped itself last (StopReason as JSON); forgets it. */
  stopReason(): string
  /** While muted, touching memory reports nothing: for the debugger's own reads. */
  mute(muted: boolean): string
  /** Lets frames (InjectedFrames) arrive at a NIC; the answer is '' or, in words, why not. */
  inject(frames: string): string
  /** Does something to a link (WireChange) as soon as time goes on; the answer is '' or, in words, why not. */
  wire(change: string): string
}

/** Frames that a person sends into a NIC while the machine runs or stands still. */
export interface InjectedFrames {
  /** Slot of the NIC. */
  readonly slot: number
  /** base64 of what EngineWorkerData.inject holds. */
  readonly data: string
}

/** What a person does to the link of a NIC while the machine runs or stands still. */
export interface WireChange {
  /** Slot of the NIC. */
  readonly slot: number
  readonly change: LinkChange
}

export interface StopReason {
  readonly kind: 'call' | 'violation' | 'bugcheck' | 'fault' | 'break' | 'line' | 'none'
  readonly breakpointIds: readonly number[]
  readonly function?: string
  readonly text?: string
}
export const ENGINE_CONTROL = '__ndisEngine'
