import type { LoadedModule } from '../../shared/engine'
import type { CdpClient } from '../cdp/client'
import type { BreakLocation, CallFrame, CdpEvents } from '../cdp/protocol'
import { isDriverFrame } from './frames'

/** Steps from the end of the entry module to DriverEntry: a few of the engine's frames lie between. */
const MOST_STEPS = 100

export interface GateOptions {
  readonly cdp: CdpClient
  readonly modules: readonly LoadedModule[]
  /** Path of the entry module. */
  readonly entry: string
  readonly stopOnEntry: boolean
  /** Called while a module stands before its first statement. */
  readonly onModule: (file: string, scriptId: string) => Promise<void>
}
export type GateAnswer = 'resume' | 'stepInto' | 'stopped' | undefined

const byPlace = (a: BreakLocation, b: BreakLocation): number =>
  a.lineNumber - b.lineNumber || (a.columnNumber ?? 0) - (b.columnNumber ?? 0)

/**
 * Holds each module for a moment before its first statement: only then V8 knows its text, so only then it can be said
 * where its breakpoints are, and none may be missed. Finds DriverEntry too, when a person wants to stop there.
 */
export class EntryGate {
  readonly #options: GateOptions
  readonly #gates = new Map<string, LoadedModule>()
  #end: string | undefined
  #stepsToEntry = -1

  constructor(options: GateOptions) {
    this.#options = options
  }

  async close(): Promise<void> {
    for (const module of this.#options.modules) {
      const at = { url: module.url, lineNumber: 0, columnNumber: 0 }
      const { breakpointId } = await this.#options.cdp.send('Debugger.setBreakpointByUrl', at)
      this.#gates.set(breakpointId, module)
    }
  }

  /** undefined: this pause is none of ours. */
  async passes(event: CdpEvents['Debugger.paused'], frames: readonly CallFrame[]): Promise<GateAnswer> {
    const { hitBreakpoints = [] } = event
    const gate = hitBreakpoints.find((id) => this.#gates.has(id))
    if (gate !== undefined) return this.#module(gate, frames[0]!.location.scriptId)
    if (this.#end !== undefined && hitBreakpoints.includes(this.#end)) {
      await this.#options.cdp.send('Debugger.removeBreakpoint', { breakpointId: this.#end })
      this.#end = undefined
      this.#stepsToEntry = 0
      return 'stepInto'
    }
    return this.#stepsToEntry >= 0 ? this.#towardsEntry(frames) : undefined
  }
  async #module(gate: string, scriptId: string): Promise<GateAnswer> {
    const { cdp, entry, stopOnEntry, onModule } = this.#options
    const module = this.#gates.get(gate)!
    this.#gates.delete(gate)
    await cdp.send('Debugger.removeBreakpoint', { breakpointId: gate })
    await onModule(module.path, scriptId)
    if (stopOnEntry && module.path === entry) this.#end = await this.#breakAtEnd(scriptId)
    return 'resume'
  }
  /** Where the module's function returns: the last return but that of the script around it. */
  async #breakAtEnd(scriptId: string): Promise<string | undefined> {
    const { cdp } = this.#options
    const start = { scriptId, lineNumber: 0, columnNumber: 0 }
    const { locations } = await cdp.send('Debugger.getPossibleBreakpoints', { start, restrictToFunction: false })
    const end = locations
      .filter(({ type }) => type === 'return')
      .sort(byPlace)
      .at(-2)
    if (!end) return undefined
    const { lineNumber, columnNumber = 0 } = end
    return (await cdp.send('Debugger.setBreakpoint', { location: { scriptId, lineNumber, columnNumber } })).breakpointId
  }
  /** The next code of the driver that runs after its modules is DriverEntry. */
  #towardsEntry(frames: readonly CallFrame[]): GateAnswer {
    const top = frames[0]
    const there = top !== undefined && isDriverFrame(top)
    if (!there && this.#stepsToEntry++ < MOST_STEPS) return 'stepInto'
    this.#stepsToEntry = -1
    return there ? 'stopped' : 'resume'
  }
}
