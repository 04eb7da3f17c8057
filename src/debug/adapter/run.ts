import type {
  CallBreakpoint,
  CallBreakpointState,
  CallSite,
  EngineMessage,
  ExceptionFilters,
  LoadedModule,
  StopReason,
} from '../../shared/engine'
import { isInserted } from '../../shared/columns'
import { CdpClient } from '../cdp/client'
import { attachToWorker } from '../cdp/node-worker'
import type { CallFrame, CdpEvents } from '../cdp/protocol'
import { fileOf } from './line-breakpoints'
import { isDriverFrame } from './frames'
import type { RunningEngine } from './ports'

/** A stop that a person sees. */
export interface Stop {
  readonly reason: 'breakpoint' | 'function breakpoint' | 'step' | 'pause' | 'exception' | 'entry'
  readonly description: string
  readonly text?: string
  readonly frames: readonly CallFrame[]
  readonly cdpBreakpoints: readonly string[]
  readonly callBreakpoints: readonly number[]
  readonly compiledBreakpoints: readonly number[]
}

/** Foreign code for stepping: the engine, Node, the bindings. Only the function that stops is not. */
const FOREIGN = ['^file:', '^node:', '^ndis:///', '^evalmachine', '^$']
/** Steps inside of what the loader inserted into a line; it never is longer. */
const MOST_INSERTED_STEPS = 6

type StepCommand = 'Debugger.stepOver' | 'Debugger.stepInto' | 'Debugger.stepOut'

/** One run under the inspector: turns V8's pauses into stops of the driver. */
export class Run {
  readonly #engine: RunningEngine
  readonly #cdp: CdpClient
  readonly #onStop: (stop: Stop) => void
  modules: readonly LoadedModule[] = []
  sites: readonly CallSite[] = []
  readonly #urls = new Map<string, string>()
  #stop: Stop | undefined
  #pauseAsked = false
  #stepping = false
  #insertedSteps = 0
  /** The compiled stop whose inserted text is being stepped through. */
  #pending: { ids: readonly number[] } | undefined
  /** Where a step began: V8 stops several times on a line, a person steps by lines. */
  #from: { command: StepCommand; functionName: string; line: number; depth: number } | undefined

  private constructor(
    engine: RunningEngine,
    cdp: CdpClient,
    onStop: (stop: Stop) => void,
    onFault: (error: unknown) => void,
  ) {
    this.#engine = engine
    this.#cdp = cdp
    this.#onStop = onStop
    cdp.on('Debugger.scriptParsed', ({ scriptId, url }) => this.#urls.set(scriptId, url))
    cdp.on(
      'Debugger.paused',
      (event) => void this.#paused(this.#named(event)).catch((error: unknown) => onFault(error)),
    )
    cdp.on('Debugger.resumed', () => {
      this.#stop = undefined
    })
  }
  /** `onFault`: the inspector failed us; the run goes on without it. */
  static async attach(
    engine: RunningEngine,
    onStop: (stop: Stop) => void,
    onFault: (error: unknown) => void,
  ): Promise<Run> {
    const cdp = new CdpClient(await attachToWorker(engine.name))
    const run = new Run(engine, cdp, onStop, onFault)
    await cdp.send('Runtime.enable', {})
    await cdp.send('Debugger.enable', {})
    await cdp.send('Debugger.setBlackboxPatterns', { patterns: FOREIGN })
    return run
  }

  get cdp(): CdpClient {
    return this.#cdp
  }
  get stop(): Stop | undefined {
    return this.#stop
  }
  loaded(message: EngineMessage & { type: 'loaded' }): void {
    this.modules = message.modules
    this.sites = message.sites
  }
  async setPauseOnThrow(on: boolean): Promise<void> {
    await this.#cdp.send('Debugger.setPauseOnExceptions', { state: on ? 'all' : 'none' })
  }
  /** Works while the driver runs, loops, or stands still. */
  async setCallBreakpoints(breakpoints: readonly CallBreakpoint[]): Promise<readonly CallBreakpointState[]> {
    return JSON.parse(
      await this.#control(`setCallBreakpoints(${JSON.stringify(JSON.stringify(breakpoints))})`),
    ) as CallBreakpointState[]
  }
  async setExceptionFilters(filters: ExceptionFilters): Promise<void> {
    await this.#control(`setExceptionFilters(${JSON.stringify(JSON.stringify(filters))})`)
  }
  async #control(call: string): Promise<string> {
    const { result } = await this.#cdp.send('Runtime.evaluate', {
      expression: `__ndisEngine.${call}`,
      returnByValue: true,
      silent: true,
    })
    return String(result.value)
  }

  async pause(): Promise<void> {
    this.#pauseAsked = true
    await this.#cdp.send('Debugger.pause', {})
  }
  async resume(): Promise<void> {
    this.#stop = undefined
    await this.#cdp.send('Debugger.resume', {})
  }
  async step(command: StepCommand): Promise<void> {
    const top = this.#stop?.frames.find(isDriverFrame)
    this.#from = undefined
    if (top && command !== 'Debugger.stepOut')
      this.#from = {
        command,
        functionName: top.functionName,
        line: top.location.lineNumber,
        depth: this.#stop!.frames.filter(isDriverFrame).length,
      }
    this.#stepping = true
    this.#stop = undefined
    await this.#cdp.send(command, {})
  }
  close(): void {
    this.#cdp.close()
  }

  /** Frames of evaluated scripts come without their URL; what was parsed knows it. */
  #named(event: CdpEvents['Debugger.paused']): CdpEvents['Debugger.paused'] {
    const callFrames = event.callFrames.map((frame) => ({
      ...frame,
      url: this.#urls.get(frame.location.scriptId) ?? frame.url,
    }))
    return { ...event, callFrames }
  }

  async #paused(event: CdpEvents['Debugger.paused']): Promise<void> {
    const stopReason = JSON.parse(await this.#control('stopReason()')) as StopReason
    const top = event.callFrames[0]
    const driver = event.callFrames.find(isDriverFrame)
    if (stopReason.kind === 'line') this.#pending = { ids: stopReason.breakpointIds }
    if (!driver || (top && !isDriverFrame(top) && stopReason.kind === 'none' && !this.#pauseAsked))
      return this.#goOn(event)
    if (top && isDriverFrame(top) && this.#insideInsertion(top) && this.#insertedSteps++ < MOST_INSERTED_STEPS) {
      await this.#cdp.send('Debugger.stepOver', {})
      return
    }
    this.#insertedSteps = 0
    if (
      this.#from &&
      stopReason.kind === 'none' &&
      !this.#pauseAsked &&
      !event.hitBreakpoints?.length &&
      !this.#pending &&
      this.#sameLine(event.callFrames)
    ) {
      await this.#cdp.send(this.#from.command, {})
      return
    }
    this.#from = undefined
    this.#publish(event, stopReason)
  }
  /** V8 stands in code of ours without a reason: leave it the way we came. */
  async #goOn(event: CdpEvents['Debugger.paused']): Promise<void> {
    await this.#cdp.send(
      this.#stepping && event.callFrames.some(isDriverFrame) ? 'Debugger.stepOut' : 'Debugger.resume',
      {},
    )
  }
  #insideInsertion(frame: CallFrame): boolean {
    const module = this.modules.find(({ path }) => path === fileOf(frame.url))
    return (
      module !== undefined &&
      this.#pending !== undefined &&
      isInserted(module.insertions, frame.location.lineNumber + 1, frame.location.columnNumber ?? 0)
    )
  }
  #sameLine(frames: readonly CallFrame[]): boolean {
    const top = frames.find(isDriverFrame)
    const from = this.#from
    return (
      from !== undefined &&
      top !== undefined &&
      top.functionName === from.functionName &&
      top.location.lineNumber === from.line &&
      frames.filter(isDriverFrame).length === from.depth
    )
  }

  #publish(event: CdpEvents['Debugger.paused'], reason: StopReason): void {
    this.#engine.drain()
    const compiled = this.#pending?.ids ?? []
    this.#pending = undefined
    const { hitBreakpoints = [] } = event
    const base = {
      frames: event.callFrames,
      cdpBreakpoints: hitBreakpoints,
      callBreakpoints: [] as number[],
      compiledBreakpoints: compiled,
    }
    const stepped = this.#stepping
    const asked = this.#pauseAsked
    this.#stepping = false
    this.#pauseAsked = false
    if (reason.kind === 'call')
      this.#stop = {
        ...base,
        reason: 'function breakpoint',
        description: `Paused at the call of ${reason.function}`,
        callBreakpoints: [...reason.breakpointIds],
      }
    else if (reason.kind === 'violation')
      this.#stop = {
        ...base,
        reason: 'exception',
        description: 'A rule is broken',
        ...(reason.text !== undefined && { text: reason.text }),
      }
    else if (reason.kind === 'bugcheck')
      this.#stop = {
        ...base,
        reason: 'exception',
        description: 'Bugcheck',
        ...(reason.text !== undefined && { text: reason.text }),
      }
    else if (event.reason === 'exception' || event.reason === 'promiseRejection')
      this.#stop = {
        ...base,
        reason: 'exception',
        description: 'The driver throws',
        ...(event.data?.description !== undefined && { text: event.data.description.split('\n')[0]! }),
      }
    else if (hitBreakpoints.length > 0 || compiled.length > 0)
      this.#stop = { ...base, reason: 'breakpoint', description: 'Paused at a breakpoint' }
    else if (asked) this.#stop = { ...base, reason: 'pause', description: 'Paused' }
    else if (stepped) this.#stop = { ...base, reason: 'step', description: 'Paused after a step' }
    else this.#stop = { ...base, reason: 'entry', description: 'Paused at the start' }
    this.#onStop(this.#stop)
  }
}
