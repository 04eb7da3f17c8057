/** Declarations of the struct views and of the literals that fill them. */
import { apiByName } from '../../core/ndis/api'
import { STRUCTS } from '../../core/memory/structs'
import type { FieldTable, StructTable } from '../../core/memory/structs/types'
import { targetOf } from './c-types'
import { functionsOf, given, isContext, taken } from './type-text'

const INDENT = '  '

/** What a member is when read, and what may be written to it. */
interface Member {
  readonly get: string
  readonly set: string
}

const isByteArray = (field: FieldTable): boolean =>
  field.type === 'bytes' || (field.type !== 'struct' && field.size === 1 && field.count !== undefined)

function functionMember(field: FieldTable): Member {
  const name = field.target !== undefined && apiByName.has(field.target) ? field.target : 'DriverFunction'
  return { get: `${name} | null`, set: `${name} | 0 | null` }
}

function single(field: FieldTable, depth: number): Member {
  if (field.type === 'fn') return functionMember(field)
  if (field.functions !== undefined)
    return { get: given(field.ctype), set: `${given(field.ctype)} | ${functionsOf(field.target ?? 'DriverFunction')}` }
  if (isContext(field.name, field.ctype)) return { get: 'PVOID', set: 'number' }
  if (field.type !== 'struct') return { get: given(field.ctype), set: taken(field.ctype) }
  // A whole struct is copied from a literal or from its address: Name: NDIS_STRING_CONST('...').
  if (field.struct !== undefined)
    return { get: field.struct, set: `Literal.${field.struct} | Pointer<'${targetOf(field.struct)}'>` }
  const fields = field.fields ?? []
  return { get: block(fields, depth, view), set: block(fields, depth, literal) }
}

function member(field: FieldTable, depth: number): Member {
  if (isByteArray(field)) return { get: 'ByteView', set: 'ArrayLike<number>' }
  const one = single(field, depth)
  if (field.count === undefined) return one
  return { get: `Array<${one.get}>`, set: `ArrayLike<${one.set}>` }
}

const extent = (field: FieldTable): number => field.size * (field.count ?? 1)

function hover(field: FieldTable): string {
  const type = field.count === undefined ? field.ctype : `${field.ctype}[${field.count}]`
  const what = [field.reserved ? 'for NDIS only' : '', field.doc ?? ''].filter((part) => part !== '').join('; ')
  return `/** \`${type}\` at ${field.offset}, ${extent(field)} bytes${what === '' ? '' : `: ${what}`} */`
}

type Line = (field: FieldTable, depth: number) => string
const view: Line = (field, depth) => {
  const { get, set } = member(field, depth)
  return get === set ? `${field.name}: ${get}` : `get ${field.name}(): ${get}; set ${field.name}(value: ${set})`
}
const literal: Line = (field, depth) => `${field.name}?: ${member(field, depth).set}`

function block(fields: readonly FieldTable[], depth: number, line: Line): string {
  const pad = INDENT.repeat(depth + 1)
  const lines = fields.flatMap((field) => [`${pad}${hover(field)}`, `${pad}${line(field, depth + 1)}`])
  return `{\n${lines.join('\n')}\n${INDENT.repeat(depth)}}`
}

const pointers = (table: StructTable): string => table.pointerNames.map((name) => `\`${name}\``).join(', ')

function declaration(table: StructTable): string {
  const title = `/** ${table.kind} of ${table.source}, ${table.size} bytes; pointer ${pointers(table)} */`
  return [
    title,
    `export interface ${table.name} ${block(table.fields, 0, view)}`,
    `${title}\nexport const ${table.name}: StructType<${table.name}, '${targetOf(table.name)}'>`,
  ].join('\n')
}

const visible = (): readonly StructTable[] => [...STRUCTS.values()].filter((table) => table.visibility === 'ndis')

/** Every struct of the interface: the type of its view, and the value with `at` and `size`. */
export const structDeclarations = (): string => visible().map(declaration).join('\n')

/** The namespace of object literals that stand for filled-in structs; all members may be left out. */
export function literalDeclarations(): string {
  const all = visible().map((table) => `interface ${table.name} ${block(table.fields, 0, literal)}`)
  return `/** Object literals that stand for filled-in structs. */\nexport namespace Literal {\n${all.join('\n')}\n}`
}
