/** TypeScript for C types, by the place where they stand. */
import { cellType, type ApiEntry, type ApiParam } from '../../core/ndis/api'
import { STRUCTS } from '../../core/memory/structs'
import { SCALARS } from '../cells'
import { classify, isHandle, targetOf, type CType } from './c-types'

const quote = (text: string): string => `'${text}'`

/** Structs whose C value is one 64-bit number: scripts pass the number. */
const NUMBER_STRUCTS = new Set([
  'LARGE_INTEGER',
  'ULARGE_INTEGER',
  'PHYSICAL_ADDRESS',
  'NDIS_PHYSICAL_ADDRESS',
  'NET_LUID',
])

/** Structs that a driver fills in once and hands over: their parameters take an object literal as well as an address. */
export const takesLiteral = (struct: string): boolean =>
  /(_CHARACTERISTICS|_PARAMETERS|_ATTRIBUTES|PHYSICAL_ADDRESS|_DATA|_DESCRIPTION)$/.test(struct)

/** Right side of `type NAME =` for a type that is no struct and no callback. */
export function definition(ctype: string): string {
  const type = classify(ctype)
  switch (type.kind) {
    case 'bigint':
      return 'bigint'
    case 'boolean':
      return 'boolean | number'
    case 'text':
      return 'string | Pointer'
    case 'function':
      return 'DriverFunction | 0'
    case 'callback':
      return `${type.name} | 0`
    case 'pointer':
      return type.to === '' ? 'Pointer' : `Pointer<${quote(type.to)}>`
    default:
      return 'number'
  }
}

const isName = (ctype: string): boolean => /^\w+$/.test(ctype)
/** A type as hovers should show it: by its C name where it has one. */
const named = (ctype: string): string => {
  const type = classify(ctype)
  if (type.kind === 'pointer' && !isName(ctype)) return `Pointer<${quote(type.to)}>`
  return ctype
}

/** A value that NDIS gives: a result, a cell's content, a member that is read. */
export function given(ctype: string): string {
  const type = classify(ctype)
  if (type.kind === 'void') return 'void'
  if (type.kind === 'struct') return NUMBER_STRUCTS.has(type.name) ? 'bigint' : `Pointer<${quote(targetOf(type.name))}>`
  return named(ctype)
}

/** A value that a script gives: an argument, a member that is written. Untyped addresses may come out of arithmetic. */
export function taken(ctype: string): string {
  const type: CType = classify(ctype)
  switch (type.kind) {
    case 'bigint':
      return `${ctype} | number`
    case 'struct':
      return NUMBER_STRUCTS.has(type.name) ? 'number | bigint' : given(ctype)
    case 'pointer':
      return type.struct || isHandle(ctype) || isOpaque(type.to) ? named(ctype) : 'number'
    case 'function':
    case 'callback':
      return `${ctype} | null`
    default:
      return named(ctype)
  }
}
/** Targets that are neither scalars nor described: their pointers come from NDIS and are passed on as they are. */
const isOpaque = (to: string): boolean => to !== '' && classify(to).kind === 'number' && !(to in SCALARS)

/** NDIS passes a driver's own context through without looking at it; C writes NDIS_HANDLE or PVOID for it. */
export const isContext = (name: string, ctype: string): boolean => isHandle(ctype) && /Context$/.test(name)

/** Kernel memory that holds the cell; a pointer may also lie in plain `storage(PVOID)`. */
function addressOfCell(param: ApiParam, cell: string): string {
  const own = param.type.endsWith('*') ? `Pointer<${quote(cell)}>` : param.type
  return classify(cell).kind === 'pointer' && cell !== 'PVOID' ? `${own} | Pointer<'PVOID'>` : own
}

/** Functions of a script in the places of an array of function pointers. */
export const functionsOf = (callback: string): string => `ArrayLike<${callback} | 0 | null | undefined>`

/** The rest parameters of the calling function; in C, words in memory. */
const VA_LIST = '(number | bigint | string | boolean | null | undefined)[] | Pointer'

/** C casts the address of one record of a union to the union; scripts need not. */
const alternatives = (struct: string): readonly string[] => {
  const table = STRUCTS.get(struct)
  return table?.kind === 'union' ? table.fields.flatMap((field) => field.struct ?? []).map(targetOf) : []
}

function argument(param: ApiParam): string {
  const cell = cellType(param)
  if (cell !== undefined) return `Out<${given(cell)}> | ${addressOfCell(param, cell)}`
  if (isContext(param.name, param.type)) return 'number'
  if (param.type === 'va_list') return VA_LIST
  const type = classify(param.type)
  if (type.kind === 'pointer' && type.struct) {
    const struct = param.type.slice(1)
    const given = [param.type, ...alternatives(type.to).map((name) => `Pointer<${quote(name)}>`)].join(' | ')
    if (takesLiteral(struct)) return `${given} | Literal.${struct}`
  }
  const element = type.kind === 'pointer' ? classify(type.to) : undefined
  const value = taken(param.type)
  return element?.kind === 'callback' ? `${value} | ${functionsOf(element.name)}` : value
}

function received(param: ApiParam): string {
  const cell = cellType(param)
  if (cell !== undefined) return `Out<${given(cell)}>`
  return isContext(param.name, param.type) ? 'PVOID' : given(param.type)
}

const VARIADIC = '...Arguments: (number | bigint | string | boolean | null | undefined)[]'

/** Parameter list and result of an entry: what a script calls, or what NDIS calls with a callback. */
export function signature(entry: ApiEntry): { readonly params: string; readonly result: string } {
  const callback = entry.kind === 'callback'
  const params = entry.params.map((param) =>
    param.type === '...' ? VARIADIC : `${param.name}: ${callback ? received(param) : argument(param)}`,
  )
  return { params: params.join(', '), result: given(entry.returns) }
}
