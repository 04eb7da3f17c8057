import type { Machine } from '../core/machine'
import { Out } from '../core/memory/cell'
import type { ApiEntry } from '../core/ndis/api/types'
import type { StructTable } from '../core/memory/structs/types'
import { createBinder, type Bound, type CallStop } from './binding'
import { createByteView } from './byte-view'
import { SCALARS } from './cells'
import { createMarshaller } from './marshal'
import { scalarType, type ScalarTypeObject } from './scalar-type'
import { createStructViews, fieldExtent, type StructTypeObject } from './struct-views'

type TypeObject = StructTypeObject | ScalarTypeObject

export interface InterfaceTables {
  readonly api: readonly ApiEntry[]
  readonly structs: ReadonlyMap<string, StructTable>
  readonly constants: Readonly<Record<string, number>>
  /** Names that scripts may import although only types stand behind them. */
  readonly types: ReadonlySet<string>
}

/** Everything that a script can import from 'ndis'. */
export interface Interface {
  readonly names: ReadonlySet<string>
  /** What some of the names stand for. Only that is built: a driver needs a tenth of it. */
  exports(names: Iterable<string>): Readonly<Record<string, unknown>>
  /** Builds the binding of one function anew, with or without a call breakpoint. */
  rebuild(name: string, stop?: CallStop): Bound
}

/** Macros that declare a C type or the section of a function: there is neither here, so that they do nothing. */
const DECLARATIONS = [
  'NDIS_DECLARE_MINIPORT_DRIVER_CONTEXT',
  'NDIS_DECLARE_MINIPORT_ADAPTER_CONTEXT',
  'NDIS_DECLARE_MINIPORT_INTERRUPT_CONTEXT',
  'NDIS_DECLARE_PROTOCOL_DRIVER_CONTEXT',
  'NDIS_DECLARE_PROTOCOL_OPEN_CONTEXT',
  'NDIS_DECLARE_FILTER_DRIVER_CONTEXT',
  'NDIS_DECLARE_FILTER_MODULE_CONTEXT',
  'NDIS_INIT_FUNCTION',
  'NDIS_PAGEABLE_FUNCTION',
  'NDIS_PAGABLE_FUNCTION',
] as const

/** Helpers that are not of ndis.h: out, storage, sizeof, bytes, and C's own FIELD_OFFSET, CONTAINING_RECORD, strings. */
function helpers(machine: Machine, tables: InterfaceTables): Record<string, unknown> {
  const { kernel } = machine
  const { space, image } = kernel
  const sizeOf = (type: TypeObject | { size?: number }): number => {
    if (typeof type?.size !== 'number')
      throw new TypeError('sizeof takes a type of the interface, such as NDIS_PACKET or ULONG')
    return type.size
  }
  const allocate = (size: number, what: string): number => {
    const address = image.allocate(size)
    if (address === 0) throw new RangeError(`the driver image is full: no room for ${what}`)
    return address
  }
  const member = (type: TypeObject, path: string): { readonly offset: number; readonly size: number } => {
    const extent = fieldExtent(tables.structs, type.name, path)
    if (!extent) throw new TypeError(`${type.name} has no member ${path}`)
    return extent
  }
  const countedString = (text: string, wide: boolean): number => {
    const unit = wide ? 2 : 1
    const buffer = allocate((text.length + 1) * unit, 'a string')
    for (let i = 0; i < text.length; i++) (wide ? space.w16 : space.w8)(buffer + i * unit, text.charCodeAt(i))
    const counted = allocate(8, 'a string')
    space.w16(counted, text.length * unit)
    space.w16(counted + 2, (text.length + 1) * unit)
    space.w32(counted + 4, buffer)
    return counted
  }
  return {
    out: (initial: unknown = 0) => new Out(initial),
    storage: (type: TypeObject, count = 1) => allocate(sizeOf(type) * count, `${count} ${type.name}`),
    sizeof: sizeOf,
    bytes: (address: number, length: number) => createByteView(kernel, Number(address), Number(length)),
    FIELD_OFFSET: (type: TypeObject, path: string) => member(type, path).offset,
    RTL_FIELD_SIZE: (type: TypeObject, path: string) => member(type, path).size,
    RTL_SIZEOF_THROUGH_FIELD: (type: TypeObject, path: string) => member(type, path).offset + member(type, path).size,
    CONTAINING_RECORD: (address: number, type: TypeObject, path: string) => address - member(type, path).offset,
    NDIS_STRING_CONST: (text: string) => countedString(text, true),
    RTL_CONSTANT_STRING: (text: string) => countedString(text, true),
    ANSI_STRING_CONST: (text: string) => countedString(text, false),
    UNREFERENCED_PARAMETER: () => undefined,
    ...Object.fromEntries(DECLARATIONS.map((name) => [name, () => undefined])),
    C_ASSERT(condition: unknown) {
      if (!condition) throw new Error('C_ASSERT failed')
    },
  }
}
export const HELPER_NAMES = [
  ...DECLARATIONS,
  'out',
  'storage',
  'sizeof',
  'bytes',
  'FIELD_OFFSET',
  'RTL_FIELD_SIZE',
  'RTL_SIZEOF_THROUGH_FIELD',
  'CONTAINING_RECORD',
  'NDIS_STRING_CONST',
  'RTL_CONSTANT_STRING',
  'ANSI_STRING_CONST',
  'UNREFERENCED_PARAMETER',
  'C_ASSERT',
] as const

const namesIn = new WeakMap<InterfaceTables, ReadonlySet<string>>()
/** The same set for the same tables. */
function namesOf(tables: InterfaceTables): ReadonlySet<string> {
  const known = namesIn.get(tables)
  if (known) return known
  const { api, structs, constants } = tables
  const functions = api.filter(({ kind }) => kind !== 'callback').map(({ name }) => name)
  const types = [...structs.values()].filter(({ visibility }) => visibility === 'ndis').map(({ name }) => name)
  const names = new Set([...Object.keys(constants), ...types, ...Object.keys(SCALARS), ...functions, ...HELPER_NAMES])
  namesIn.set(tables, names)
  return names
}

export function createInterface(
  machine: Machine,
  tables: InterfaceTables,
  stops: ReadonlyMap<string, CallStop>,
): Interface {
  const views = createStructViews(machine.kernel, tables.structs)
  const entries = new Map(tables.api.map((entry) => [entry.name, entry]))
  const binder = createBinder(machine, tables.api, createMarshaller(machine.kernel, views))
  const help = helpers(machine, tables)
  /** What a name stands for: a helper, a function, a struct, a scalar type or a constant. */
  function make(name: string): unknown {
    if (Object.hasOwn(help, name)) return help[name]
    const entry = entries.get(name)
    if (entry && entry.kind !== 'callback') return binder.bind(entry, stops.get(name))
    const kind = SCALARS[name]
    return views(name) ?? (kind ? scalarType(machine.kernel, name, kind) : tables.constants[name])
  }
  return {
    names: namesOf(tables),
    exports: (names) => Object.fromEntries(Array.from(names, (name) => [name, make(name)])),
    rebuild(name, stop) {
      const entry = entries.get(name)
      if (!entry) throw new RangeError(`no function ${name}`)
      return binder.bind(entry, stop)
    },
  }
}
