import type { Locator, Place } from '../core/verifier/verifier'
import type { CallSite, Insertion } from '../shared/engine'
import { authorColumn } from '../shared/columns'

/** Driver modules carry this in front of their path, as the script's URL in stacks and in the inspector. */
export const DRIVER_URL = 'driver:///'

const FRAME = /^\s*at (?:(?:async )?(.*?) \(|)(?:.*, )?driver:\/\/\/([^)]*?):(\d+):(\d+)\)?$/

/** Driver frames of a V8 stack text, innermost first; columns in the author's text. */
export function driverFrames(stack: string, insertions: ReadonlyMap<string, readonly Insertion[]>): Place[] {
  const frames: Place[] = []
  for (const row of stack.split('\n')) {
    const match = FRAME.exec(row)
    if (!match) continue
    const file = decodeURI(match[2]!)
    const line = Number(match[3])
    const column = authorColumn(insertions.get(file) ?? [], line, Number(match[4]) - 1) + 1
    frames.push({
      function: (match[1] ?? '').replace(/^(Object|Module|eval)\.?/, '').replace(/^<anonymous>$/, ''),
      file,
      line,
      column,
    })
  }
  return frames
}

export interface ScriptLocator extends Locator {
  readonly sites: CallSite[]
  readonly insertions: Map<string, readonly Insertion[]>
  /** Set when the stack of interest is not the current one (an exception that was caught); used once. */
  frames: readonly Place[] | undefined
}

export function createLocator(): ScriptLocator {
  // Number 0 stands for "no call site".
  const sites: CallSite[] = [{ file: '', line: 0, column: 0, function: '' }]
  const insertions = new Map<string, readonly Insertion[]>()
  return {
    sites,
    insertions,
    frames: undefined,
    site: (number) => (number > 0 ? sites[number] : undefined),
    stack() {
      if (this.frames) {
        const frames = this.frames
        this.frames = undefined
        return frames
      }
      const limit = Error.stackTraceLimit
      Error.stackTraceLimit = 60
      const text = new Error().stack ?? ''
      Error.stackTraceLimit = limit
      return driverFrames(text, insertions)
    },
  }
}
