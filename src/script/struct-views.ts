import type { Kernel } from '../core/kernel/kernel'
import type { DriverFunction } from '../core/kernel/text'
import type { FieldTable, StructTable } from '../core/memory/structs/types'
import { createByteView } from './byte-view'
import { deviceAccess, scalarAccess, type ScalarKind } from './cells'
import { functionArray } from './function-array'

/** A struct of ndis.h as scripts see it. `at` gives a live view: its members read and write kernel memory, checked. */
export interface StructTypeObject {
  readonly name: string
  readonly size: number
  at(address: number): object
}

interface Accessor {
  get(address: number): unknown
  set(address: number, value: unknown): void
}

const asNumber = (value: unknown): number | bigint =>
  typeof value === 'bigint' || typeof value === 'number'
    ? value
    : typeof value === 'boolean'
      ? Number(value)
      : Number((value as { value?: unknown } | null)?.value ?? 0)

/** What every view has: the address of its struct, and the size. */
class View {
  readonly #address: number
  readonly #size: number
  constructor(address: number, size: number) {
    this.#address = address
    this.#size = size
  }
  static addressOf(view: object): number {
    return #address in view ? view.#address : 0
  }
  /** Bytes; 0 for what is no view. */
  static sizeOf(view: object): number {
    return #size in view ? view.#size : 0
  }
}
/** A class without a name, which no variable lends it either: debuggers then show the name of the struct (its toStringTag). */
const newViewClass = () => class extends View {}

Object.freeze(View.prototype)
Object.freeze(View)

/** Sets members from an object literal. Throws TypeError for a name that is no member: C would not compile either. */
export function assignMembers(type: StructTypeObject, address: number, members: object): void {
  const view = type.at(address)
  for (const name of Object.keys(members))
    if (!(name in view)) throw new TypeError(`${type.name} has no member ${name}`)
  Object.assign(view, members)
}

/** Builds the views of all structs from their tables. */
export function createStructViews(k: Kernel, tables: ReadonlyMap<string, StructTable>): Map<string, StructTypeObject> {
  const made = new Map<string, StructTypeObject>()

  function scalar(field: FieldTable): Accessor {
    if (field.functions !== undefined) return functionTable(field, field.functions)
    if (field.type === 'fn')
      return {
        get: (address) =>
          k.access.check(address, 4, false) ? (k.text.functionAt(k.space.r32(address)) ?? null) : null,
        set(address, value) {
          const target = typeof value === 'function' ? k.text.addressOf(value as DriverFunction) : Number(value ?? 0)
          if (k.access.check(address, 4, true)) k.space.w32(address, target)
        },
      }
    const kind: ScalarKind = field.type === 'ptr' ? 'u32' : field.type === 'bool' ? 'u8' : (field.type as ScalarKind)
    const { read, write } = scalarAccess(k, kind)
    const isBool = field.type === 'bool'
    const device = deviceAccess(k, kind)
    return {
      get(address) {
        const value = k.access.check(address, field.size, false) ? read(address) : device.read(address)
        return isBool ? Number(value) : value
      },
      set(address, value) {
        if (k.access.check(address, field.size, true)) write(address, asNumber(value))
        else device.write(address, asNumber(value))
      },
    }
  }

  /** A pointer to an array of function pointers, for which a script may give the functions. */
  function functionTable({ functions: _functions, ...plain }: FieldTable, count: number): Accessor {
    const { get, set } = scalar(plain)
    return { get, set: (address, value) => set(address, functionArray(k, value, count) ?? value) }
  }

  function array(field: FieldTable, element: Accessor): Accessor {
    const count = field.count ?? 1
    return {
      get(address) {
        const snapshot = Array.from({ length: count }, (_unused, i) => element.get(address + i * field.size))
        return new Proxy(snapshot, {
          set(target, key, value) {
            if (typeof key === 'string' && /^\d+$/.test(key)) {
              element.set(address + Number(key) * field.size, value)
              target[Number(key)] = element.get(address + Number(key) * field.size)
              return true
            }
            return Reflect.set(target, key, value)
          },
        })
      },
      set(address, value) {
        const source = value as ArrayLike<unknown>
        for (let i = 0; i < Math.min(count, source.length); i++) element.set(address + i * field.size, source[i])
      },
    }
  }

  /** From another struct's view its bytes are copied, as C does; members of an object are set one by one. */
  function nested(type: () => StructTypeObject): Accessor {
    return {
      get: (address) => type().at(address),
      set(address, value) {
        if (value === null || typeof value !== 'object') return
        const { name, size } = type()
        const given = View.sizeOf(value)
        if (given === 0) return assignMembers(type(), address, value)
        if (given !== size)
          throw new TypeError(`${Object.prototype.toString.call(value).slice(8, -1)} cannot be assigned to a ${name}`)
        const source = View.addressOf(value)
        // Structs in device memory are copied as bytes; what is neither is reported here.
        if (k.windows.at(source) || k.windows.at(address))
          createByteView(k, address, size).set(createByteView(k, source, size).slice())
        else if (k.access.check(source, size, false) && k.access.check(address, size, true))
          k.space.move(address, source, size)
      },
    }
  }

  function accessor(field: FieldTable): Accessor {
    if (field.type === 'bytes' || (field.size === 1 && (field.count ?? 0) >= 1 && field.type !== 'struct')) {
      const length = field.size * (field.count ?? 1)
      return {
        get: (address) => createByteView(k, address, length),
        set(address, value) {
          createByteView(k, address, length).set(value as ArrayLike<number>)
        },
      }
    }
    let one: Accessor
    if (field.type === 'struct') {
      const inline = field.fields ? define(field.name, field.size, field.fields) : undefined
      one = nested(() => inline ?? made.get(field.struct!)!)
    } else one = scalar(field)
    return field.count === undefined ? one : array(field, one)
  }

  function define(name: string, size: number, fields: readonly FieldTable[]): StructTypeObject {
    const Named = newViewClass()
    Object.defineProperty(Named, 'name', { value: name })
    for (const field of fields) {
      const { get, set } = accessor(field)
      Object.defineProperty(Named.prototype, field.name, {
        enumerable: true,
        get(this: View) {
          return get(View.addressOf(this) + field.offset)
        },
        set(this: View, value: unknown) {
          set(View.addressOf(this) + field.offset, value)
        },
      })
    }
    Object.defineProperty(Named.prototype, Symbol.toStringTag, { value: name })
    Object.freeze(Named.prototype)
    Object.freeze(Named)
    return { name, size, at: (address) => new Named(Number(address) >>> 0, size) }
  }

  for (const table of tables.values())
    if (table.visibility === 'ndis') made.set(table.name, define(table.name, table.size, table.fields))
  return made
}

/** Where a member given by its path ('DATA.SET_INFORMATION.Oid') lies, and how many bytes it takes; undefined: there is none. */
export function fieldExtent(
  tables: ReadonlyMap<string, StructTable>,
  struct: string,
  path: string,
): { readonly offset: number; readonly size: number } | undefined {
  let fields: readonly FieldTable[] | undefined = tables.get(struct)?.fields
  let offset = 0
  let size = 0
  for (const part of path.split('.')) {
    const field: FieldTable | undefined = fields?.find((candidate) => candidate.name === part)
    if (!field) return undefined
    offset += field.offset
    size = field.size * (field.count ?? 1)
    fields = field.fields ?? (field.struct ? tables.get(field.struct)?.fields : undefined)
  }
  return { offset, size }
}
/** The offset of a member given by its path, or -1. */
export const fieldOffset = (tables: ReadonlyMap<string, StructTable>, struct: string, path: string): number =>
  fieldExtent(tables, struct, path)?.offset ?? -1
