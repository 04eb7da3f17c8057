import type { Kernel } from '../kernel/kernel'
import { GENERIC_OBJECT } from '../ndis/generic-object'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Objects of NdisAllocateGenericObject: freed once, and by their address (DDI ndisfreegenericobject). */
export function genericObjectRules(k: Kernel): RuleFamily {
  const { objects, verifier } = k
  return {
    before: {
      NdisFreeGenericObject(object: number) {
        if (objects.find(object, GENERIC_OBJECT)) return false
        const buried = objects.buried(object, GENERIC_OBJECT)
        const what = buried ? 'which was freed already' : 'which is no object of NdisAllocateGenericObject'
        verifier.violation(
          buried ? 'DV:DoubleFree' : 'NdisAllocateGenericObject',
          'NdisFreeGenericObject',
          `NdisFreeGenericObject was given ${hex(object)}, ${what}.`,
          buried ?? {},
        )
        return true
      },
    },
  }
}
