import type { Kernel } from '../kernel/kernel'
import { hex } from './hex'
import { foundDetails, objectText, placeText } from './touched-object'

/** What a function frees. */
export interface Freeable {
  /** As FoundObject.kind says it. */
  readonly kinds: readonly string[]
  /** Ends 'that is no ...'. */
  readonly name: string
}

/** Reports a free of what is not out: freed before, inside of something, something else, or nothing. Always true: it is not carried out. */
export function reportBadFree(k: Kernel, fn: string, given: unknown, { kinds, name }: Freeable): true {
  const address = Number(given) >>> 0
  const found = k.finder.at(address)
  const details = foundDetails(found, address)
  const isStart = found?.address === address
  if (found && isStart && !found.live && kinds.includes(found.kind)) {
    const object = objectText(found)
    const what = object.endsWith(hex(address)) ? object : `${hex(address)}, ${object}`
    k.verifier.violation('DV:DoubleFree', fn, `${fn} is given ${what}, which is free already.`, details)
    return true
  }
  const state = !found || found.live ? '' : found.freed ? ', which was freed' : ', which is not in use'
  const what = found
    ? `which is ${isStart ? objectText(found) : placeText(found, address)}${state}`
    : 'where nothing is allocated'
  k.verifier.violation('DV:FreeUnallocated', fn, `${fn} was given ${hex(address)}, ${what}: no ${name}.`, details)
  return true
}
