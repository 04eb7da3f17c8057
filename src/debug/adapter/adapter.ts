import type { DebugProtocol } from '@vscode/debugprotocol'
import { checkLinkChange } from '../../shared/hardware'
import type { LaunchArguments, NdisCommand } from '../../shared/dap'
import { NO_STOPS, type ExceptionFilters, type WireChange } from '../../shared/engine'
import type { MachineView } from '../../shared/views'
import { watchWorkers } from '../cdp/node-worker'
import { breakpointLocations } from './breakpoint-locations'
import { CallBreakpoints } from './call-breakpoints'
import { CAPABILITIES } from './capabilities'
import { Connection, DapError } from './connection'
import { readExceptionFilters } from './exception-filters'
import { checkLaunch } from './launch'
import { exploreHandlers } from './explore-requests'
import { LineBreakpoints } from './line-breakpoints'
import { readMemory, writeMemory } from './memory-requests'
import { packetHandlers } from './packet-requests'
import type { AdapterPorts } from './ports'
import { DebugSession } from './session'
import { Sources } from './sources'
import type { StepCommand } from './stepper'
import type { StoppedMachine } from './stopped-machine'
import { createSweeps, type Sweeps } from './sweep-requests'

type Handler = (args: never) => unknown

const IDLE: MachineView = { state: 'idle', cpu: 0, irql: 0, timeNs: 0, events: 0, seed: 0, platform: 'nt', cpus: [] }
const NOTHING_RUNS = 'no driver was started yet'

/** The Debug Adapter Protocol on one side, engine workers on the other: one at a time, as restarts go. */
export class DebugAdapter {
  readonly #ports: AdapterPorts
  readonly #connection: Connection
  readonly #lines: LineBreakpoints
  readonly #calls: CallBreakpoints
  readonly #sweeps: Sweeps
  readonly #handlers: Readonly<Record<string, Handler>>
  readonly #explorations: ReturnType<typeof exploreHandlers>
  #launch: LaunchArguments | undefined
  #sources: Sources | undefined
  #configured: { promise: Promise<void>; resolve: () => void }
  #session: DebugSession | undefined
  #filters: ExceptionFilters = NO_STOPS
  #lastId = 0

  /** `send` takes what goes to the front end. */
  constructor(ports: AdapterPorts, send: (message: DebugProtocol.ProtocolMessage) => void) {
    const nextId = (): number => ++this.#lastId
    this.#ports = ports
    this.#connection = new Connection(send)
    this.#calls = new CallBreakpoints(nextId)
    this.#lines = new LineBreakpoints(nextId, (breakpoint) =>
      this.#connection.event('breakpoint', { reason: 'changed', breakpoint }),
    )
    let resolve: () => void = () => undefined
    const promise = new Promise<void>((done) => (resolve = done))
    this.#configured = { promise, resolve }
    this.#sweeps = createSweeps(ports, this.#connection)
    this.#explorations = exploreHandlers(ports, this.#connection)
    this.#handlers = {
      ...this.#lifeHandlers(),
      ...this.#breakpointHandlers(),
      ...this.#controlHandlers(),
      ...this.#lookHandlers(),
      ...this.#memoryHandlers(),
      ...packetHandlers(ports.captures, () => this.#session),
      ...this.#sweeps.handlers,
      ...this.#explorations.handlers,
    }
    watchWorkers()
  }

  /** Takes a message of the front end. Every request is answered, also those that nobody knows. */
  handle(message: unknown): void {
    const request = message as DebugProtocol.Request | null
    if (typeof request !== 'object' || request?.type !== 'request' || typeof request.command !== 'string') return
    void this.#answer(request)
  }
  /** The front end is gone. */
  dispose(): void {
    this.#sweeps.end()
    this.#explorations.cancel()
    const session = this.#session
    void session?.end(true).finally(() => session.engine.dispose())
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const { command } = request
    const args = (request.arguments ?? {}) as never
    try {
      const known = Object.hasOwn(this.#handlers, command) ? this.#handlers[command] : undefined
      this.#connection.respond(request, await (known ? known(args) : this.#custom(command, args)))
      if (command === 'initialize') this.#connection.event('initialized')
    } catch (error) {
      this.#connection.refuse(request, error)
    }
  }

  #lifeHandlers(): Record<string, Handler> {
    return {
      initialize: () => CAPABILITIES,
      launch: async (args: LaunchArguments) => {
        await this.#read(args)
        await this.#configured.promise
        await this.#start()
      },
      configurationDone: () => this.#configured.resolve(),
      restart: async ({ arguments: args }: { arguments?: LaunchArguments }) => {
        if (!this.#launch) throw new DapError(NOTHING_RUNS)
        await this.#read(args ?? this.#launch)
        await this.#session?.end(true)
        await this.#start()
      },
      terminate: () => this.#session?.end(),
      disconnect: () => this.#session?.end(),
    }
  }
  async #read(args: LaunchArguments): Promise<void> {
    checkLaunch(args)
    this.#sources = new Sources(await this.#ports.readDriver(args.program, args.overlays ?? {}))
    this.#launch = args
  }
  async #start(): Promise<void> {
    const [launch, sources] = [this.#launch!, this.#sources!]
    this.#session?.engine.dispose()
    this.#lines.use(sources)
    this.#session = new DebugSession({
      ports: this.#ports,
      connection: this.#connection,
      launch,
      sources,
      lines: this.#lines,
      calls: this.#calls,
      filters: () => this.#filters,
      nextId: () => ++this.#lastId,
    })
    this.#connection.event('process', { name: sources.driver.entry, isLocalProcess: true, startMethod: 'launch' })
    await this.#session.started
  }

  #breakpointHandlers(): Record<string, Handler> {
    return {
      setBreakpoints: async ({ source, breakpoints, lines }: DebugProtocol.SetBreakpointsArguments) => {
        const requests = breakpoints ?? (lines ?? []).map((line) => ({ line }))
        return { breakpoints: await this.#lines.set(source.path ?? source.name ?? '', requests) }
      },
      setFunctionBreakpoints: async ({ breakpoints }: DebugProtocol.SetFunctionBreakpointsArguments) => {
        this.#calls.set(breakpoints)
        const { running, run } = this.#running()
        if (running) this.#calls.known(await run().setCallBreakpoints(this.#calls.list))
        return { breakpoints: this.#calls.views() }
      },
      setExceptionBreakpoints: async (args: DebugProtocol.SetExceptionBreakpointsArguments) => {
        const chosen = readExceptionFilters(args, () => this.#ports.rules().rules)
        this.#filters = chosen.filters
        const { running, run } = this.#running()
        if (running) await run().setExceptionFilters(this.#filters)
        return { breakpoints: chosen.breakpoints }
      },
      breakpointLocations: (args: DebugProtocol.BreakpointLocationsArguments) => {
        if (!this.#sources) return { breakpoints: [] }
        return breakpointLocations(this.#session, this.#sources, args)
      },
    }
  }
  #running() {
    const session = this.#session
    return { running: session?.running ?? false, run: () => session!.run }
  }

  #controlHandlers(): Record<string, Handler> {
    const step = (command: StepCommand) => async () => {
      this.#stopped()
      await this.#need().run.step(command)
      this.#need().continued()
    }
    return {
      continue: async () => {
        this.#stopped()
        await this.#need().run.resume()
        this.#need().continued()
        return { allThreadsContinued: true }
      },
      next: step('Debugger.stepOver'),
      stepIn: step('Debugger.stepInto'),
      stepOut: step('Debugger.stepOut'),
      pause: () => this.#need().run.pause(),
      'ndis/wire': async ({ slot, change }: WireChange) => {
        await this.#need().run.wire({ slot, change: checkLinkChange(change) })
        return {}
      },
    }
  }

  #lookHandlers(): Record<string, Handler> {
    return {
      threads: () => ({ threads: (this.#session?.threads() ?? []).map(({ id, name }) => ({ id, name })) }),
      stackTrace: (args: DebugProtocol.StackTraceArguments) => this.#stopped().stackTrace(args),
      scopes: ({ frameId }: DebugProtocol.ScopesArguments) => this.#stopped().scopes(frameId),
      variables: async ({ variablesReference }: DebugProtocol.VariablesArguments) => ({
        variables: await this.#need().variables.variables(variablesReference),
      }),
      setVariable: ({ variablesReference, name, value }: DebugProtocol.SetVariableArguments) =>
        this.#need().variables.setVariable(variablesReference, name, value, this.#stopped().frame()),
      evaluate: (args: DebugProtocol.EvaluateArguments) => this.#stopped().evaluate(args),
      exceptionInfo: () => this.#need().exceptionInfo(),
      loadedSources: () => ({ sources: (this.#sources?.files ?? []).map((file) => this.#sources!.source(file)) }),
      source: ({ source }: DebugProtocol.SourceArguments) => {
        const content = this.#sources?.text(this.#sources.file(source?.path ?? ''))
        if (content === undefined) throw new DapError(`${source?.path ?? 'this source'} is not part of the driver`)
        return { content, mimeType: 'text/typescript' }
      },
    }
  }

  #memoryHandlers(): Record<string, Handler> {
    return {
      readMemory: (args: DebugProtocol.ReadMemoryArguments) => readMemory(this.#need().engine, args),
      writeMemory: (args: DebugProtocol.WriteMemoryArguments) => {
        this.#stopped()
        const { address, bytesWritten } = writeMemory(this.#need().engine, args)
        const memoryReference = `0x${address.toString(16).padStart(8, '0')}`
        this.#connection.event('memory', { memoryReference, offset: 0, count: bytesWritten })
        return { bytesWritten }
      },
    }
  }

  #need(): DebugSession {
    if (!this.#session) throw new DapError(NOTHING_RUNS)
    return this.#session
  }
  #stopped(): StoppedMachine {
    const { stopped } = this.#need()
    if (!stopped) throw new DapError('the driver is not stopped')
    return stopped
  }
  #custom(command: string, args: never): unknown {
    if (command === 'ndis/functions') return this.#ports.functions()
    if (command === 'ndis/rules') return this.#ports.rules()
    if (command === 'ndis/machine') return this.#session?.machine() ?? IDLE
    const body = command.startsWith('ndis/') ? this.#need().view(command as NdisCommand, args) : undefined
    if (body === undefined) throw new DapError(`'${command}' is not supported`)
    return body
  }
}
