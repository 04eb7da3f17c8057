import type { CapturedFrame } from '../captured-frame'
import { colonHex, ipv4Text, ipv6Text, macText } from './addresses'
import { bitPicture } from './bit-picture'
import { dissectFrame } from './dissect'
import type { FieldNode, FieldType } from './field'
import { fieldType, type FieldName } from './fields.table'
import type { FieldSink } from './walk'

type Draft = {
  -readonly [K in keyof FieldNode]: K extends 'children' ? Draft[] : FieldNode[K]
}

/** Bytes of a stretch that are written out. */
const SHOWN_BYTES = 32
const DIGITS: Readonly<Partial<Record<FieldType['kind'], number>>> = { hex8: 2, hex16: 4, hex24: 6, hex32: 8 }

export const secondsText = (ns: number): string => `${(ns / 1e9).toFixed(9)} s`

function numberText({ kind, names, unit }: FieldType, value: number): string {
  const digits = DIGITS[kind]
  const plain = digits === undefined ? String(value) : `0x${value.toString(16).padStart(digits, '0')}`
  if (kind === 'bool') return value ? 'Set' : 'Not set'
  if (kind === 'time') return secondsText(value)
  const name = names?.[value]
  return name === undefined ? (unit ? `${plain} ${unit}` : plain) : `${name} (${plain})`
}

function bytesText(kind: FieldType['kind'], bytes: Uint8Array, offset: number, length: number): string {
  if (kind === 'mac' && length === 6) return macText(bytes, offset)
  if (kind === 'ipv4' && length === 4) return ipv4Text(bytes, offset)
  if (kind === 'ipv6' && length === 16) return ipv6Text(bytes, offset)
  const text = colonHex(bytes, offset, Math.min(length, SHOWN_BYTES))
  return length > SHOWN_BYTES ? `${text}:… (${length} bytes)` : text
}

function numberFilter(name: FieldName, { kind }: FieldType, value: number): string {
  const digits = DIGITS[kind]
  if (kind === 'time') return `${name} == ${value}ns`
  return `${name} == ${digits === undefined ? value : `0x${value.toString(16).padStart(digits, '0')}`}`
}

/** Builds the tree of fields of one frame. Every stretch lies within its captured bytes. */
class TreeBuilder implements FieldSink {
  readonly worded = true
  readonly roots: Draft[] = []
  readonly #bytes: Uint8Array
  readonly #open: Draft[] = []
  #last: Draft | undefined
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  open(name: FieldName, offset: number, length: number): void {
    const { kind } = fieldType(name)
    const filter = kind === 'protocol' ? { filter: name } : {}
    this.#open.push(this.#add(name, offset, length, { value: '', children: [], ...filter }))
  }
  close(): void {
    const closed = this.#open.pop()
    if (closed?.children?.length === 0) delete closed.children
    // A heading that is a value itself carries the first of its children.
    const first = closed?.children?.[0]
    if (closed && first?.name === closed.name) {
      Object.assign(closed, { value: first.value, filter: first.filter })
      closed.children?.shift()
    }
  }
  number(name: FieldName, offset: number, length: number, value: number, mask: number): void {
    const type = fieldType(name)
    const node = this.#add(name, offset, length, { value: numberText(type, value) })
    node.filter = numberFilter(name, type, value)
    if (mask === 0) return
    node.mask = mask
    node.bits = bitPicture(this.#bytes, node.offset, node.length, mask)
  }
  bytes(name: FieldName, offset: number, length: number): void {
    const node = this.#add(name, offset, length, {})
    const whole = node.length <= SHOWN_BYTES && node.length > 0
    node.value = bytesText(fieldType(name).kind, this.#bytes, node.offset, node.length)
    if (whole) node.filter = `${name} == ${node.value}`
  }
  text(name: FieldName, value: string): void {
    this.#add(name, 0, 0, { value, filter: `${name} == ${JSON.stringify(value)}` })
  }
  warn(name: '_ws.malformed' | '_ws.short' | '_ws.expert', offset: number, text: string): void {
    const target = name === '_ws.expert' ? this.#last : (this.#open.at(-1) ?? this.#add(name, offset, 0, {}))
    if (target) target.warning = target.warning ? `${target.warning}; ${text}` : text
  }
  describe(text: string): void {
    const open = this.#open.at(-1)
    if (open) open.value = text
  }

  #add(name: FieldName, offset: number, length: number, more: Partial<Draft>): Draft {
    const start = Math.min(offset, this.#bytes.length)
    const draft: Draft = {
      name,
      label: fieldType(name).label,
      value: '',
      offset: start,
      length: Math.max(0, Math.min(length, this.#bytes.length - start)),
      ...more,
    }
    const parent = this.#open.at(-1)
    if (parent) (parent.children ??= []).push(draft)
    else this.roots.push(draft)
    this.#last = draft
    return draft
  }
}

/** A frame as a tree: what is known of it, then its layers. */
export function fieldTree(frame: CapturedFrame): readonly FieldNode[] {
  const builder = new TreeBuilder(frame.bytes)
  dissectFrame(frame, builder)
  return builder.roots
}
