import type { DebugProtocol } from '@vscode/debugprotocol'
import { loadedColumn } from '../../shared/columns'
import type { CompiledBreakpoint, LoadedModule } from '../../shared/engine'
import type { CdpClient } from '../cdp/client'
import type { Location } from '../cdp/protocol'
import { DRIVER_URL } from './frames'

/** A line breakpoint as the front end asked for it. Lines count from 1. */
interface LineBreakpoint {
  readonly id: number
  /** Path relative to the driver's folder. */
  readonly file: string
  readonly request: DebugProtocol.SourceBreakpoint
  verified: boolean
  line: number
  message?: string
  cdpId?: string
}

const needsCompiling = ({ condition, hitCondition, logMessage }: DebugProtocol.SourceBreakpoint): boolean =>
  Boolean(condition?.trim()) || Boolean(hitCondition?.trim()) || Boolean(logMessage?.trim())

/** All line breakpoints of a session: kept before the run, compiled into it or set in V8, and told apart when hit. */
export class LineBreakpoints {
  readonly #byFile = new Map<string, LineBreakpoint[]>()
  readonly #onChange: (breakpoint: DebugProtocol.Breakpoint) => void
  #cdp: CdpClient | undefined
  #modules: readonly LoadedModule[] = []
  #next = 0

  constructor(onChange: (breakpoint: DebugProtocol.Breakpoint) => void) {
    this.#onChange = onChange
  }

  get #all(): LineBreakpoint[] {
    return [...this.#byFile.values()].flat()
  }
  /** What the loader has to write into the lines. */
  compiled(): CompiledBreakpoint[] {
    return this.#all
      .filter(({ request }) => needsCompiling(request))
      .map(({ id, file, line, request: { condition, hitCondition, logMessage } }) => ({
        id,
        file,
        line,
        ...(condition?.trim() && { condition }),
        ...(hitCondition?.trim() && { hitCondition }),
        ...(logMessage?.trim() && { logMessage }),
      }))
  }

  /** The modules are known and the inspector is there: sets what V8 shall stop at. */
  async attach(cdp: CdpClient, modules: readonly LoadedModule[]): Promise<void> {
    this.#cdp = cdp
    this.#modules = modules
    cdp.on('Debugger.breakpointResolved', ({ breakpointId, location }) => {
      const breakpoint = this.#all.find(({ cdpId }) => cdpId === breakpointId)
      if (breakpoint) this.#resolved(breakpoint, location)
    })
    for (const breakpoint of this.#all) {
      if (needsCompiling(breakpoint.request)) this.#verify(breakpoint)
      else await this.#setInV8(breakpoint)
    }
  }
  detach(): void {
    this.#cdp = undefined
    for (const breakpoint of this.#all) {
      breakpoint.verified = false
      delete breakpoint.cdpId
    }
  }

  /** Replaces the breakpoints of one file. */
  async set(file: string, requests: readonly DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    const old = this.#byFile.get(file) ?? []
    const kept: LineBreakpoint[] = []
    for (const request of requests) {
      const same = old.find(
        (candidate) => JSON.stringify(candidate.request) === JSON.stringify(request) && !kept.includes(candidate),
      )
      kept.push(
        same ?? {
          id: ++this.#next,
          file,
          request,
          verified: false,
          line: request.line,
          message: 'It is checked when the driver is loaded.',
        },
      )
    }
    this.#byFile.set(file, kept)
    for (const gone of old)
      if (!kept.includes(gone) && gone.cdpId)
        await this.#cdp?.send('Debugger.removeBreakpoint', { breakpointId: gone.cdpId }).catch(() => undefined)
    if (this.#cdp)
      for (const breakpoint of kept) if (!breakpoint.cdpId && !breakpoint.verified) await this.#setInV8(breakpoint)
    return kept.map((breakpoint) => this.#view(breakpoint))
  }

  async #setInV8(breakpoint: LineBreakpoint): Promise<void> {
    const module = this.#modules.find(({ path }) => path === breakpoint.file)
    if (!module) {
      breakpoint.message = `The driver does not import ${breakpoint.file}.`
      return this.#onChange(this.#view(breakpoint))
    }
    const lineNumber = breakpoint.request.line - 1
    // The loader's own text is at the start of the first line; statements of other lines begin where the author put them.
    const columnNumber = lineNumber === 0 ? loadedColumn(module.insertions, 1, 0) : 0
    const { condition, hitCondition, logMessage } = breakpoint.request
    if (hitCondition || logMessage) {
      breakpoint.message = 'Hit counts and logpoints begin with the next start.'
      return this.#onChange(this.#view(breakpoint))
    }
    const { breakpointId, locations } = await this.#cdp!.send('Debugger.setBreakpointByUrl', {
      url: module.url,
      lineNumber,
      columnNumber,
      ...(condition && { condition }),
    })
    breakpoint.cdpId = breakpointId
    const [location] = locations
    if (location) this.#resolved(breakpoint, location)
  }

  #verify(breakpoint: LineBreakpoint): void {
    breakpoint.verified = true
    delete breakpoint.message
    this.#onChange(this.#view(breakpoint))
  }
  #resolved(breakpoint: LineBreakpoint, location: Location): void {
    breakpoint.line = location.lineNumber + 1
    this.#verify(breakpoint)
  }
  #view({ id, verified, line, message }: LineBreakpoint): DebugProtocol.Breakpoint {
    return { id, verified, line, ...(message !== undefined && { message }) }
  }
  /** Ids of the front end for V8's. */
  idsOf(hit: readonly string[]): number[] {
    return this.#all.flatMap(({ id, cdpId }) => (cdpId !== undefined && hit.includes(cdpId) ? [id] : []))
  }
}

export const urlOf = (file: string): string => DRIVER_URL + encodeURI(file)
export const fileOf = (url: string): string => decodeURI(url.slice(DRIVER_URL.length))
