import type { DebugProtocol } from '@vscode/debugprotocol'
import type { LaunchArguments, NdisCommand, NdisEvent } from '../../shared/dap'
import type { EngineMessage, EngineNotice, ExceptionFilters } from '../../shared/engine'
import type { BugcheckReport, RunReport, ViolationReport } from '../../shared/report'
import { runConfig } from '../../shared/run-config'
import type { MachineView } from '../../shared/views'
import type { CallBreakpoints } from './call-breakpoints'
import { type Connection, DapError } from './connection'
import { exceptionInfo } from './exception-info'
import { threadsOf, type ThreadView } from './frames'
import type { LineBreakpoints } from './line-breakpoints'
import type { AdapterPorts, RunningEngine } from './ports'
import { Run } from './run'
import type { Sources } from './sources'
import type { Stop } from './stop'
import { StoppedMachine } from './stopped-machine'
import { VariableStore } from './variables'

/** Milliseconds between two machine events while the driver runs. */
const MACHINE_MS = 100

export interface SessionOptions {
  readonly ports: AdapterPorts
  readonly connection: Connection
  readonly launch: LaunchArguments
  readonly sources: Sources
  readonly lines: LineBreakpoints
  readonly calls: CallBreakpoints
  readonly filters: () => ExceptionFilters
  readonly nextId: () => number
}

/** One run of a driver, from its engine's start to its report. Its views can be read after the end too. */
export class DebugSession {
  readonly #options: SessionOptions
  readonly engine: RunningEngine
  #run: Run | undefined
  #variables: VariableStore | undefined
  #stopped: StoppedMachine | undefined
  #ended = false
  /** A restart goes on with another session: the front end does not hear of this one's end. */
  #silent = false
  #ticker: NodeJS.Timeout | undefined
  #sites: (EngineMessage & { type: 'loaded' })['sites'] = []
  #violation: ViolationReport | undefined
  #bugcheck: BugcheckReport | undefined
  readonly #started: Promise<void>
  #settleStart: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor(options: SessionOptions) {
    this.#options = options
    const { ports, launch, sources, lines, calls } = options
    this.#started = new Promise((resolve, reject) => (this.#settleStart = { resolve, reject }))
    this.engine = ports.startEngine(
      {
        config: runConfig(sources.driver, launch.config ?? {}),
        source: sources.driver,
        compiledBreakpoints: lines.compile(),
        callBreakpoints: calls.list,
        exceptionFilters: options.filters(),
      },
      {
        message: (message) => void this.#message(message),
        notice: (notice) => this.#notice(notice),
        exit: (report) => this.#exited(report),
      },
    )
  }

  /** Resolves when the driver runs; rejects, after the report was sent, when it cannot be loaded. */
  get started(): Promise<void> {
    return this.#started
  }
  get ended(): boolean {
    return this.#ended
  }
  get stopped(): StoppedMachine | undefined {
    return this.#run?.stop ? this.#stopped : undefined
  }
  get variables(): VariableStore {
    if (!this.#variables || !this.stopped) throw new DapError('the driver is not stopped')
    return this.#variables
  }
  /** The run under the inspector. Throws DapError before it and after its end. */
  get run(): Run {
    if (this.#run) return this.#run
    throw new DapError(this.#ended ? 'the run has ended' : 'the driver is being loaded')
  }
  get running(): boolean {
    return this.#run !== undefined
  }
  threads(): readonly ThreadView[] {
    return this.stopped?.threads ?? threadsOf(this.engine.cpus(), [])
  }
  machine(): MachineView | undefined {
    const ended = this.#bugcheck ? 'bugchecked' : 'finished'
    return this.engine.machine(this.#ended ? ended : this.stopped ? 'stopped' : this.#run ? 'running' : 'loading')
  }
  exceptionInfo(): DebugProtocol.ExceptionInfoResponse['body'] {
    return exceptionInfo(this.#run?.stop, this.#violation, this.#bugcheck)
  }

  /** Ends the engine, wherever it stands; resolves when its report was sent. */
  async end(silent = false): Promise<void> {
    this.#silent ||= silent
    clearInterval(this.#ticker)
    // A worker that stands at a breakpoint only ends when no inspector holds it any more.
    this.#run?.close()
    await this.engine.terminate()
  }

  async #message(message: EngineMessage): Promise<void> {
    if (message.type !== 'loaded') return
    try {
      await this.#loaded(message)
      this.#settleStart?.resolve()
    } catch (error) {
      if (!this.#ended) this.#output('stderr', `The debugger could not be attached: ${String(error)}\n`)
      await this.end()
    }
  }
  async #loaded(message: EngineMessage & { type: 'loaded' }): Promise<void> {
    const { connection, launch, sources, lines, calls, filters } = this.#options
    const { modules } = message
    this.#sites = message.sites
    const run = await Run.attach(this.engine, lines, {
      stopped: (stop) => this.#onStop(stop),
      log: (text, id) => this.#log(text, id),
      fault: (error) => this.#output('stderr', `The debugger lost the engine: ${error.message}\n`),
    })
    if (this.#ended) return run.close()
    this.#run = run
    this.#variables = new VariableStore(run.cdp, new Set(modules.flatMap((module) => module.imported)))
    lines.attach({ cdp: run.cdp, scripts: run.scripts, modules })
    await run.prepare({ modules, entry: sources.driver.entry, stopOnEntry: launch.stopOnEntry === true })
    // What changed since the engine was started, and what the engine said about the rest.
    calls.known(await run.setCallBreakpoints(calls.list))
    for (const breakpoint of calls.views()) connection.event('breakpoint', { reason: 'changed', breakpoint })
    await run.setExceptionFilters(filters())
    this.#ticker = setInterval(() => this.#tick(), MACHINE_MS)
    this.engine.begin()
  }
  #tick(): void {
    const machine = this.stopped ? undefined : this.machine()
    if (machine) this.#ndis('ndis/machine', machine)
  }

  #onStop(stop: Stop): void {
    const { connection, sources, nextId } = this.#options
    const variables = this.#variables!
    variables.clear()
    const reported =
      stop.exception === 'bugcheck' ? this.#bugcheck?.stack : stop.exception ? this.#violation?.stack : undefined
    const cpus = this.engine.cpus()
    this.#stopped = new StoppedMachine({
      run: this.run,
      stop,
      sources,
      variables,
      cpus,
      reported: reported ?? [],
      nextId,
    })
    this.#tickStopped()
    const { reason, description, text, hit } = stop
    connection.event('stopped', {
      reason,
      description,
      threadId: this.#stopped.threadId,
      allThreadsStopped: true,
      ...(text !== undefined && { text }),
      ...(hit.length > 0 && { hitBreakpointIds: hit }),
    })
  }
  #tickStopped(): void {
    const machine = this.machine()
    if (machine) this.#ndis('ndis/machine', machine)
  }
  continued(): void {
    this.#options.connection.event('continued', { threadId: this.#stopped?.threadId ?? 1, allThreadsContinued: true })
  }

  #notice(notice: EngineNotice): void {
    switch (notice.type) {
      case 'violation':
        this.#violation = notice.violation
        return this.#ndis('ndis/violation', notice.violation)
      case 'bugcheck':
        this.#bugcheck = notice.bugcheck
        return this.#ndis('ndis/bugcheck', notice.bugcheck)
      case 'log':
        return this.#log(notice.text, notice.breakpoint)
      case 'output':
        return this.#output('stdout', `${notice.text}\n`, notice.site > 0 ? this.#sites[notice.site] : undefined)
    }
  }
  #log(text: string, id: number): void {
    this.#output('console', `${text}\n`, this.#options.lines.placeOf(id))
  }
  #output(
    category: string,
    output: string,
    place?: { readonly file: string; readonly line: number; readonly column?: number },
  ): void {
    if (this.#silent) return
    const { connection, sources } = this.#options
    const where = place && { source: sources.source(place.file), line: place.line, column: place.column ?? 1 }
    connection.event('output', { category, output, ...where })
  }
  #ndis(event: NdisEvent, body: unknown): void {
    if (!this.#silent) this.#options.connection.event(event, body)
  }

  #exited(report: RunReport): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#ticker)
    this.#run?.close()
    this.#run = undefined
    this.#options.lines.detach()
    const { error, outcome } = report
    const place = error?.file === undefined ? '' : `${error.file}:${error.line ?? 1}: `
    if (error) this.#output('stderr', `${place}${error.message}\n`)
    this.#tickStopped()
    this.#ndis('ndis/report', { report })
    if (!this.#silent) {
      this.#options.connection.event('exited', { exitCode: outcome === 'clean' ? 0 : outcome === 'error' ? 2 : 1 })
      this.#options.connection.event('terminated', {})
    }
    this.#settleStart?.reject(new DapError(`${place}${error?.message ?? 'the driver could not be started'}`))
  }

  /** Answers a custom request from shared memory. */
  view(command: NdisCommand, args: never): unknown {
    return this.engine.view(command, args)
  }
}
