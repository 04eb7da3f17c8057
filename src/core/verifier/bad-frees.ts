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
  const object = found && (isStart ? objectText(found) : placeText(found, address))
  const what = object?.endsWith(hex(address)) ? object : `${hex(address)}, ${object ?? 'where nothing is allocated'}`
  if (found && isStart && !found.live && kinds.includes(found.kind)) {
    k.verifier.violation('DV:DoubleFree', fn, `${fn} is given ${what}, which is free already.`, details)
    return true
  }
  const state = !found || found.live ? '' : found.freed ? ', which was freed' : ', which is not in use'
  const message = `${fn} is given ${what}${state}: that is no ${name}.`
  k.verifier.violation('DV:FreeUnallocated', fn, message, details)
  return true
}
