import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { adapterFacts } from './adapter-facts'
import type { Adapter } from './adapters'
import { constant } from './constants'

export const OPEN = layout('NDIS_OPEN_PARAMETERS', 'MediumArray', 'MediumArraySize', 'SelectedMediumIndex')
export const OPEN_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_OPEN_PARAMETERS'),
  size: constant('NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1'),
}
/** The largest media list that is believed. */
const MOST_MEDIA = 64

/** Finds the adapter's medium in the array of a protocol and stores its index; false when it is not there. */
export function selectMedium(k: Kernel, parameters: number, adapter: Adapter): boolean {
  const { r32 } = k.space
  const count = Math.min(r32(parameters + OPEN.MediumArraySize), MOST_MEDIA)
  const array = r32(parameters + OPEN.MediumArray)
  const wanted = adapterFacts(adapter).mediaType
  for (let i = 0; i < count; i++) {
    if (r32(array + 4 * i) !== wanted) continue
    k.cells.put32(r32(parameters + OPEN.SelectedMediumIndex), i)
    return true
  }
  return false
}
