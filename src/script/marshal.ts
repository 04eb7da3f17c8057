import type { Kernel } from '../core/kernel/kernel'
import type { ApiEntry } from '../core/ndis/api/types'
import { structOfPointer } from '../core/memory/structs'
import { classify } from './dts/c-types'
import { takesLiteral } from './dts/type-text'
import { assignMembers, type StructTypeObject } from './struct-views'

/** Arguments given as object literals are written into memory of the driver image; functions get an address. */
export function createMarshaller(k: Kernel, views: ReadonlyMap<string, StructTypeObject>) {
  return (entry: ApiEntry): ((args: unknown[]) => void) | undefined => {
    const structs: [index: number, view: StructTypeObject][] = []
    const functions: number[] = []
    entry.params.forEach((param, index) => {
      const struct = structOfPointer(param.type)?.name
      const view = struct && takesLiteral(struct) && param.direction !== 'out' ? views.get(struct) : undefined
      if (view) structs.push([index, view])
      else if (/^(callback|function)$/.test(classify(param.type).kind)) functions.push(index)
    })
    if (structs.length === 0 && functions.length === 0) return undefined
    return (args) => {
      for (const [index, view] of structs) {
        const value = args[index]
        if (value === null || typeof value !== 'object' || 'value' in value) continue
        const address = k.image.allocate(view.size)
        if (address === 0) throw new RangeError(`the driver image is full: no room for ${view.name}`)
        assignMembers(view, address, value)
        args[index] = address
      }
      for (const index of functions) {
        const value = args[index]
        if (typeof value === 'function') args[index] = k.text.addressOf(value as () => unknown)
      }
    }
  }
}
