import type { Kernel } from '../core/kernel/kernel'
import type { ApiEntry, ApiParam } from '../core/ndis/api/types'
import { CONSTANTS } from '../core/ndis/constants'
import { structOfPointer } from '../core/memory/structs'
import { classify } from './dts/c-types'
import { takesLiteral } from './dts/type-text'
import { functionArray } from './function-array'
import { assignMembers, type StructViews } from './struct-views'

/** Most functions that an array of function pointers has: one for each IRP_MJ_* code. */
const MOST_FUNCTIONS = CONSTANTS['IRP_MJ_MAXIMUM_FUNCTION']! + 1
/** Whether a parameter points at function pointers: 'PDRIVER_DISPATCH *'. */
const pointsAtFunctions = ({ type, direction }: ApiParam): boolean =>
  direction === 'in' && type.endsWith(' *') && classify(type.slice(0, -2)).kind === 'callback'

/** Arguments given as object literals and arrays of functions are written into memory of the driver image; functions get an address. */
export function createMarshaller(k: Kernel, views: StructViews) {
  return (entry: ApiEntry): ((args: unknown[]) => void) | undefined => {
    const structs: [index: number, struct: string][] = []
    const functions: number[] = []
    const arrays: number[] = []
    entry.params.forEach((param, index) => {
      const struct = structOfPointer(param.type)
      const isWritten = struct && takesLiteral(struct.name) && struct.visibility === 'ndis' && param.direction !== 'out'
      if (isWritten) structs.push([index, struct.name])
      else if (pointsAtFunctions(param)) arrays.push(index)
      else if (/^(callback|function)$/.test(classify(param.type).kind)) functions.push(index)
    })
    if (structs.length + functions.length + arrays.length === 0) return undefined
    return (args) => {
      for (const [index, struct] of structs) {
        const value = args[index]
        if (value === null || typeof value !== 'object' || 'value' in value) continue
        // The view is built for those that need it: few drivers give a literal.
        const view = views(struct)!
        const address = k.image.allocate(view.size)
        if (address === 0) throw new RangeError(`the driver image is full: no room for ${view.name}`)
        assignMembers(view, address, value)
        args[index] = address
      }
      for (const index of arrays) args[index] = functionArray(k, args[index], MOST_FUNCTIONS) ?? args[index]
      for (const index of functions) {
        const value = args[index]
        if (typeof value === 'function') args[index] = k.text.addressOf(value as () => unknown)
      }
    }
  }
}
