import type { Locator, Place } from '../core/verifier/verifier'
import type { DriverFunction } from '../core/kernel/text'
import type { CallSite, Insertion } from '../shared/engine'
import { authorColumn } from '../shared/columns'
import { createAcceptedPlaces, type AcceptedPlaces } from './accepted-places'

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
  /** Places at which the author accepts broken rules. */
  readonly accepts: AcceptedPlaces
  /** Texts as they are evaluated. */
  readonly texts: Map<string, string>
  /** Set when the stack of interest is not the current one (an exception that was caught); used once. */
  frames: readonly Place[] | undefined
}

const textOf = Function.prototype.toString
// Kept from before the lockdown: the hardened one gathers each stack twice.
const NativeError = Error

/** Where a function stands in the texts; of several that read the same, the one that is assigned to its name. */
function definitionIn(
  texts: ReadonlyMap<string, string>,
  insertions: ReadonlyMap<string, readonly Insertion[]>,
  target: DriverFunction,
): Place | undefined {
  const text = textOf.call(target)
  const named = new RegExp(`\\b${target.name.replace(/[^\w]/g, '\\$&')}\\s*[:=]\\s*$`)
  let first: Place | undefined
  for (const [file, code] of texts)
    for (let at = code.indexOf(text); at >= 0; at = code.indexOf(text, at + 1)) {
      const before = code.slice(0, at)
      const start = before.lastIndexOf('\n') + 1
      const line = before.split('\n').length
      const column = authorColumn(insertions.get(file) ?? [], line, at - start) + 1
      const found = { function: target.name, file, line, column }
      if (named.test(before.slice(start))) return found
      first ??= found
    }
  return first
}

/** The scheduler's function that runs an activation: rows below belong to what the activation runs on top of. */
const ACTIVATION_ROW = /^\s*at (?:Object\.)?runNested\b/
/** Frames that are kept of an allocation: some of them are our own. */
const KEPT_FRAMES = 24

/** Those of driver frames that belong to the activation that ran. */
function activationFrames(stack: string, insertions: ReadonlyMap<string, readonly Insertion[]>): Place[] {
  const rows = stack.split('\n')
  const end = rows.findIndex((row) => ACTIVATION_ROW.test(row))
  return driverFrames(rows.slice(0, end < 0 ? rows.length : end).join('\n'), insertions)
}

/** The JavaScript stack as text; what is in front of the first newline is no row. */
function stackText(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 60
  const text = new Error().stack ?? ''
  Error.stackTraceLimit = limit
  return text
}

export function createLocator(): ScriptLocator {
  // Number 0 stands for "no call site".
  const sites: CallSite[] = [{ file: '', line: 0, column: 0, function: '' }]
  const insertions = new Map<string, readonly Insertion[]>()
  const texts = new Map<string, string>()
  const accepts = createAcceptedPlaces()
  return {
    sites,
    insertions,
    accepts,
    accepted: (rule, { file, line }) => accepts.reason(rule, file, line),
    texts,
    frames: undefined,
    definition: (target) => definitionIn(texts, insertions, target),
    site: (number) => (number > 0 ? sites[number] : undefined),
    keep() {
      const limit = NativeError.stackTraceLimit
      NativeError.stackTraceLimit = KEPT_FRAMES
      const mark = new NativeError()
      NativeError.stackTraceLimit = limit
      return mark
    },
    kept: (mark) => activationFrames((mark as Error).stack ?? '', insertions),
    stack() {
      if (this.frames) {
        const frames = this.frames
        this.frames = undefined
        return frames
      }
      return driverFrames(stackText(), insertions)
    },
    activation: () => activationFrames(stackText(), insertions),
  }
}
