import type { DebugProtocol } from '@vscode/debugprotocol'
import { authorColumn } from '../../shared/columns'
import type { LaunchArguments, NdisCommand, NdisEvent } from '../../shared/dap'
import {
  DEFAULT_RUN_CONFIG,
  type CallBreakpoint,
  type CallBreakpointState,
  type EngineMessage,
  type EngineNotice,
  type ExceptionFilters,
  type RunConfig,
} from '../../shared/engine'
import type { RunReport } from '../../shared/report'
import type { CallFrame } from '../cdp/protocol'
import { watchWorkers } from '../cdp/node-worker'
import { CAPABILITIES } from './capabilities'
import { fileOf, LineBreakpoints } from './line-breakpoints'
import { isDriverFrame, threadsOf, type ThreadView } from './frames'
import type { AdapterPorts, DriverSource, RunningEngine } from './ports'
import { Run, type Stop } from './run'
import { VariableStore } from './variables'

type Arguments = Record<string, unknown>
type Handler = (args: never) => unknown

const NO_FILTERS: ExceptionFilters = { violations: false, bugchecks: false, uncaught: false }
/** Milliseconds between two machine events while the driver runs. */
const MACHINE_MS = 100

/** A request that cannot be carried out: its message goes to the person. */
export class DapError extends Error {}

/** One debug session: the Debug Adapter Protocol on one side, an engine worker on the other. */
export class DebugAdapter {
  readonly #ports: AdapterPorts
  readonly #send: (message: DebugProtocol.ProtocolMessage) => void
  readonly #lines: LineBreakpoints
  readonly #handlers: Readonly<Record<string, Handler>>
  #seq = 0
  #launch: LaunchArguments | undefined
  #configured = false
  #engine: RunningEngine | undefined
  #source: DriverSource | undefined
  #run: Run | undefined
  #variables: VariableStore | undefined
  #calls: (CallBreakpoint & { readonly requested: DebugProtocol.FunctionBreakpoint })[] = []
  #callStates: readonly CallBreakpointState[] = []
  #filters = NO_FILTERS
  #threads: readonly ThreadView[] = []
  #frames = new Map<number, CallFrame>()
  #ended = false
  #ticker: NodeJS.Timeout | undefined
  #nextId = 100_000

  constructor(ports: AdapterPorts, send: (message: DebugProtocol.ProtocolMessage) => void) {
    this.#ports = ports
    this.#send = send
    this.#lines = new LineBreakpoints((breakpoint) => this.#event('breakpoint', { reason: 'changed', breakpoint }))
    this.#handlers = this.#table()
    watchWorkers()
  }

  /** Takes a message of the front end. Every request is answered, also those that nobody knows. */
  handle(message: unknown): void {
    const request = message as DebugProtocol.Request
    if (
      typeof request !== 'object' ||
      request === null ||
      request.type !== 'request' ||
      typeof request.command !== 'string'
    )
      return
    void this.#answer(request)
  }
  dispose(): void {
    void this.#end()
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const response = { seq: 0, type: 'response', request_seq: request.seq, command: request.command }
    try {
      const handler = this.#handlers[request.command]
      const args = (request.arguments ?? {}) as Arguments
      const body = handler ? await handler(args as never) : this.#custom(request.command, args)
      this.#post({ ...response, success: true, ...(body !== undefined && { body }) } as DebugProtocol.Response)
      if (request.command === 'initialize') this.#event('initialized', undefined)
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      this.#post({
        ...response,
        success: false,
        message: text,
        body: { error: { id: 1, format: text, showUser: true } },
      } as DebugProtocol.Response)
    }
  }
  #post(message: DebugProtocol.ProtocolMessage): void {
    this.#send({ ...message, seq: ++this.#seq })
  }
  #event(event: string, body: unknown): void {
    this.#post({ seq: 0, type: 'event', event, ...(body !== undefined && { body }) } as DebugProtocol.Event)
  }

  #table(): Readonly<Record<string, Handler>> {
    const stopped = (): Run => {
      if (!this.#run) throw new DapError('no driver runs')
      return this.#run
    }
    return {
      initialize: () => CAPABILITIES,
      launch: (args: LaunchArguments) => this.#launched(args),
      configurationDone: () => this.#configure(),
      setBreakpoints: (args: DebugProtocol.SetBreakpointsArguments) => this.#setBreakpoints(args),
      setFunctionBreakpoints: (args: DebugProtocol.SetFunctionBreakpointsArguments) =>
        this.#setFunctionBreakpoints(args),
      setExceptionBreakpoints: (args: DebugProtocol.SetExceptionBreakpointsArguments) => this.#setFilters(args.filters),
      threads: () => ({ threads: this.#currentThreads().map(({ id, name }) => ({ id, name })) }),
      stackTrace: (args: DebugProtocol.StackTraceArguments) => this.#stackTrace(args),
      scopes: async ({ frameId }: DebugProtocol.ScopesArguments) => ({
        scopes: await this.#store().scopes(this.#frame(frameId)),
      }),
      variables: async ({ variablesReference }: DebugProtocol.VariablesArguments) => ({
        variables: await this.#store().variables(variablesReference),
      }),
      setVariable: (args: DebugProtocol.SetVariableArguments) =>
        this.#store().setVariable(args.variablesReference, args.name, args.value, this.#top()),
      evaluate: (args: DebugProtocol.EvaluateArguments) => this.#evaluate(args),
      continue: async () => {
        await stopped().resume()
        return { allThreadsContinued: true }
      },
      next: () => stopped().step('Debugger.stepOver'),
      stepIn: () => stopped().step('Debugger.stepInto'),
      stepOut: () => stopped().step('Debugger.stepOut'),
      pause: () => stopped().pause(),
      readMemory: (args: DebugProtocol.ReadMemoryArguments) => this.#readMemory(args),
      writeMemory: (args: DebugProtocol.WriteMemoryArguments) => this.#writeMemory(args),
      exceptionInfo: () => this.#exceptionInfo(),
      loadedSources: () => ({ sources: Object.keys(this.#source?.files ?? {}).map((file) => this.#sourceOf(file)) }),
      source: ({ source }: DebugProtocol.SourceArguments) => this.#sourceText(source),
      restart: (args: { arguments?: LaunchArguments }) => this.#restart(args.arguments),
      terminate: () => this.#end(),
      disconnect: () => this.#end(),
    }
  }

  #launched(args: LaunchArguments): void {
    if (typeof args.program !== 'string' || args.program === '')
      throw new DapError('launch needs `program`: the path of a driver')
    this.#launch = args
    if (this.#configured) return this.#startLater()
  }
  #configure(): void {
    this.#configured = true
    if (this.#launch) this.#startLater()
  }
  /** After the response is out, so that events follow it. */
  #startLater(): void {
    setImmediate(() => {
      this.#start().catch((error: unknown) => {
        this.#output('stderr', `${error instanceof Error ? error.message : String(error)}\n`)
        this.#event('terminated', {})
      })
    })
  }

  async #start(): Promise<void> {
    const launch = this.#launch!
    this.#ended = false
    this.#source = await this.#ports.readDriver(launch.program, launch.overlays ?? {})
    const config: RunConfig = { ...DEFAULT_RUN_CONFIG, ...launch.config }
    this.#engine = this.#ports.startEngine(
      {
        config,
        source: this.#source,
        compiledBreakpoints: this.#lines.compiled(),
        callBreakpoints: this.#calls,
        exceptionFilters: this.#filters,
      },
      {
        message: (message) =>
          void this.#message(message).catch((error: unknown) => this.#output('stderr', `${String(error)}\n`)),
        notice: (notice) => this.#notice(notice),
        exit: (report) => this.#exited(report),
      },
    )
    this.#event('process', { name: this.#source.entry, isLocalProcess: true, startMethod: 'launch' })
  }

  async #message(message: EngineMessage): Promise<void> {
    if (message.type !== 'loaded') return
    const engine = this.#engine!
    this.#run = await Run.attach(
      engine,
      (stop) => this.#stopped(stop),
      (error) => this.#output('stderr', `The debugger lost the engine: ${String(error)}\n`),
    )
    this.#run.loaded(message)
    this.#variables = new VariableStore(this.#run.cdp, new Set(message.modules.flatMap((module) => module.imported)))
    this.#callsKnown(message.callBreakpoints)
    await this.#lines.attach(this.#run.cdp, message.modules)
    if (this.#filters.uncaught) await this.#run.setPauseOnThrow(true)
    if (this.#launch?.stopOnEntry) await this.#run.pause()
    this.#ticker = setInterval(() => this.#tick(), MACHINE_MS)
    engine.begin()
  }
  #tick(): void {
    if (this.#run?.stop) return
    const machine = this.#engine?.machine('running')
    if (machine) this.#ndis('ndis/machine', machine)
  }
  #ndis(event: NdisEvent, body: unknown): void {
    this.#event(event, body)
  }
  #notice(notice: EngineNotice): void {
    if (notice.type === 'violation') return this.#ndis('ndis/violation', notice.violation)
    if (notice.type === 'bugcheck') return this.#ndis('ndis/bugcheck', notice.bugcheck)
    const site = this.#run?.sites[notice.site]
    this.#event('output', {
      category: 'stdout',
      output: `${notice.text}\n`,
      ...(site && notice.site > 0 && { source: this.#sourceOf(site.file), line: site.line, column: site.column }),
    })
  }
  #output(category: string, output: string): void {
    this.#event('output', { category, output })
  }

  #exited(report: RunReport): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#ticker)
    this.#run?.close()
    this.#run = undefined
    this.#lines.detach()
    if (report.error)
      this.#output(
        'stderr',
        `${report.error.file ? `${report.error.file}:${report.error.line ?? 1}: ` : ''}${report.error.message}\n`,
      )
    const machine = this.#engine?.machine(report.bugcheck ? 'bugchecked' : 'finished')
    if (machine) this.#ndis('ndis/machine', machine)
    this.#ndis('ndis/report', { report })
    this.#event('exited', { exitCode: report.outcome === 'clean' ? 0 : report.outcome === 'error' ? 2 : 1 })
    this.#event('terminated', {})
  }
  async #end(): Promise<void> {
    clearInterval(this.#ticker)
    const engine = this.#engine
    // A worker that stands at a breakpoint only ends when nothing holds it any more.
    this.#run?.close()
    await engine?.terminate()
  }
  async #restart(args: LaunchArguments | undefined): Promise<void> {
    await this.#end()
    if (args) this.#launch = args
    this.#startLater()
  }

  #stopped(stop: Stop): void {
    this.#variables?.clear()
    this.#frames = new Map()
    this.#threads = threadsOf(this.#engine!.cpus(), stop.frames)
    const threadId = this.#threads[0]!.id
    const ids = [...this.#lines.idsOf(stop.cdpBreakpoints), ...stop.callBreakpoints, ...stop.compiledBreakpoints]
    const machine = this.#engine!.machine('stopped')
    if (machine) this.#ndis('ndis/machine', machine)
    this.#event('stopped', {
      reason: stop.reason,
      description: stop.description,
      threadId,
      allThreadsStopped: true,
      ...(stop.text !== undefined && { text: stop.text }),
      ...(ids.length > 0 && { hitBreakpointIds: ids }),
    })
  }
  #currentThreads(): readonly ThreadView[] {
    if (this.#run?.stop) return this.#threads
    return this.#engine ? threadsOf(this.#engine.cpus(), []) : [{ id: 1, name: 'CPU 0', frames: [] }]
  }

  #sourceOf(file: string): DebugProtocol.Source {
    const folder = this.#source?.folder ?? ''
    return { name: file.split('/').at(-1)!, path: this.#source?.uri ?? (folder === '' ? file : `${folder}/${file}`) }
  }
  #sourceText(source: DebugProtocol.Source | undefined): { content: string } {
    const content = this.#source?.files[this.#fileOf(source?.path ?? '')]
    if (content === undefined) throw new DapError(`${source?.path ?? 'this'} is not part of the driver`)
    return { content }
  }
  /** Path of the driver's folder for a path of the front end. */
  #fileOf(path: string): string {
    if (this.#source?.uri !== undefined && path === this.#source.uri) return this.#source.entry
    const normal = path.replace(/\\/g, '/')
    const folder = this.#source?.folder ?? ''
    if (folder !== '' && normal.startsWith(`${folder.replace(/\\/g, '/')}/`)) return normal.slice(folder.length + 1)
    return normal
  }

  #stackTrace(args: DebugProtocol.StackTraceArguments): {
    stackFrames: DebugProtocol.StackFrame[]
    totalFrames: number
  } {
    const thread = this.#currentThreads().find(({ id }) => id === args.threadId)
    const frames = thread?.frames ?? []
    const start = args.startFrame ?? 0
    const end = args.levels ? start + args.levels : frames.length
    return { totalFrames: frames.length, stackFrames: frames.slice(start, end).map((frame) => this.#stackFrame(frame)) }
  }
  #stackFrame(frame: CallFrame): DebugProtocol.StackFrame {
    const id = ++this.#nextId
    this.#frames.set(id, frame)
    const file = fileOf(frame.url)
    const line = frame.location.lineNumber + 1
    const module = this.#run?.modules.find(({ path }) => path === file)
    const column = authorColumn(module?.insertions ?? [], line, frame.location.columnNumber ?? 0) + 1
    return { id, name: frame.functionName || '(module)', source: this.#sourceOf(file), line, column }
  }
  #frame(id: number | undefined): CallFrame {
    const frame = id === undefined ? this.#top() : this.#frames.get(id)
    if (!frame) throw new DapError('this frame is from an earlier stop')
    return frame
  }
  #top(): CallFrame {
    const frame = this.#run?.stop?.frames.find(isDriverFrame)
    if (!frame) throw new DapError('the driver is not stopped')
    return frame
  }
  #store(): VariableStore {
    if (!this.#variables || !this.#run?.stop) throw new DapError('the driver is not stopped')
    return this.#variables
  }

  async #evaluate({
    expression,
    frameId,
    context,
  }: DebugProtocol.EvaluateArguments): Promise<DebugProtocol.EvaluateResponse['body']> {
    const object = await this.#store().evaluate(this.#frame(frameId), expression, context === 'hover')
    const { value, ...rest } = this.#store().variable('', object)
    return {
      result: value,
      variablesReference: rest.variablesReference,
      ...(rest.type !== undefined && { type: rest.type }),
      ...(rest.memoryReference !== undefined && { memoryReference: rest.memoryReference }),
    }
  }

  async #setBreakpoints(
    args: DebugProtocol.SetBreakpointsArguments,
  ): Promise<{ breakpoints: DebugProtocol.Breakpoint[] }> {
    const requests = args.breakpoints ?? (args.lines ?? []).map((line) => ({ line }))
    this.#source ??= this.#launch
      ? await this.#ports.readDriver(this.#launch.program, this.#launch.overlays ?? {}).catch(() => undefined)
      : undefined
    return { breakpoints: await this.#lines.set(this.#fileOf(args.source.path ?? ''), requests) }
  }
  async #setFunctionBreakpoints({
    breakpoints,
  }: DebugProtocol.SetFunctionBreakpointsArguments): Promise<{ breakpoints: DebugProtocol.Breakpoint[] }> {
    this.#calls = breakpoints.map((requested) => ({
      id: ++this.#nextId,
      name: requested.name,
      requested,
      ...(requested.condition?.trim() && { condition: requested.condition }),
      ...(requested.hitCondition?.trim() && { hitCondition: requested.hitCondition }),
    }))
    if (this.#run) this.#callStates = await this.#run.setCallBreakpoints(this.#calls)
    else this.#callStates = []
    return { breakpoints: this.#calls.map((call) => this.#callView(call.id)) }
  }
  #callView(id: number): DebugProtocol.Breakpoint {
    const state = this.#callStates.find((candidate) => candidate.id === id)
    return { id, verified: state?.verified ?? false, ...(state?.message !== undefined && { message: state.message }) }
  }
  #callsKnown(states: readonly CallBreakpointState[]): void {
    this.#callStates = states
    for (const { id } of this.#calls) this.#event('breakpoint', { reason: 'changed', breakpoint: this.#callView(id) })
  }
  async #setFilters(filters: readonly string[]): Promise<void> {
    this.#filters = {
      violations: filters.includes('violations'),
      bugchecks: filters.includes('bugchecks'),
      uncaught: filters.includes('uncaught'),
    }
    await this.#run?.setExceptionFilters(this.#filters)
    await this.#run?.setPauseOnThrow(this.#filters.uncaught)
  }

  #exceptionInfo(): DebugProtocol.ExceptionInfoResponse['body'] {
    const stop = this.#run?.stop
    if (stop?.reason !== 'exception') throw new DapError('the driver is not stopped at an exception')
    const [rule = stop.description, ...message] = (stop.text ?? '').split(': ')
    return { exceptionId: rule, description: message.join(': '), breakMode: 'always' }
  }
  #readMemory({
    memoryReference,
    offset,
    count,
  }: DebugProtocol.ReadMemoryArguments): DebugProtocol.ReadMemoryResponse['body'] {
    const address = Number(memoryReference) + (offset ?? 0)
    const bytes = this.#engine?.read(address, count) ?? new Uint8Array()
    return {
      address: `0x${(address >>> 0).toString(16)}`,
      data: Buffer.from(bytes).toString('base64'),
      unreadableBytes: count - bytes.length,
    }
  }
  #writeMemory({
    memoryReference,
    offset,
    data,
  }: DebugProtocol.WriteMemoryArguments): DebugProtocol.WriteMemoryResponse['body'] {
    if (!this.#run?.stop) throw new DapError('memory can be written while the driver is stopped')
    return {
      bytesWritten: this.#engine?.write(Number(memoryReference) + (offset ?? 0), Buffer.from(data, 'base64')) ?? 0,
    }
  }

  #custom(command: string, args: Arguments): unknown {
    if (!command.startsWith('ndis/')) throw new DapError(`'${command}' is not supported`)
    if (command === 'ndis/functions') return this.#ports.functions()
    if (command === 'ndis/machine')
      return (
        this.#engine?.machine(this.#ended ? 'finished' : this.#run?.stop ? 'stopped' : 'running') ?? {
          state: 'idle',
          cpu: 0,
          irql: 0,
          timeNs: 0,
          events: 0,
          seed: 0,
          platform: 'nt',
          cpus: [],
        }
      )
    const body = this.#engine?.view(command as NdisCommand, args as never)
    if (body === undefined)
      throw new DapError(this.#engine ? `'${command}' is not supported` : 'no driver was started yet')
    return body
  }
}
