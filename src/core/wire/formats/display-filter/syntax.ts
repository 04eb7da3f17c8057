import { isFieldName, type FieldName } from '../dissect/fields.table'
import { FilterError } from './problem'
import { tokensOf, type Token } from './tokens'

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>='

/** A field, or some of its bytes or bits. */
export interface Operand {
  readonly field: FieldName
  readonly token: Token
  /** Of its bytes; without a length up to the end. */
  readonly slice?: { readonly start: number; readonly length?: number }
  readonly mask?: Token
}

export type Node =
  | { readonly kind: 'and' | 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly node: Node }
  | { readonly kind: 'present'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly operand: Operand; readonly operator: Comparison; readonly value: Token }
  | {
      readonly kind: 'contains' | 'matches'
      readonly operand: Operand
      readonly operator: Token
      readonly value: Token
    }
  | { readonly kind: 'in'; readonly operand: Operand; readonly ranges: readonly Range[] }

export interface Range {
  readonly low: Token
  readonly high?: Token
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '==': '==',
  eq: '==',
  '!=': '!=',
  ne: '!=',
  '<': '<',
  lt: '<',
  '<=': '<=',
  le: '<=',
  '>': '>',
  gt: '>',
  '>=': '>=',
  ge: '>=',
}
const AND = new Set(['and', '&&'])
const OR = new Set(['or', '||'])
const NOT = new Set(['not', '!'])
/** Deeper nesting is a mistake, and would exhaust the stack. */
const MOST_DEPTH = 100

/** @throws FilterError */
export function parse(text: string): Node {
  return createParser(tokensOf(text)).whole()
}

function createParser(tokens: readonly Token[]) {
  let next = 0
  let depth = 0
  const peek = (): Token => tokens[next]!
  const take = (): Token => tokens[next++]!
  const isOne = (words: ReadonlySet<string>): boolean => peek().kind !== 'string' && words.has(peek().text)
  const isSymbol = (text: string): boolean => peek().kind === 'symbol' && peek().text === text
  const expected = (what: string, token = peek()): FilterError =>
    new FilterError(
      token.at,
      token.length,
      token.kind === 'end' ? `Here ${what} is missing.` : `'${token.text}' stands where ${what} is expected.`,
    )
  const symbol = (text: string, what: string): void => {
    if (!isSymbol(text)) throw expected(what)
    take()
  }
  const value = (what: string): Token => {
    const token = peek()
    if (token.kind !== 'word' && token.kind !== 'string') throw expected(what)
    return take()
  }
  const chain = (kind: 'and' | 'or', words: ReadonlySet<string>, part: () => Node): Node => {
    let left = part()
    while (isOne(words)) {
      take()
      left = { kind, left, right: part() }
    }
    return left
  }
  const or = (): Node => chain('or', OR, () => chain('and', AND, not))
  function not(): Node {
    if (++depth > MOST_DEPTH) throw new FilterError(peek().at, 0, 'This is nested too deeply.')
    try {
      if (isOne(NOT)) {
        take()
        return { kind: 'not', node: not() }
      }
      return isSymbol('(') ? group() : test()
    } finally {
      depth--
    }
  }
  function group(): Node {
    take()
    const node = or()
    symbol(')', "a ')'")
    return node
  }
  function operand(): Operand {
    const token = peek()
    if (token.kind !== 'word') throw expected('the name of a field or protocol')
    if (!isFieldName(token.text))
      throw new FilterError(token.at, token.length, `There is no field or protocol '${token.text}'.`)
    take()
    const slice = isSymbol('[') ? sliceOf() : undefined
    const masked = isSymbol('&') && take() ? { mask: value('a number') } : {}
    return { field: token.text, token, ...(slice && { slice }), ...masked }
  }
  /** [start:length], [start-end], [start], [start:] */
  function sliceOf(): { start: number; length?: number } {
    take()
    const token = value('a place: [first:length] or [first-last]')
    const [, start, kind, other] = /^(\d{1,5})(?:([:-])(\d{1,5})?)?$/.exec(token.text) ?? []
    if (start === undefined) throw expected('a place, as in [0:3] or [0-2],', token)
    symbol(']', "a ']'")
    const from = Number(start)
    if (kind === undefined) return { start: from, length: 1 }
    if (other === undefined) return { start: from }
    const length = kind === ':' ? Number(other) : Number(other) - from + 1
    if (length < 1) throw new FilterError(token.at, token.length, 'The last byte comes before the first.')
    return { start: from, length }
  }
  function test(): Node {
    const left = operand()
    const operator = peek()
    const comparison = operator.kind === 'string' ? undefined : COMPARISONS[operator.text]
    if (comparison) {
      take()
      return { kind: 'compare', operand: left, operator: comparison, value: value('a value') }
    }
    if (operator.kind === 'word' && operator.text === 'contains')
      return { kind: 'contains', operand: left, operator: take(), value: value('a text or bytes') }
    if ((operator.kind === 'word' && operator.text === 'matches') || isSymbol('~'))
      return { kind: 'matches', operand: left, operator: take(), value: value('a quoted pattern') }
    if (operator.kind === 'word' && operator.text === 'in') return members(left)
    return { kind: 'present', operand: left }
  }
  function members(left: Operand): Node {
    take()
    symbol('{', "a '{'")
    const ranges: Range[] = []
    do {
      const low = value('a value')
      const high = isSymbol('..') && take() ? value('the upper end of the range') : undefined
      ranges.push({ low, ...(high && { high }) })
      if (isSymbol(',')) take()
    } while (!isSymbol('}') && peek().kind !== 'end')
    symbol('}', "a '}'")
    return { kind: 'in', operand: left, ranges }
  }
  const whole = (): Node => {
    const node = or()
    if (peek().kind !== 'end') throw expected("'and', 'or' or a comparison")
    return node
  }
  return { whole }
}
