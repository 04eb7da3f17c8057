/** The registers of a NIC as a tree of groups, registers and their bits; words in the names of the data sheet. */
import { bitsOf, offsetsOf } from '../../src/shared/descriptors'
import type { BitField, NicTable, RegisterTable } from '../../src/shared/views'
import type { TreeNode } from './tree'

export type RegisterRow =
  | { readonly kind: 'group'; readonly name: string }
  /** All elements of an array; they are below it. */
  | { readonly kind: 'array'; readonly name: string; readonly register: RegisterTable }
  | { readonly kind: 'register'; readonly name: string; readonly register: RegisterTable; readonly offset: number }
  | { readonly kind: 'field'; readonly name: string; readonly field: BitField; readonly offset: number }
type Node = TreeNode<RegisterRow>

const hex = (value: number): string => value.toString(16).toUpperCase()

function fieldNodes(fields: readonly BitField[], offset: number, of: string): readonly Node[] | undefined {
  if (!fields.length) return undefined
  return fields.map((field) => ({
    key: `${of}.${field.name}`,
    value: { kind: 'field', name: field.name, field, offset },
  }))
}
function wordNode(register: RegisterTable, name: string, offset: number): Node {
  const children = fieldNodes(register.fields ?? [], offset, name)
  return { key: name, value: { kind: 'register', name, register, offset }, ...(children && { children }) }
}
function registerNode(register: RegisterTable): Node {
  const { name, count } = register
  if (count === undefined) return wordNode(register, name, register.offset)
  const children = offsetsOf(register).map((offset, index) => wordNode(register, `${name}[${index}]`, offset))
  return { key: name, value: { kind: 'array', name: `${name}[${count}]`, register }, children }
}

const contains = (text: string, wanted: string): boolean => text.toLowerCase().includes(wanted)
const isNamed = ({ name, offset }: RegisterTable, wanted: string): boolean =>
  contains(name, wanted) || contains(`0x${hex(offset).padStart(4, '0')}`, wanted)
/** One letter is in nearly every register: bits are looked for from two on. */
const hasField = ({ fields = [] }: RegisterTable, wanted: string): boolean =>
  wanted.length > 1 && fields.some((field) => contains(field.name, wanted))

export interface RegisterTree {
  readonly nodes: readonly Node[]
  /** Keys of registers that a filter found by one of their bits only. */
  readonly found: readonly string[]
}

/** Counters have a place of their own. `filter` looks at names of registers and of their bits, at offsets, and at groups. */
export function registerTree({ registers }: NicTable, filter: string): RegisterTree {
  const wanted = filter.trim().toLowerCase()
  const shown = registers.filter(
    (register) =>
      !register.counter &&
      (isNamed(register, wanted) || hasField(register, wanted) || contains(register.group, wanted)),
  )
  const nodes = [...new Set(shown.map(({ group }) => group))].map((group): Node => {
    const children = shown.filter((register) => register.group === group).map(registerNode)
    return { key: groupKey(group), value: { kind: 'group', name: group }, children }
  })
  const found = shown
    .filter((register) => !isNamed(register, wanted) && hasField(register, wanted))
    .map(({ name }) => name)
  return { nodes, found }
}
export const groupKey = (group: string): string => `group ${group}`
export const groupKeys = ({ registers }: NicTable): string[] => [
  ...new Set(registers.map(({ group }) => groupKey(group))),
]

/** `7:6`, or `3` for one bit. */
export const bitRange = ({ shift, width }: BitField): string =>
  width === 1 ? `${shift}` : `${shift + width - 1}:${shift}`

/** From here on a number says more in hexadecimal digits. */
const HEXADECIMAL = 1000
/** A field as wide as this is the word itself: a summary of the word need not repeat it. */
const WHOLE = 24

/** A value as people say it: by its name where it has one, indices and the like in decimal. */
export function fieldText(field: BitField, word: number | bigint): string {
  const value = bitsOf(word, field)
  const name = field.values?.[value]
  return name ?? (value < HEXADECIMAL ? `${value}` : `0x${hex(value)}`)
}

/** The bits that are set and the fields that say something, in the order of the data sheet: `FD LU SPEED=1000 Mb/s`. */
export function wordText(fields: readonly BitField[], word: number | bigint): string {
  return fields
    .filter((field) => field.width < WHOLE && (bitsOf(word, field) !== 0 || (field.width > 1 && field.values?.[0])))
    .map((field) => (field.width === 1 ? field.name : `${field.name}=${fieldText(field, word)}`))
    .join('  ')
}
