import type { CapturedFrame } from '../captured-frame'
import { dissectFrame } from '../dissect/dissect'
import type { FieldType } from '../dissect/field'
import { FIELDS, fieldType, isFieldName, type FieldName } from '../dissect/fields.table'
import type { Columns } from '../dissect/walk'
import { createCollector, type Collector, type Slot } from './collector'
import { bytesLiteral, freeBytes, numberLiteral, type BytesLiteral } from './literals'
import { compilePattern } from './pattern'
import { FilterError, type FilterProblem } from './problem'
import { parse, type Comparison, type Node, type Operand, type Range } from './syntax'
import { compareBytes, compareNumber, compareText, containsBytes, type Fits } from './tests'
import type { Token } from './tokens'

export interface DisplayFilter {
  readonly text: string
  /** Whether a frame passes. Takes the frame apart, a few microseconds; never throws. */
  test(frame: CapturedFrame): boolean
}

export type Compiled =
  | { readonly filter: DisplayFilter; readonly problem?: undefined }
  | { readonly filter?: undefined; readonly problem: FilterProblem }

type Test = (bytes: Uint8Array) => boolean
type Shape = 'number' | 'bytes' | 'text' | 'presence'

/** What the values of a field are, for comparing. */
function shapeOf({ kind }: FieldType): Shape {
  if (kind === 'group') return 'presence'
  if (kind === 'text') return 'text'
  return kind === 'protocol' || kind === 'bytes' || kind === 'mac' || kind === 'ipv4' || kind === 'ipv6'
    ? 'bytes'
    : 'number'
}

/** Compiles a display filter once; the problem says where it is wrong and what is expected there. An empty one lets all pass. */
export function compileFilter(text: string): Compiled {
  try {
    if (text.trim() === '') return { filter: { text, test: () => true } }
    const collector = createCollector()
    const test = compileNode(parse(text), collector)
    return { filter: { text, test: tester(collector, test, /_ws\.col\./.test(text)) } }
  } catch (error) {
    if (!(error instanceof FilterError)) throw error
    const { at, length, message } = error
    return { problem: { at, length, message } }
  }
}

/**
 * Several filters that a frame is taken apart for once.
 *
 * @returns the place of the first one that the frame passes; -1 for none.
 * @throws Error when one of them is wrong: they are the workbench's own.
 */
export function compileFirst(texts: readonly string[]): (frame: CapturedFrame) => number {
  const collector = createCollector()
  const tests = texts.map((text) => compileNode(parse(text), collector))
  return (frame) => {
    collector.clear()
    dissectFrame(frame, collector.sink)
    return tests.findIndex((test) => test(frame.bytes))
  }
}

function tester(collector: Collector, test: Test, withColumns: boolean): DisplayFilter['test'] {
  const { sink } = collector
  return (frame) => {
    collector.clear()
    if (withColumns) {
      const columns: Columns = { source: '', destination: '', protocol: '', info: '' }
      dissectFrame(frame, sink, columns)
      sink.text('_ws.col.protocol', columns.protocol)
      sink.text('_ws.col.info', columns.info)
    } else dissectFrame(frame, sink)
    return test(frame.bytes)
  }
}

function compileNode(node: Node, collector: Collector): Test {
  switch (node.kind) {
    case 'and': {
      const [left, right] = [compileNode(node.left, collector), compileNode(node.right, collector)]
      return (bytes) => left(bytes) && right(bytes)
    }
    case 'or': {
      const [left, right] = [compileNode(node.left, collector), compileNode(node.right, collector)]
      return (bytes) => left(bytes) || right(bytes)
    }
    case 'not': {
      const inner = compileNode(node.node, collector)
      return (bytes) => !inner(bytes)
    }
    default:
      return compileTest(node, collector)
  }
}

type Leaf = Exclude<Node, { kind: 'and' | 'or' | 'not' }>

function compileTest(node: Leaf, collector: Collector): Test {
  const slots = slotsOf(node.operand, collector)
  switch (node.kind) {
    case 'present':
      return presence(node.operand, slots)
    case 'compare': {
      const fits = comparison(node.operand, node.operator, node.value)
      return node.operator === '!=' ? noneOf(slots, fits) : anyOf(slots, fits)
    }
    case 'contains':
      return anyOf(slots, contains(node.operand, node.operator, node.value))
    case 'matches':
      return anyOf(slots, matches(node.operand, node.operator, node.value))
    case 'in': {
      const members = node.ranges.map((range) => within(node.operand, range))
      return anyOf(slots, (bytes, slot, index) => members.some((member) => member(bytes, slot, index)))
    }
  }
}

/** Where the values of an operand come: an alias has those of several fields. */
function slotsOf({ field }: Operand, collector: Collector): readonly Slot[] {
  const { any } = fieldType(field)
  return (any?.filter(isFieldName) ?? [field]).map((name: FieldName) => collector.slot(name))
}

/** A field that is there; bits of it that are not all 0; a truth that is one. */
function presence(operand: Operand, slots: readonly Slot[]): Test {
  if (operand.mask) return anyOf(slots, compareNumber('>', 0, maskOf(operand)))
  if (operand.slice)
    return anyOf(
      slots,
      sliced(operand, () => true),
    )
  return () => slots.some(({ count }) => count > 0)
}

const anyOf =
  (slots: readonly Slot[], fits: Fits): Test =>
  (bytes) => {
    for (const slot of slots) for (let index = 0; index < slot.count; index++) if (fits(bytes, slot, index)) return true
    return false
  }
/** The meaning of `!=` in Wireshark since 3.6: the field is there, and none of its values is this one. */
const noneOf = (slots: readonly Slot[], fits: Fits): Test => {
  const some = anyOf(slots, fits)
  return (bytes) => slots.some(({ count }) => count > 0) && !some(bytes)
}

function comparison(operand: Operand, operator: Comparison, value: Token): Fits {
  const type = fieldType(operand.field)
  if (operand.slice) return sliced(operand, compareBytes(operator, freeBytes(value)))
  switch (shapeOf(type)) {
    case 'number':
      return compareNumber(operator, numberLiteral(type, value), maskOf(operand))
    case 'text':
      return compareText(operator, value.text)
    case 'presence':
      throw new FilterError(operand.token.at, operand.token.length, `'${operand.field}' has no value to compare with.`)
    case 'bytes':
      return compareBytes(operator, prefixChecked(bytesLiteral(type, value), operator, value))
  }
}

function prefixChecked(literal: BytesLiteral, operator: Comparison, { at, length }: Token): BytesLiteral {
  const prefix = literal.bits < literal.bytes.length * 8
  if (prefix && operator !== '==' && operator !== '!=')
    throw new FilterError(at, length, `A network fits '==' and '!='; '${operator}' needs one address.`)
  return literal
}

function maskOf({ field, mask, token }: Operand): number | undefined {
  if (!mask) return undefined
  if (shapeOf(fieldType(field)) !== 'number')
    throw new FilterError(token.at, token.length, `'${field}' is no number: '&' takes bits of numbers.`)
  return numberLiteral({ label: '', kind: 'dec' }, mask)
}

function contains(operand: Operand, { at, length }: Token, value: Token): Fits {
  const shape = operand.slice ? 'bytes' : shapeOf(fieldType(operand.field))
  if (shape === 'text') return (_, slot, index) => slot.texts[index]!.includes(value.text)
  if (shape !== 'bytes') throw new FilterError(at, length, `'${operand.field}' is no text and no bytes: use '=='.`)
  const fits = containsBytes(freeBytes(value).bytes)
  return operand.slice ? sliced(operand, fits) : fits
}

function matches(operand: Operand, { at, length }: Token, value: Token): Fits {
  const shape = operand.slice ? 'bytes' : shapeOf(fieldType(operand.field))
  if (shape === 'number' || shape === 'presence')
    throw new FilterError(at, length, `'${operand.field}' is no text and no bytes: use '=='.`)
  const found = compilePattern(value)
  if (shape === 'text') return (_, slot, index) => found(slot.texts[index]!, 0, slot.texts[index]!.length)
  const fits: Fits = (bytes, slot, index) => found(bytes, slot.starts[index]!, slot.ends[index]!)
  return operand.slice ? sliced(operand, fits) : fits
}

function within(operand: Operand, { low, high }: Range): Fits {
  if (high === undefined) return comparison(operand, '==', low)
  const [from, to] = [comparison(operand, '>=', low), comparison(operand, '<=', high)]
  return (bytes, slot, index) => from(bytes, slot, index) && to(bytes, slot, index)
}

/** A part of a field's bytes, where the field is long enough to have it. */
function sliced({ field, slice, token }: Operand, fits: Fits): Fits {
  if (shapeOf(fieldType(field)) === 'text')
    throw new FilterError(token.at, token.length, `'${field}' is a text: use contains or matches.`)
  const part: Slot = { count: 1, numbers: [0], starts: [0], ends: [0], texts: [''] }
  const { start = 0, length } = slice ?? {}
  return (bytes, slot, index) => {
    const from = slot.starts[index]! + start
    const to = length === undefined ? slot.ends[index]! : from + length
    if (to > slot.ends[index]! || from >= to) return false
    part.starts[0] = from
    part.ends[0] = to
    return fits(bytes, part, 0)
  }
}

/** Every name that a filter may use, for completion. */
export const FIELD_NAMES: readonly FieldName[] = Object.keys(FIELDS).filter(isFieldName).sort()
