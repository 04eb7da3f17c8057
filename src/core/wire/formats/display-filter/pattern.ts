/**
 * The regular expressions of `matches`: characters, '.', classes, \d \w \s \b-less escapes, ^ and $, groups, '|', * + ? and
 * {m,n}. They are run as a set of states, one step a character, so that no pattern takes longer than its states times the
 * bytes: JavaScript's own expressions can take forever. Upper and lower case are the same, as in Wireshark.
 */
import { FilterError } from './problem'
import type { Token } from './tokens'

/** One step of a pattern: consumes a code that it accepts, splits, or asserts an end. */
type State =
  | { readonly kind: 'accept'; readonly codes: (code: number) => boolean }
  | { readonly kind: 'split'; next: number; other: number }
  | { readonly kind: 'jump'; next: number }
  | { readonly kind: 'start' | 'end' | 'found' }

const MOST_STATES = 2000
const MOST_REPEATS = 255
const MOST_DEPTH = 50

type Part = () => void

const lower = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code)
const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39
const isWord = (code: number): boolean => isDigit(code) || code === 0x5f || (lower(code) >= 0x61 && lower(code) <= 0x7a)
const isSpace = (code: number): boolean => code === 0x20 || (code >= 9 && code <= 13)
const CLASSES: Readonly<Record<string, (code: number) => boolean>> = {
  d: isDigit,
  D: (code) => !isDigit(code),
  w: isWord,
  W: (code) => !isWord(code),
  s: isSpace,
  S: (code) => !isSpace(code),
}
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, 0: 0 }

/** @throws FilterError for what is no pattern, or too large a one. */
export function compilePattern(token: Token): (input: Uint8Array | string, from: number, to: number) => boolean {
  const states = createCompiler(token).compile()
  return (input, from, to) => run(states, input, from, to)
}

function createCompiler(token: Token) {
  const { text } = token
  const states: State[] = []
  let at = 0
  let depth = 0
  const fail = (what: string): FilterError => new FilterError(token.at, token.length, `The pattern ${what}.`)
  const add = (state: State): number => {
    if (states.length >= MOST_STATES) throw fail(`needs more than ${MOST_STATES} states: make its repetitions smaller`)
    return states.push(state) - 1
  }
  const accept =
    (codes: (code: number) => boolean): Part =>
    () =>
      void add({ kind: 'accept', codes })
  const exactly = (code: number): Part => accept((other) => lower(other) === lower(code))

  function alternatives(): Part {
    if (++depth > MOST_DEPTH) throw fail('is nested too deeply')
    const all = [sequence()]
    while (text[at] === '|') {
      at++
      all.push(sequence())
    }
    depth--
    return all.reduceRight((rest, first) => () => either(first, rest))
  }
  function either(first: Part, second: Part): void {
    const split = { kind: 'split' as const, next: 0, other: 0 }
    add(split)
    split.next = states.length
    first()
    const jump = { kind: 'jump' as const, next: 0 }
    add(jump)
    split.other = states.length
    second()
    jump.next = states.length
  }
  function sequence(): Part {
    const parts: Part[] = []
    while (at < text.length && text[at] !== '|' && text[at] !== ')') parts.push(repeated(atom()))
    return () => parts.forEach((part) => part())
  }
  function atom(): Part {
    const character = text[at++]!
    if (character === '(') return group()
    if (character === '[') return accept(set())
    if (character === '.') return accept((code) => code !== 10)
    if (character === '^') return () => void add({ kind: 'start' })
    if (character === '$') return () => void add({ kind: 'end' })
    if ('*+?'.includes(character)) throw fail(`has a '${character}' with nothing before it`)
    if (character !== '\\') return exactly(character.charCodeAt(0))
    const codes = escape()
    return typeof codes === 'number' ? exactly(codes) : accept(codes)
  }
  function group(): Part {
    if (text.startsWith('?:', at)) at += 2
    const inside = alternatives()
    if (text[at++] !== ')') throw fail("has a '(' without its ')'")
    return inside
  }
  function escape(): number | ((code: number) => boolean) {
    const character = text[at++]
    if (character === undefined) throw fail('ends with a backslash')
    const digits = character === 'x' ? /^[0-9a-f]{2}/i.exec(text.slice(at))?.[0] : undefined
    if (digits !== undefined) {
      at += 2
      return Number.parseInt(digits, 16)
    }
    if (/[1-9bB]/.test(character)) throw fail(`uses \\${character}, which is not supported`)
    return CLASSES[character] ?? CONTROLS[character] ?? character.charCodeAt(0)
  }
  function set(): (code: number) => boolean {
    const negated = text[at] === '^'
    if (negated) at++
    const tests: ((code: number) => boolean)[] = []
    for (let first = true; first || text[at] !== ']'; first = false) {
      if (at >= text.length) throw fail("has a '[' without its ']'")
      tests.push(member())
    }
    at++
    return (code) => tests.some((test) => test(code)) !== negated
  }
  function member(): (code: number) => boolean {
    const low = one()
    if (typeof low !== 'number') return low
    if (text[at] !== '-' || text[at + 1] === ']' || at + 1 >= text.length) return (code) => lower(code) === lower(low)
    at++
    const high = one()
    if (typeof high !== 'number' || high < low) throw fail('has a range whose end comes before its beginning')
    const upper = (code: number): number => (code >= 0x61 && code <= 0x7a ? code - 0x20 : code)
    const within = (code: number): boolean => code >= low && code <= high
    return (code) => within(code) || within(lower(code)) || within(upper(code))
  }
  function one(): number | ((code: number) => boolean) {
    const character = text[at++]!
    return character === '\\' ? escape() : character.charCodeAt(0)
  }
  function repeated(part: Part): Part {
    let result = part
    for (;;) {
      const counted = /^\{(\d{1,3})(,(\d{1,3})?)?\}/.exec(text.slice(at, at + 9))
      const sign = text[at]
      if (counted) {
        at += counted[0].length
        const least = Number(counted[1])
        result = times(result, least, counted[2] === undefined ? least : counted[3] ? Number(counted[3]) : Infinity)
      } else if (sign === '*' || sign === '+' || sign === '?') {
        at++
        result = times(result, sign === '+' ? 1 : 0, sign === '?' ? 1 : Infinity)
      } else return result
      // Which of the possible matches is found does not matter: lazy is the same as greedy.
      if (text[at] === '?') at++
    }
  }
  function times(part: Part, least: number, most: number): Part {
    if (least > MOST_REPEATS || (most !== Infinity && (most > MOST_REPEATS || most < least)))
      throw fail(`repeats more than ${MOST_REPEATS} times, or from more to less`)
    return () => {
      for (let count = 0; count < least; count++) part()
      if (most === Infinity) return loop(part)
      for (let count = least; count < most; count++) optional(part)
    }
  }
  function loop(part: Part): void {
    const split = { kind: 'split' as const, next: 0, other: 0 }
    const start = add(split)
    split.next = states.length
    part()
    add({ kind: 'jump', next: start })
    split.other = states.length
  }
  function optional(part: Part): void {
    const split = { kind: 'split' as const, next: 0, other: 0 }
    add(split)
    split.next = states.length
    part()
    split.other = states.length
  }
  const compile = (): readonly State[] => {
    const all = alternatives()
    if (at < text.length) throw fail("has a ')' without its '('")
    all()
    add({ kind: 'found' })
    return states
  }
  return { compile }
}

/** All states at once, a step a character: Thompson's construction. */
function run(states: readonly State[], input: Uint8Array | string, from: number, to: number): boolean {
  const marks = new Int32Array(states.length).fill(-1)
  const now: number[] = []
  const next: number[] = []
  const pending: number[] = []
  const enter = (first: number, list: number[], at: number): boolean => {
    pending.push(first)
    for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
      if (marks[state] === at) continue
      marks[state] = at
      const { kind } = states[state]!
      const step = states[state]!
      if (kind === 'found') {
        pending.length = 0
        return true
      }
      if (step.kind === 'accept') list.push(state)
      else if (step.kind === 'split') pending.push(step.other, step.next)
      else if (step.kind === 'jump') pending.push(step.next)
      else if (kind === 'start' ? at === from : at === to) pending.push(state + 1)
    }
    return false
  }
  for (let at = from; ; at++) {
    // A match may begin anywhere.
    if (enter(0, now, at)) return true
    if (at >= to) return false
    const code = typeof input === 'string' ? input.charCodeAt(at) : input[at]!
    next.length = 0
    for (const state of now) {
      const step = states[state]!
      if (step.kind === 'accept' && step.codes(code) && enter(state + 1, next, at + 1)) return true
    }
    now.length = 0
    now.push(...next)
  }
}
