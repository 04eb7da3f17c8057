import type {
  CallBreakpoint,
  CallBreakpointState,
  EngineControl,
  ExceptionFilters,
  InjectedFrames,
  StopReason,
  WireChange,
} from '../../shared/engine'
import { ENGINE_CONTROL } from '../../shared/engine'
import { CdpClient } from '../cdp/client'
import { attachToWorker } from '../cdp/node-worker'
import type { CallFrame, CdpEvents, RemoteObject } from '../cdp/protocol'
import { Catchers } from './catchers'
import { EntryGate } from './entry-gate'
import { isDriverFrame } from './frames'
import type { LineBreakpoints } from './line-breakpoints'
import type { RunningEngine } from './ports'
import { DriverScripts } from './scripts'
import { Stepper, type StepCommand } from './stepper'
import * as stops from './stop'
import type { Stop, StopKind } from './stop'
import { evaluateIn, lookingOnly } from './evaluation'

/** Foreign code for stepping: the engine, Node, the bindings. Only the function that stops (stop-here.ts) is not. */
const FOREIGN = ['^file:', '^node:', '^ndis:///', '^evalmachine', '^$']
const NOTHING: readonly string[] = []

export interface RunListener {
  readonly stopped: (stop: Stop) => void
  readonly log: (text: string, breakpoint: number) => void
  /** The inspector failed; the run goes on without it. */
  readonly fault: (error: Error) => void
}

/** One run under V8's inspector: turns V8's pauses into stops of the driver, and people's commands into V8's. */
export class Run {
  readonly cdp: CdpClient
  readonly scripts = new DriverScripts()
  readonly #engine: RunningEngine
  readonly #lines: LineBreakpoints
  readonly #listener: RunListener
  readonly #catchers: Catchers
  #gate: EntryGate | undefined
  #stop: Stop | undefined
  #stepper: Stepper | undefined
  #pauseAsked = false
  #overlooked: readonly string[] = NOTHING
  /** DriverEntry is reached and a person wants to stop there. */
  #atEntry = false
  /** Compiled breakpoints that were hit, while the text that the loader put in front of the statement is left. */
  #compiledHits: number[] = []
  #closed = false

  private constructor(engine: RunningEngine, cdp: CdpClient, lines: LineBreakpoints, listener: RunListener) {
    this.#engine = engine
    this.cdp = cdp
    this.#lines = lines
    this.#listener = listener
    this.#catchers = new Catchers(cdp)
    cdp.on('Debugger.scriptParsed', (script) => this.scripts.parsed(script))
    cdp.on('Debugger.paused', (event) => void this.#paused(event).catch((error: Error) => this.#failed(error)))
    cdp.on('Debugger.resumed', () => (this.#stop = undefined))
  }
  static async attach(engine: RunningEngine, lines: LineBreakpoints, listener: RunListener): Promise<Run> {
    const cdp = new CdpClient(await attachToWorker(engine.name))
    const run = new Run(engine, cdp, lines, listener)
    await cdp.send('Runtime.enable', {})
    await cdp.send('Debugger.enable', {})
    await run.#overlook(FOREIGN)
    return run
  }
  #failed(error: Error): void {
    if (!this.#closed) this.#listener.fault(error)
  }

  get stop(): Stop | undefined {
    return this.#stop
  }
  /** The modules are known, none has run: breakpoints get their places when V8 comes to each. */
  async prepare(gate: Omit<ConstructorParameters<typeof EntryGate>[0], 'cdp' | 'onModule'>): Promise<void> {
    this.scripts.loaded(gate.modules)
    const onModule = (file: string, scriptId: string): Promise<void> => this.#lines.parsed(file, scriptId)
    this.#gate = new EntryGate({ ...gate, cdp: this.cdp, onModule })
    await this.#gate.close()
  }

  /** Works while the driver runs, loops, or stands still. */
  async setCallBreakpoints(breakpoints: readonly CallBreakpoint[]): Promise<readonly CallBreakpointState[]> {
    return JSON.parse(await this.#control('setCallBreakpoints', breakpoints)) as CallBreakpointState[]
  }
  async setExceptionFilters(filters: ExceptionFilters): Promise<void> {
    await this.#control('setExceptionFilters', filters)
    await this.cdp.send('Debugger.setPauseOnExceptions', { state: filters.uncaught ? 'all' : 'none' })
  }
  /** Works while the driver runs or stands still. @throws Error when the NIC takes no frames. */
  async inject(frames: InjectedFrames): Promise<void> {
    const problem = await this.#control('inject', frames)
    if (problem !== '') throw new Error(problem)
  }
  /** Likewise. @throws Error when there is no such link. */
  async wire(change: WireChange): Promise<void> {
    const problem = await this.#control('wire', change)
    if (problem !== '') throw new Error(problem)
  }
  async #control(name: keyof EngineControl, argument?: unknown): Promise<string> {
    const text = argument === undefined ? '' : JSON.stringify(JSON.stringify(argument))
    const { result } = await this.cdp.send('Runtime.evaluate', {
      expression: `${ENGINE_CONTROL}.${name}(${text})`,
      returnByValue: true,
      silent: true,
    })
    return String(result.value)
  }

  async pause(): Promise<void> {
    if (this.#stop) return
    this.#pauseAsked = true
    await this.#overlook(NOTHING)
    await this.cdp.send('Debugger.pause', {})
  }
  /** V8 forgets a pause that falls into what it overlooks: then everything is looked at until it stands. */
  async #overlook(patterns: readonly string[]): Promise<void> {
    if (this.#overlooked === patterns) return
    this.#overlooked = patterns
    await this.cdp.send('Debugger.setBlackboxPatterns', { patterns })
  }
  /** Stands in the engine because a person wants to pause: on to the driver's own code. */
  async #toDriver(driverRuns: boolean): Promise<void> {
    await this.#overlook(FOREIGN)
    if (driverRuns) return this.#go('Debugger.stepOut')
    await this.cdp.send('Debugger.pause', {})
    await this.#go('Debugger.resume')
  }
  async resume(): Promise<void> {
    this.#leave()
    await this.cdp.send('Debugger.resume', {})
  }
  /** After a bugcheck there is no next line: the run ends. */
  async step(command: StepCommand): Promise<void> {
    if (this.#stop?.exception === 'bugcheck') return this.resume()
    const { frames } = this.#leave()
    this.#stepper = new Stepper(command, frames)
    await this.cdp.send(this.#stepper.first, {})
  }
  #leave(): Stop {
    const stop = this.#stop
    if (!stop) throw new Error('the driver is not stopped')
    this.#stop = undefined
    this.#stepper = undefined
    return stop
  }
  close(): void {
    this.#closed = true
    this.#stop = undefined
    this.cdp.close()
  }

  async #paused(event: CdpEvents['Debugger.paused']): Promise<void> {
    const frames = this.scripts.named(event.callFrames)
    const top = frames[0]
    const reason = JSON.parse(await this.#control('stopReason')) as StopReason
    if (this.#pauseAsked && this.#overlooked === NOTHING) {
      if (top === undefined || !isDriverFrame(top)) return this.#toDriver(frames.some(isDriverFrame))
      await this.#overlook(FOREIGN)
    }
    const gate = await this.#gate?.passes(event, frames)
    if (gate === 'stopped') this.#atEntry = true
    else if (gate) return this.#go(this.#pauseAsked && gate === 'resume' ? 'Debugger.stepInto' : `Debugger.${gate}`)
    if (reason.kind === 'line') this.#compiledHits.push(...this.#lines.live(reason.breakpointIds))
    if (top && isDriverFrame(top) && this.scripts.isOurs(top.location)) return this.#go('Debugger.stepOver')
    const kind = stops.engineStop(reason) ?? (await this.#kindOf(event, frames))
    if (kind) this.#publish(kind, frames)
    else await this.#goOn(frames)
  }
  /** What a pause of V8 means; undefined when it means nothing to a person. */
  async #kindOf(event: CdpEvents['Debugger.paused'], frames: readonly CallFrame[]): Promise<StopKind | undefined> {
    const top = frames[0]
    const driver = frames.filter(isDriverFrame)
    if (!top || driver.length === 0) return undefined
    if (event.reason === 'exception')
      return (await this.#catchers.catches(driver)) ? undefined : stops.thrownStop(event.data?.description)
    const { hitBreakpoints = [] } = event
    const evaluate = (expression: string): Promise<RemoteObject> =>
      lookingOnly(this.cdp, () => evaluateIn(this.cdp, top, expression))
    const hit = await this.#lines.hit(hitBreakpoints, evaluate, this.#listener.log)
    const all = [...this.#compiledHits.splice(0), ...hit]
    if (all.length > 0) return stops.breakpointStop(all)
    if (this.#atEntry) return stops.ENTRY_STOP
    if (this.#pauseAsked) return stops.PAUSE_STOP
    if (this.#stepper || hitBreakpoints.length > 0 || !isDriverFrame(top)) return undefined
    return event.reason === 'other' ? stops.STATEMENT_STOP : undefined
  }
  async #goOn(frames: readonly CallFrame[]): Promise<void> {
    if (!this.#stepper) return this.#go('Debugger.resume')
    const next = this.#stepper.landed(frames)
    if (next === undefined) return this.#publish(stops.STEP_STOP, frames)
    if (next === 'resume') this.#stepper = undefined
    await this.#go(next === 'resume' ? 'Debugger.resume' : next)
  }
  async #go(command: StepCommand | 'Debugger.resume'): Promise<void> {
    await this.cdp.send(command, {})
  }
  #publish(kind: StopKind, frames: readonly CallFrame[]): void {
    this.#stepper = undefined
    this.#pauseAsked = false
    this.#atEntry = false
    this.#compiledHits = []
    this.#engine.drain()
    this.#stop = { ...kind, frames }
    this.#listener.stopped(this.#stop)
  }
}
