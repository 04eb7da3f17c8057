/** What a C type of ndis.h is to a script: a number, a pointer to something, a function ... */
import { API, apiByName, callbackType, cellType, type ApiParam } from '../../core/ndis/api'
import { STRUCTS, structOfPointer } from '../../core/memory/structs'
import type { FieldTable } from '../../core/memory/structs/types'
import { SCALARS } from '../cells'

export type CType =
  | { readonly kind: 'void' | 'number' | 'bigint' | 'boolean' | 'text' | 'function' | 'variadic' }
  | { readonly kind: 'callback'; readonly name: string }
  | { readonly kind: 'struct'; readonly name: string }
  /** `to` names the target; '' for void. `struct`: a table describes the target. */
  | { readonly kind: 'pointer'; readonly to: string; readonly struct: boolean }

/** typedefs of another struct: their pointers are interchangeable. */
const SAME_STRUCT: Readonly<Record<string, string>> = {
  NDIS_BUFFER: 'MDL',
  NDIS_STRING: 'UNICODE_STRING',
  NDIS_ANSI_STRING: 'ANSI_STRING',
  NDIS_PHYSICAL_ADDRESS: 'LARGE_INTEGER',
  PHYSICAL_ADDRESS: 'LARGE_INTEGER',
  NDIS_MUTEX: 'KMUTEX',
  NDIS_RESOURCE_LIST: 'CM_PARTIAL_RESOURCE_LIST',
}
/** Name that brands a pointer to a struct. */
export const targetOf = (struct: string): string => SAME_STRUCT[struct] ?? struct

const TEXT = new Set(['PCSTR', 'PCWSTR'])
const WIDE = new Set(['ULONGLONG', 'ULONG64', 'LONGLONG', 'LONG64'])
const VOID_POINTERS = new Set(['PVOID', 'PUCHAR', 'PCHAR', 'PWSTR'])
/** Scalars whose names begin like those of pointers. */
const NO_POINTER = new Set(['POOL_TYPE'])
/** Pointers whose names do not begin with P. */
const HANDLES = new Set(['NDIS_HANDLE', 'HANDLE'])
export const isHandle = (ctype: string): boolean => HANDLES.has(ctype)
const FUNCTION = /_(HANDLER|FUNCTION|FUNCTION_EX|ROUTINE|CALLBACK)$|^PDRIVER_STARTIO$/

export function classify(ctype: string): CType {
  if (ctype === 'VOID') return { kind: 'void' }
  if (ctype === '...') return { kind: 'variadic' }
  if (ctype === 'BOOLEAN') return { kind: 'boolean' }
  if (TEXT.has(ctype)) return { kind: 'text' }
  if (WIDE.has(ctype)) return { kind: 'bigint' }
  if (STRUCTS.has(ctype)) return { kind: 'struct', name: ctype }
  if (VOID_POINTERS.has(ctype)) return { kind: 'pointer', to: '', struct: false }
  if (isHandle(ctype)) return { kind: 'pointer', to: ctype, struct: false }
  const struct = structOfPointer(ctype)
  if (struct) return { kind: 'pointer', to: targetOf(struct.name), struct: true }
  const callback = callbackType(ctype, apiByName)
  if (callback) return { kind: 'callback', name: callback.name }
  if (FUNCTION.test(ctype)) return { kind: 'function' }
  if (ctype.endsWith('*')) return { kind: 'pointer', to: ctype.slice(0, -1).trimEnd(), struct: false }
  if (ctype === 'LPCGUID') return { kind: 'pointer', to: 'GUID', struct: true }
  if (/^P[A-Z]/.test(ctype) && !NO_POINTER.has(ctype)) return { kind: 'pointer', to: ctype.slice(1), struct: false }
  return { kind: 'number' }
}

const isName = (ctype: string): boolean => /^\w+$/.test(ctype) && ctype !== 'VOID'

function* typesOfFields(fields: readonly FieldTable[]): Iterable<string> {
  for (const field of fields) {
    if (field.fields) yield* typesOfFields(field.fields)
    else yield field.ctype
  }
}
function* typesOfParams(params: readonly ApiParam[]): Iterable<string> {
  for (const param of params) {
    yield param.type
    const cell = cellType(param)
    if (cell) yield cell
  }
}

/** Every C type name that the interface mentions, sorted: parameters, results, struct members, pointers, callbacks, scalars. */
export function allTypeNames(): readonly string[] {
  const names = new Set<string>(Object.keys(SCALARS))
  for (const entry of API) {
    for (const name of typesOfParams(entry.params)) names.add(name)
    names.add(entry.returns)
    if (entry.kind === 'callback') names.add(entry.name)
  }
  for (const table of STRUCTS.values()) {
    if (table.visibility !== 'ndis') continue
    for (const name of [table.name, ...table.pointerNames, ...typesOfFields(table.fields)]) names.add(name)
  }
  return [...names].filter(isName).sort()
}
