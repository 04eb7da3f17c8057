import type { Kernel } from '../core/kernel/kernel'
import type { ApiEntry } from '../core/ndis/api/types'
import type { InterfaceTables } from './interface'
import type { StructTypeObject } from './struct-views'

/** Structs that drivers hand over once, filled in; their parameters take an object literal as well as an address. */
const LITERAL = /(_CHARACTERISTICS|_PARAMETERS|_ATTRIBUTES|PHYSICAL_ADDRESS|_DATA|_DESCRIPTION)$/

/** Arguments given as object literals are written into memory of the driver image; functions get an address. */
export function createMarshaller(k: Kernel, tables: InterfaceTables, views: ReadonlyMap<string, StructTypeObject>) {
  const byPointer = new Map<string, string>()
  for (const table of tables.structs.values()) {
    byPointer.set(`${table.name}*`, table.name)
    byPointer.set(`P${table.name}`, table.name)
    for (const name of table.pointerNames) byPointer.set(name, table.name)
  }
  const isFunctionType = (type: string): boolean =>
    tables.api.some(
      (entry) =>
        entry.kind === 'callback' &&
        (type === entry.name || type === `${entry.name}_HANDLER` || type === `PFN_${entry.name}`),
    ) || /_HANDLER$|_FUNCTION$|_ROUTINE$/.test(type)

  return (entry: ApiEntry): ((args: unknown[]) => void) | undefined => {
    const structs: [index: number, view: StructTypeObject][] = []
    const functions: number[] = []
    entry.params.forEach((param, index) => {
      const struct = byPointer.get(param.type.replace(/\s+/g, ''))
      const view = struct && LITERAL.test(struct) && param.direction !== 'out' ? views.get(struct) : undefined
      if (view) structs.push([index, view])
      else if (isFunctionType(param.type)) functions.push(index)
    })
    if (structs.length === 0 && functions.length === 0) return undefined
    return (args) => {
      for (const [index, view] of structs) {
        const value = args[index]
        if (value === null || typeof value !== 'object' || 'value' in value) continue
        const address = k.image.allocate(view.size)
        if (address === 0) throw new RangeError(`the driver image is full: no room for ${view.name}`)
        Object.assign(view.at(address), value)
        args[index] = address
      }
      for (const index of functions) {
        const value = args[index]
        if (typeof value === 'function') args[index] = k.text.addressOf(value as () => unknown)
      }
    }
  }
}
