import type { DebugProtocol } from '@vscode/debugprotocol'
import type { CompiledBreakpoint, LoadedModule } from '../../shared/engine'
import { logParts } from '../../shared/expressions'
import { hitTest } from '../../shared/hit-condition'
import type { CdpClient } from '../cdp/client'
import type { BreakLocation, Location, RemoteObject } from '../cdp/protocol'
import { hasRules, problemOf, rulesOf, type LineRules } from './breakpoint-request'
import type { DriverScripts } from './scripts'
import type { Sources } from './sources'
import { showValue } from './values'

interface LineBreakpoint {
  readonly id: number
  /** As the front end asked for it; lines count from 1. */
  readonly request: DebugProtocol.SourceBreakpoint
  readonly rules: LineRules
  verified: boolean
  line: number
  message: string | undefined
  /** The loader wrote it into its line, so V8 need not know it. */
  compiled: boolean
  /** Where V8 stops for it. */
  place: string | undefined
  hits: number
}

/** One breakpoint of V8, which takes no two at one place. */
interface Place {
  readonly cdpId: string
  readonly users: Set<LineBreakpoint>
}

/** A run that breakpoints are set in. */
export interface LineTarget {
  readonly cdp: CdpClient
  readonly scripts: DriverScripts
  readonly modules: readonly LoadedModule[]
}

const notPart = (path: string): string => `${path} is not part of the driver: no file of it imports this one.`
const WAITING = 'It is checked when the driver is loaded.'
const NO_CODE = 'There is no code on this line or below it.'
const keyOf = ({ scriptId, lineNumber, columnNumber }: Location): string =>
  `${scriptId}:${lineNumber}:${columnNumber ?? 0}`

/**
 * The line breakpoints of a session. What is known when the driver is loaded and needs more than stopping is compiled into
 * its line; the rest is V8's. Rules of those that are added later are applied here, at each stop.
 */
export class LineBreakpoints {
  /** By the path that the front end uses: which file of the driver it is comes out when the driver is read. */
  readonly #byPath = new Map<string, LineBreakpoint[]>()
  readonly #places = new Map<string, Place>()
  /** Script of each file that was parsed in this run. */
  readonly #parsed = new Map<string, string>()
  readonly #onChange: (breakpoint: DebugProtocol.Breakpoint) => void
  readonly #nextId: () => number
  #target: LineTarget | undefined
  #sources: Sources | undefined
  #work: Promise<unknown> = Promise.resolve()

  constructor(nextId: () => number, onChange: (breakpoint: DebugProtocol.Breakpoint) => void) {
    this.#nextId = nextId
    this.#onChange = onChange
  }

  /** The driver of the next run. */
  use(sources: Sources): void {
    this.#sources = sources
  }
  #fileOf(path: string): string {
    return this.#sources?.file(path) ?? path
  }

  /** What the loader has to write into the lines; from now on these belong to the next run. */
  compile(): CompiledBreakpoint[] {
    const compiled: CompiledBreakpoint[] = []
    for (const [path, list] of this.#byPath)
      for (const breakpoint of list) {
        breakpoint.compiled = hasRules(breakpoint.rules) && problemOf(breakpoint.rules) === undefined
        if (breakpoint.compiled)
          compiled.push({
            id: breakpoint.id,
            file: this.#fileOf(path),
            line: breakpoint.request.line,
            ...breakpoint.rules,
          })
      }
    return compiled
  }

  /** The driver is loaded: files that it does not import can be refused already. */
  attach(target: LineTarget): void {
    this.#target = target
    for (const [path, list] of this.#byPath)
      if (!this.#isLoaded(this.#fileOf(path)))
        for (const breakpoint of list) {
          this.#refuse(breakpoint, notPart(path))
          this.#onChange(view(breakpoint))
        }
  }
  detach(): void {
    this.#target = undefined
    this.#places.clear()
    this.#parsed.clear()
    for (const breakpoint of [...this.#byPath.values()].flat())
      Object.assign(breakpoint, {
        verified: false,
        place: undefined,
        hits: 0,
        message: WAITING,
        line: breakpoint.request.line,
      })
  }
  #isLoaded(file: string): boolean {
    return this.#target?.modules.some(({ path }) => path === file) ?? false
  }

  /** V8 has the text of a file and stands before its first statement. */
  async parsed(file: string, scriptId: string): Promise<void> {
    this.#parsed.set(file, scriptId)
    await this.#inTurn(async () => {
      for (const [path, list] of this.#byPath) {
        if (this.#fileOf(path) !== file) continue
        for (const breakpoint of list) {
          await this.#settle(path, breakpoint)
          this.#onChange(view(breakpoint))
        }
      }
    })
  }

  /** Replaces the breakpoints of one file; those that were there keep their ids and counts. */
  async set(path: string, requests: readonly DebugProtocol.SourceBreakpoint[]): Promise<DebugProtocol.Breakpoint[]> {
    return this.#inTurn(async () => {
      const old = [...(this.#byPath.get(path) ?? [])]
      const list = requests.map((request) => {
        const at = old.findIndex((candidate) => JSON.stringify(candidate.request) === JSON.stringify(request))
        return at < 0 ? this.#create(request) : old.splice(at, 1)[0]!
      })
      this.#byPath.set(path, list)
      for (const gone of old) await this.#leave(gone)
      if (this.#target) for (const breakpoint of list) if (!breakpoint.verified) await this.#settle(path, breakpoint)
      return list.map(view)
    })
  }
  #create(request: DebugProtocol.SourceBreakpoint): LineBreakpoint {
    const rules = rulesOf(request)
    const message = problemOf(rules) ?? WAITING
    const base = { verified: false, compiled: false, place: undefined, hits: 0 }
    return { id: this.#nextId(), request, rules, line: request.line, message, ...base }
  }
  /** One change at a time: V8's answers come later, and a second request may be on its way. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#work.then(work)
    this.#work = done.catch(() => undefined)
    return done
  }

  async #settle(path: string, breakpoint: LineBreakpoint): Promise<void> {
    const file = this.#fileOf(path)
    const problem = problemOf(breakpoint.rules)
    if (problem !== undefined) return this.#refuse(breakpoint, problem)
    if (!this.#isLoaded(file)) return this.#refuse(breakpoint, notPart(path))
    const scriptId = this.#parsed.get(file)
    if (scriptId === undefined) return
    const location = await this.#locate(file, scriptId, breakpoint.request)
    if (!location) return this.#refuse(breakpoint, NO_CODE)
    breakpoint.line = location.lineNumber + 1
    breakpoint.verified = true
    breakpoint.message = undefined
    if (!breakpoint.compiled) await this.#enter(breakpoint, location)
  }
  #refuse(breakpoint: LineBreakpoint, message: string): void {
    breakpoint.verified = false
    breakpoint.message = message
  }
  /** The first place on the line, or else on the next line with code, where the author's own code can stop. */
  async #locate(
    file: string,
    scriptId: string,
    { line }: DebugProtocol.SourceBreakpoint,
  ): Promise<BreakLocation | undefined> {
    const { cdp } = this.#target!
    const last = this.#sources?.lines(file) ?? 0
    if (line > last) return undefined
    const find = async (from: number, to: number): Promise<BreakLocation | undefined> => {
      const { locations } = await cdp.send('Debugger.getPossibleBreakpoints', {
        start: { scriptId, lineNumber: from - 1, columnNumber: 0 },
        end: { scriptId, lineNumber: to, columnNumber: 0 },
        restrictToFunction: false,
      })
      return this.#first(locations, from, to)
    }
    return (await find(line, line)) ?? (line < last ? find(line + 1, last) : undefined)
  }
  #first(locations: readonly BreakLocation[], from: number, to: number): BreakLocation | undefined {
    return locations
      .filter(
        (location) =>
          location.lineNumber + 1 >= from && location.lineNumber < to && !this.#target!.scripts.isOurs(location),
      )
      .sort((a, b) => a.lineNumber - b.lineNumber || (a.columnNumber ?? 0) - (b.columnNumber ?? 0))[0]
  }

  async #enter(breakpoint: LineBreakpoint, location: Location): Promise<void> {
    const key = keyOf(location)
    const known = this.#places.get(key)
    if (known) known.users.add(breakpoint)
    else {
      const { scriptId, lineNumber, columnNumber } = location
      const { breakpointId } = await this.#target!.cdp.send('Debugger.setBreakpoint', {
        location: { scriptId, lineNumber, ...(columnNumber !== undefined && { columnNumber }) },
      })
      this.#places.set(key, { cdpId: breakpointId, users: new Set([breakpoint]) })
    }
    breakpoint.place = key
  }
  async #leave(breakpoint: LineBreakpoint): Promise<void> {
    const place = this.#places.get(breakpoint.place ?? '')
    place?.users.delete(breakpoint)
    if (!place || place.users.size > 0) return
    this.#places.delete(breakpoint.place!)
    await this.#target?.cdp.send('Debugger.removeBreakpoint', { breakpointId: place.cdpId })
  }

  /** Those of compiled breakpoints that were not taken back since. */
  live(ids: readonly number[]): number[] {
    const all = [...this.#byPath.values()].flat()
    return ids.filter((id) => all.some((breakpoint) => breakpoint.id === id && breakpoint.compiled))
  }
  /**
   * V8 stopped at these of its breakpoints: the ids of ours that want a person to see it.
   * `evaluate` works in the frame that stopped and rejects when the expression throws.
   */
  async hit(
    cdpIds: readonly string[],
    evaluate: (expression: string) => Promise<RemoteObject>,
    log: (text: string, id: number) => void,
  ): Promise<number[]> {
    const ids: number[] = []
    const users = [...this.#places.values()]
      .filter(({ cdpId }) => cdpIds.includes(cdpId))
      .flatMap((place) => [...place.users])
    for (const breakpoint of users) {
      const { condition, hitCondition, logMessage } = breakpoint.rules
      if (condition !== undefined && !(await holds(evaluate, condition))) continue
      if (!hitTest(hitCondition)?.(++breakpoint.hits)) continue
      if (logMessage === undefined) ids.push(breakpoint.id)
      else log(await logText(evaluate, logMessage), breakpoint.id)
    }
    return ids
  }
  /** Where a breakpoint is, for its log lines. */
  placeOf(id: number): { file: string; line: number } | undefined {
    for (const [path, list] of this.#byPath) {
      const found = list.find((breakpoint) => breakpoint.id === id)
      if (found) return { file: this.#fileOf(path), line: found.line }
    }
    return undefined
  }
}

const view = ({ id, verified, line, message }: LineBreakpoint): DebugProtocol.Breakpoint => ({
  id,
  verified,
  line,
  ...(message !== undefined && { message }),
})

/** A condition that throws does not hold, as with any debugger. */
async function holds(evaluate: (expression: string) => Promise<RemoteObject>, condition: string): Promise<boolean> {
  return evaluate(`!!(${condition}\n)`).then(
    ({ value }) => value === true,
    () => false,
  )
}
async function logText(evaluate: (expression: string) => Promise<RemoteObject>, message: string): Promise<string> {
  const parts = logParts(message).map(({ text, expression }) =>
    expression
      ? evaluate(text).then(
          (value) => (value.type === 'string' ? String(value.value) : showValue(value).value),
          (error: Error) => `{${error.message}}`,
        )
      : text,
  )
  return (await Promise.all(parts)).join('')
}
