import { isScenario } from '../core/scenario/scenario'
import { createMachine, createSharedMemory, MachineStopped, type Machine } from '../core/machine'
import type { Environment } from '../core/kernel/kernel'
import type { DeviceFactory } from '../core/nic/device'
import { NIC_MODELS } from '../core/nic/models'
import type { NicModel } from '../core/nic/names'
import { RULES } from '../core/verifier/rules/index'
import type { Violation } from '../core/verifier/verifier'
import type { BlockSink } from '../core/wire/block-sink'
import { isOpen, type BugcheckReport, type RunError, type RunReport } from '../shared/report'
import {
  NO_STOPS,
  type CallBreakpoint,
  type CallBreakpointState,
  type CompiledBreakpoint,
  type EngineSymbols,
  type ExceptionFilters,
  type LoadedModule,
  type RunConfig,
  type StopReason,
} from '../shared/engine'
import { levelsByName, type RuleLevels } from '../shared/rule-levels'
import { ruleMatcher, unknownRules } from '../shared/rule-names'
import { hitTest } from '../shared/hit-condition'
import { SCENARIO_NAMES } from '../shared/scenarios'
import { TICK_NS } from '../core/clock/clock'
import { PHYSICAL_OFFSET } from '../core/memory/map'
import { createBugcheckAnalysis } from '../core/verifier/bugcheck-analysis'
import { LoadError } from './errors'
import { CallStops } from './call-stops'
import { captureFacts } from './capture-facts'
import { allowInlining } from './inlining'
import { createInterface, type Interface, type InterfaceTables } from './interface'
import { runDriver, type Life } from './lifecycle'
import { createLocator, type ScriptLocator } from './locator'
import { lockReport } from './lock-report'
import { NotImplemented } from './not-implemented'
import { readProgram, type DriverFiles, type Program } from './program'
import { createSandbox, hardenForScripts, lockDown } from './sandbox'
import { scheduleOf, scheduleReport } from './schedule'
import { stopHere } from './stop-here'

export interface EngineOptions {
  readonly config: RunConfig
  readonly files: DriverFiles
  readonly entry: string
  readonly tables: InterfaceTables
  /** Zeroed memory of the machine; a new one of the configuration's size when left out. */
  readonly memory?: WebAssembly.Memory
  readonly ring?: WebAssembly.Memory
  /** Virtual devices on the PCI bus, one a slot, behind the NICs of the configuration. */
  readonly devices?: readonly DeviceFactory[]
  /** Takes the frames of the NICs; nothing is captured when left out. */
  readonly capture?: BlockSink
  /** EngineWorkerData.inject. */
  readonly inject?: Uint8Array
  readonly compiledBreakpoints?: readonly CompiledBreakpoint[]
  readonly callBreakpoints?: readonly CallBreakpoint[]
  readonly exceptionFilters?: ExceptionFilters
  /** What the driver finds with NdisOpenFile, by name. */
  readonly data?: Readonly<Record<string, Uint8Array>>
  readonly onOutput?: (text: string, site: number) => void
  /** A logpoint was passed; `breakpoint` is its id. No output of the driver, so not part of the report. */
  readonly onLog?: (text: string, breakpoint: number) => void
  readonly onViolation?: Environment['onViolation']
  readonly onBugcheck?: (bugcheck: BugcheckReport) => void
}

function nicOf(model: NicModel): DeviceFactory {
  const factory = NIC_MODELS[model]
  if (factory) return factory
  throw new LoadError('usage', `there is no NIC '${String(model)}'; there are ${Object.keys(NIC_MODELS).join(', ')}`)
}

function levelsIn(chosen: RuleLevels): RuleLevels {
  const names = [...RULES.keys()]
  const wrong = unknownRules(Object.keys(chosen), names)
  if (wrong !== undefined) throw new LoadError('usage', wrong)
  return levelsByName(chosen, names)
}

/** Lines of output that the report carries; a front end gets all of them as they come. */
const KEPT_LINES = 100_000

/** One machine with one driver on it: load, run, report. Throws LoadError from the constructor when the driver cannot be loaded. */
export class Engine {
  readonly machine: Machine
  readonly #options: EngineOptions
  readonly #locator: ScriptLocator = createLocator()
  readonly #interface: Interface
  readonly #program: Program
  readonly #output: string[] = []
  #line = ''
  readonly #stops: CallStops
  readonly #rebinds: ((name: string, bound: unknown) => void)[] = []
  readonly #hits = new Map<number, number>()
  #filters: ExceptionFilters
  #stopReason: StopReason = { kind: 'none', breakpointIds: [] }
  #bugcheck: BugcheckReport | null = null

  constructor(options: EngineOptions) {
    allowInlining()
    this.#options = options
    this.#filters = options.exceptionFilters ?? NO_STOPS
    const { config, tables } = options
    this.machine = createMachine({
      memory: options.memory ?? createSharedMemory(config.memoryBytes),
      ...(options.ring && { ring: options.ring }),
      devices: [...config.nics.map(nicOf), ...(options.devices ?? [])],
      ...(options.inject && { inject: options.inject }),
      link: config.link,
      ...(config.faults && { faults: config.faults }),
      ...(options.capture && {
        capture: { sink: options.capture, ...captureFacts(options.entry, config, options.devices?.length ?? 0) },
      }),
      platform: config.platform,
      seed: config.seed,
      cpus: config.cpus,
      ...scheduleOf(config),
      rules: config.rules,
      levels: levelsIn(config.levels),
      log: config.log,
      configuration: { parameters: config.keywords },
      ...(options.data && { files: options.data }),
      environment: this.#environment(),
    })
    this.#stops = new CallStops(this.machine.kernel, tables.api, (reason) => (this.#stopReason = reason))
    this.#stops.set(options.callBreakpoints ?? [])
    this.#interface = createInterface(this.machine, tables, this.#stops.active)
    this.#program = readProgram({
      files: options.files,
      entry: options.entry,
      values: this.#interface.names,
      types: tables.types,
      breakpoints: options.compiledBreakpoints ?? [],
      locator: this.#locator,
    })
  }

  get modules(): readonly LoadedModule[] {
    return this.#program.modules
  }
  get sites() {
    return this.#locator.sites
  }
  get callBreakpoints(): readonly CallBreakpointState[] {
    return this.#stops.states
  }
  get symbols(): EngineSymbols {
    return {
      machine: this.machine.kernel.machine,
      ramBytes: this.machine.kernel.shadow.base,
      physicalOffset: PHYSICAL_OFFSET,
      apiNames: this.#options.tables.api.map((entry) => entry.name),
    }
  }
  stopReason(): StopReason {
    const reason = this.#stopReason
    this.#stopReason = { kind: 'none', breakpointIds: [] }
    return reason
  }
  /** Replaces the call breakpoints, also while the driver runs; functions concerned are bound anew. */
  setCallBreakpoints(breakpoints: readonly CallBreakpoint[]): readonly CallBreakpointState[] {
    const changed = this.#stops.set(breakpoints)
    for (const name of changed) {
      const bound = hardenForScripts(this.#interface.rebuild(name, this.#stops.active.get(name)))
      for (const rebind of this.#rebinds) rebind(name, bound)
    }
    return this.#stops.states
  }
  setExceptionFilters(filters: ExceptionFilters): void {
    this.#filters = filters
  }

  /** Loads the modules, runs DriverEntry, the driver's life, and unload. Never throws for what the driver does. */
  run(): RunReport {
    const { kernel } = this.machine
    let error: RunError | undefined
    let leaks: RunReport['leaks'] = []
    lockDown()
    const sandbox = createSandbox()
    try {
      const { leaks: found } = runDriver(this.machine, this.#locator, this.#life(), () =>
        this.#program.evaluate(sandbox, {
          exports: hardenForScripts(this.#interface.exports(this.#program.uses ?? this.#interface.names)),
          site: kernel.site,
          hit: (id, text) => this.#hit(id, text),
          onRebind: (rebind) => this.#rebinds.push(rebind),
          halt: () => this.#halt(),
        }),
      )
      leaks = found
    } catch (thrown) {
      error = this.#failure(thrown)
    }
    for (const { ended } of this.machine.rules) ended?.()
    this.machine.capture?.finish(kernel.clock.now())
    return this.#report(leaks, error)
  }

  /** What a person types into the console of a machine that has stopped calls nothing any more. */
  #standStill(): void {
    for (const { name, kind } of this.#options.tables.api) {
      if (kind === 'callback') continue
      const refused = hardenForScripts((): never => {
        throw new Error(`${name} is not called: the machine stands still after a bugcheck`)
      })
      for (const rebind of this.#rebinds) rebind(name, refused)
    }
  }
  #halt(): void {
    const bugcheck = this.machine.kernel.stopped()
    if (bugcheck) throw new MachineStopped(bugcheck)
  }
  #life(): Life {
    const { scenario, frames } = this.#options.config
    if (isScenario(scenario)) return { scenario, frames }
    throw new LoadError('usage', `there is no scenario '${scenario}'; there are ${SCENARIO_NAMES.join(', ')}`)
  }
  #environment(): Environment {
    return {
      locator: this.#locator,
      onOutput: (text, site) => this.#print(text, site),
      onViolation: (violation) => {
        this.#options.onViolation?.(violation)
        if (!this.#stopsAt(violation)) return
        this.#stopReason = {
          kind: 'violation',
          breakpointIds: [],
          function: violation.function,
          text: `${violation.rule}: ${violation.message}`,
        }
        stopHere()
      },
      onFault: ({ kind, function: fn }) => {
        if (!this.#filters.faults) return
        const text = kind === 'removal' ? `The hardware is pulled at ${fn}.` : `${fn} is made to fail.`
        this.#stopReason = { kind: 'fault', breakpointIds: [], function: fn, text }
        stopHere()
      },
      onBreak: (why) => {
        this.#stopReason = { kind: 'break', breakpointIds: [], text: why }
        stopHere()
      },
      onBugcheck: (bugcheck, place) => {
        const top = place.stack[0]
        const analyse = createBugcheckAnalysis({
          kernel: this.machine.kernel,
          site: this.#locator.site,
          apiName: (number) => this.#options.tables.api[number]?.name ?? `event ${number}`,
        })
        this.#bugcheck = {
          ...bugcheck,
          file: top?.file ?? '',
          line: top?.line ?? 0,
          column: top?.column ?? 0,
          ...place,
          analysis: analyse(bugcheck, place),
        }
        this.#options.onBugcheck?.(this.#bugcheck)
        if (!this.#filters.bugchecks) return
        this.#standStill()
        this.#stopReason = { kind: 'bugcheck', breakpointIds: [], text: `${bugcheck.name}: ${bugcheck.message}` }
        stopHere()
      },
    }
  }

  #stopsAt({ rule, accepted }: Violation): boolean {
    const { breaks, violations } = this.#filters
    if (accepted !== undefined) return false
    if (breaks && this.machine.kernel.verifier.level(rule) === 'break') return true
    return violations.some((pattern) => ruleMatcher(pattern)(rule))
  }

  /** What a run did not come to is no reason to call a comment unused. */
  #notes(outcome: RunReport['outcome']): RunReport['notes'] {
    const { accepts } = this.#locator
    const wentThrough = outcome === 'clean' || outcome === 'violations'
    return [...accepts.problems(), ...(wentThrough ? accepts.unused(this.machine.kernel.verifier.level) : [])]
  }

  /** Debug output comes in pieces; lines go on when they are complete. */
  #print(text: string, site: number): void {
    const lines = (this.#line + text).split('\n')
    this.#line = lines.pop()!
    for (const line of lines) this.#emitLine(line, site)
  }
  #emitLine(line: string, site: number): void {
    if (this.#output.length < KEPT_LINES) this.#output.push(line)
    this.#options.onOutput?.(line, site)
  }

  /** A compiled line breakpoint was passed and its condition holds: stop? */
  #hit(id: number, text?: () => string): boolean {
    const breakpoint = this.#options.compiledBreakpoints?.find((candidate) => candidate.id === id)
    const hits = (this.#hits.get(id) ?? 0) + 1
    this.#hits.set(id, hits)
    if (!breakpoint || !hitTest(breakpoint.hitCondition)?.(hits)) return false
    if (text) {
      this.#options.onLog?.(text(), id)
      return false
    }
    this.#stopReason = { kind: 'line', breakpointIds: [id] }
    return true
  }

  /** What ended the run early, other than a bugcheck. */
  #failure(thrown: unknown): RunError | undefined {
    if (thrown instanceof MachineStopped) return undefined
    if (thrown instanceof LoadError) return thrown.toRunError()
    const place = this.#locator.site(this.machine.kernel.site.s)
    if (thrown instanceof NotImplemented)
      return {
        code: 'not-implemented',
        message: thrown.message,
        ...(place && { file: place.file, line: place.line, column: place.column }),
      }
    throw thrown
  }

  #report(leaks: RunReport['leaks'], error: RunError | undefined): RunReport {
    const { kernel, faults } = this.machine
    const { config } = this.#options
    if (this.#line !== '') this.#emitLine(this.#line, 0)
    this.#line = ''
    const { violations } = kernel.verifier
    const outcome = error
      ? 'error'
      : this.#bugcheck
        ? 'bugcheck'
        : violations.some(isOpen) || leaks.some(isOpen)
          ? 'violations'
          : 'clean'
    return {
      driver: this.#options.entry,
      seed: this.#options.config.seed,
      outcome,
      violations,
      broken: kernel.verifier.count(),
      notes: this.#notes(outcome),
      bugcheck: this.#bugcheck,
      leaks,
      locks: lockReport(kernel.verifier.lockUses, this.#locator.site),
      output: this.#output,
      frames: { ...this.machine.executive.network.frames },
      calls: kernel.log.count(),
      events: kernel.log.count(),
      virtualTimeNs: kernel.clock.now() * TICK_NS,
      wallMs: 0,
      traceHash: kernel.log.hash(),
      ...(kernel.schedule && { schedule: scheduleReport(kernel.schedule, this.#locator.site) }),
      ...(error && { error }),
      ...(faults && { faults: faults.reports }),
      ...(faults && config.faults?.survey && { survey: faults.survey() }),
    }
  }
}
