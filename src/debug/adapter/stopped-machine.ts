import type { DebugProtocol } from '@vscode/debugprotocol'
import type { SourceLocation } from '../../shared/report'
import type { CpuView } from '../../shared/views'
import type { CallFrame, RemoteObject } from '../cdp/protocol'
import { DapError } from './connection'
import { evaluateIn, lookingOnly, withoutPauses } from './evaluation'
import { isDriverFrame, threadsOf, type ThreadView } from './frames'
import type { Run } from './run'
import type { Sources } from './sources'
import type { Stop } from './stop'
import type { VariableStore } from './variables'

export interface StoppedOptions {
  readonly run: Run
  readonly stop: Stop
  readonly sources: Sources
  readonly variables: VariableStore
  readonly cpus: readonly CpuView[]
  /** Where the engine says it happened; shown when the driver's own frames are gone already. */
  readonly reported: readonly SourceLocation[]
  readonly nextId: () => number
}

/** What can be asked about one stop. Its frame ids mean nothing at the next. */
export class StoppedMachine {
  readonly #options: StoppedOptions
  readonly #frames = new Map<number, CallFrame>()
  readonly threads: readonly ThreadView[]

  constructor(options: StoppedOptions) {
    this.#options = options
    this.threads = threadsOf(options.cpus, options.stop.frames)
  }

  /** The thread that stopped: the innermost activation. */
  get threadId(): number {
    return this.threads[0]!.id
  }

  stackTrace({ threadId, startFrame = 0, levels }: DebugProtocol.StackTraceArguments): {
    stackFrames: DebugProtocol.StackFrame[]
    totalFrames: number
  } {
    const thread = this.threads.find(({ id }) => id === threadId)
    if (!thread) throw new DapError(`there is no thread ${threadId}`)
    const gone = thread.frames.length === 0 && threadId === this.threadId ? this.#options.reported : []
    const end = levels ? startFrame + levels : undefined
    const shown = gone.length > 0 ? gone : thread.frames
    const stackFrames = shown
      .slice(startFrame, end)
      .map((frame) => ('callFrameId' in frame ? this.#stackFrame(frame) : this.#reportedFrame(frame)))
    return { totalFrames: shown.length, stackFrames }
  }
  #stackFrame(frame: CallFrame): DebugProtocol.StackFrame {
    const { run, sources, nextId } = this.#options
    const id = nextId()
    this.#frames.set(id, frame)
    const { file, line, column } = run.scripts.place(frame.location)
    return { id, name: frame.functionName || '(module)', source: sources.source(file), line, column }
  }
  #reportedFrame({ function: name, file, line, column }: SourceLocation): DebugProtocol.StackFrame {
    const { sources, nextId } = this.#options
    return {
      id: nextId(),
      name: name || '(module)',
      source: sources.source(file),
      line,
      column,
      presentationHint: 'subtle',
    }
  }

  /** Without an id: the innermost frame of the driver. */
  frame(id?: number): CallFrame {
    const frame = id === undefined ? this.#options.stop.frames.find(isDriverFrame) : this.#frames.get(id)
    if (frame) return frame
    throw new DapError(
      id === undefined ? 'no function of the driver runs here' : 'this frame has no variables any more',
    )
  }
  async scopes(frameId: number): Promise<{ scopes: DebugProtocol.Scope[] }> {
    return { scopes: await this.#options.variables.scopes(this.frame(frameId)) }
  }

  /** Watches and hovers look only; what is typed into the console is done. */
  async evaluate(args: DebugProtocol.EvaluateArguments): Promise<DebugProtocol.EvaluateResponse['body']> {
    const { run, variables } = this.#options
    const { expression, frameId, context } = args
    const frame = this.frame(frameId)
    const value = (): Promise<RemoteObject> => evaluateIn(run.cdp, frame, expression, context === 'hover')
    const object = await (context === 'repl' ? withoutPauses(run.cdp, value) : lookingOnly(run.cdp, value))
    const {
      value: result,
      name: _name,
      evaluateName: _path,
      ...rest
    } = variables.variable('', await variables.readable(object))
    return { ...rest, result }
  }
}
