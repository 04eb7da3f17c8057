/**
 * Builders that keep a struct table at one field a line. Offsets are bytes from the start of the struct, or of the
 * group that the field stands in; they are written down, not computed, so that a wrong layout fails its spec instead
 * of moving quietly.
 */
import type { FieldTable, ScalarType, StructTable } from './types'

type Options = Partial<Pick<FieldTable, 'count' | 'target' | 'functions' | 'union' | 'reserved' | 'doc'>>

const scalar =
  (type: ScalarType, size: number, defaultCType: string) =>
  (offset: number, name: string, ctype: string = defaultCType, options: Options = {}): FieldTable => ({
    name,
    offset,
    size,
    type,
    ctype,
    ...options,
  })

export const u8 = scalar('u8', 1, 'UCHAR')
export const i8 = scalar('i8', 1, 'CHAR')
export const u16 = scalar('u16', 2, 'USHORT')
export const i16 = scalar('i16', 2, 'SHORT')
export const u32 = scalar('u32', 4, 'ULONG')
export const i32 = scalar('i32', 4, 'LONG')
export const u64 = scalar('u64', 8, 'ULONGLONG')
export const i64 = scalar('i64', 8, 'LONGLONG')
export const bool = scalar('bool', 1, 'BOOLEAN')
export const ptr = scalar('ptr', 4, 'PVOID')
export const fn = scalar('fn', 4, 'PVOID')

/** A member that is itself a struct with a table. `size` is that struct's size. */
export const inline = (
  offset: number,
  name: string,
  struct: string,
  size: number,
  options: Options = {},
): FieldTable => ({
  name,
  offset,
  size,
  type: 'struct',
  ctype: struct,
  struct,
  ...options,
})

/** A named member of an anonymous struct or union type: 'DATA' of NDIS_OID_REQUEST. */
export const group = (
  offset: number,
  name: string,
  size: number,
  fields: readonly FieldTable[],
  options: Options = {},
): FieldTable => ({ name, offset, size, type: 'struct', ctype: name, fields, ...options })

/** An area without inner structure, or one whose structure drivers do not touch. */
export const bytes = (
  offset: number,
  name: string,
  size: number,
  ctype = 'UCHAR',
  options: Options = {},
): FieldTable => ({ name, offset, size, type: 'bytes', ctype, ...options })

const table =
  (kind: StructTable['kind']) =>
  (
    name: string,
    size: number,
    pointerNames: readonly string[],
    source: string,
    fields: readonly FieldTable[],
  ): StructTable => ({ name, size, fields, kind, pointerNames, visibility: 'ndis', source })

export const struct = table('struct')
export const union = table('union')
