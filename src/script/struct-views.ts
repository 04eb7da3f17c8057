import type { Kernel } from '../core/kernel/kernel'
import type { DriverFunction } from '../core/kernel/text'
import type { FieldTable, StructTable } from '../core/memory/structs/types'
import { createByteView } from './byte-view'
import type { ScalarKind } from './cells'
import { functionArray } from './function-array'
import { addressOf, compileView, sizeOf, type Accessor } from './view-class'

/** A struct of ndis.h as scripts see it. `at` gives a live view: its members read and write kernel memory, checked. */
export interface StructTypeObject {
  readonly name: string
  readonly size: number
  at(address: number): object
}

/** Sets members from an object literal. Throws TypeError for a name that is no member: C would not compile either. */
export function assignMembers(type: StructTypeObject, address: number, members: object): void {
  const view = type.at(address)
  for (const name of Object.keys(members))
    if (!(name in view)) throw new TypeError(`${type.name} has no member ${name}`)
  Object.assign(view, members)
}

const kindOf = (field: FieldTable): ScalarKind =>
  field.type === 'ptr' ? 'u32' : field.type === 'bool' ? 'u8' : (field.type as ScalarKind)

/** The type objects of structs, built when somebody asks first; undefined for a name that is no struct of the interface. */
export type StructViews = (name: string) => StructTypeObject | undefined

/** Views of the structs of the tables. */
export function createStructViews(k: Kernel, tables: ReadonlyMap<string, StructTable>): StructViews {
  const made = new Map<string, StructTypeObject>()

  function functionPointer(): Accessor {
    return {
      get: (address) => (k.access.check(address, 4, false) ? (k.text.functionAt(k.space.r32(address)) ?? null) : null),
      set(address, value) {
        const target = typeof value === 'function' ? k.text.addressOf(value as DriverFunction) : Number(value ?? 0)
        if (k.access.check(address, 4, true)) k.space.w32(address, target)
      },
    }
  }
  /** One number, as an accessor: of the elements of arrays, and of what else is more than a number. */
  function element(field: FieldTable): Accessor {
    const compile = () => compileView(k, field.name, field.size, [{ name: 'value', offset: 0, access: kindOf(field) }])
    let at: ReturnType<typeof compile> | undefined
    const view = (address: number) => (at ??= compile())(address) as { value: unknown }
    return {
      get: (address) => view(address).value,
      set: (address, value) => void (view(address).value = value),
    }
  }

  /** A pointer to an array of function pointers, for which a script may give the functions. */
  function functionTable({ functions: _functions, ...plain }: FieldTable, count: number): Accessor {
    const { get, set } = element(plain)
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
        const given = sizeOf(value)
        if (given === 0) return assignMembers(type(), address, value)
        if (given !== size)
          throw new TypeError(`${Object.prototype.toString.call(value).slice(8, -1)} cannot be assigned to a ${name}`)
        const source = addressOf(value)
        // Structs in device memory are copied as bytes; what is neither is reported here.
        if (k.windows.at(source) || k.windows.at(address))
          createByteView(k, address, size).set(createByteView(k, source, size).slice())
        else if (k.access.range('', source, size, false) && k.access.range('', address, size, true)) {
          k.access.copied(address, source, size)
          k.space.move(address, source, size)
        }
      },
    }
  }

  function accessor(field: FieldTable): Accessor | ScalarKind {
    if (field.type === 'bytes' || (field.size === 1 && (field.count ?? 0) >= 1 && field.type !== 'struct')) {
      const length = field.size * (field.count ?? 1)
      return {
        get: (address) => createByteView(k, address, length),
        set(address, value) {
          createByteView(k, address, length).set(value as ArrayLike<number>)
        },
      }
    }
    if (field.functions !== undefined) return functionTable(field, field.functions)
    const one = field.type === 'struct' ? struct(field) : field.type === 'fn' ? functionPointer() : undefined
    if (field.count !== undefined) return array(field, one ?? element(field))
    return one ?? kindOf(field)
  }
  function struct(field: FieldTable): Accessor {
    let inline: StructTypeObject | undefined
    return nested(() =>
      field.fields ? (inline ??= define(field.name, field.size, field.fields)) : views(field.struct!)!,
    )
  }

  function define(name: string, size: number, fields: readonly FieldTable[]): StructTypeObject {
    const members = fields.map((field) => ({ name: field.name, offset: field.offset, access: accessor(field) }))
    return { name, size, at: compileView(k, name, size, members) }
  }
  function views(name: string): StructTypeObject | undefined {
    const known = made.get(name)
    const table = known ? undefined : tables.get(name)
    if (!table || table.visibility !== 'ndis') return known
    const type = define(name, table.size, table.fields)
    made.set(name, type)
    return type
  }
  return views
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
