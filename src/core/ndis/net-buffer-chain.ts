import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { LONGEST_CHAIN, type Mdls } from './mdl'

/** What the data functions read and write of a NET_BUFFER. Offsets in bytes. */
export const NB = layout('NET_BUFFER', 'Next', 'CurrentMdl', 'CurrentMdlOffset', 'DataLength', 'MdlChain', 'DataOffset')

/** A place in the data of a NET_BUFFER. */
export interface Place {
  mdl: number
  /** Bytes of the MDL that lie before it. */
  at: number
  links: number
}
export const newPlace = (): Place => ({ mdl: 0, at: 0, links: 0 })

/** Ways along the MDL chain of a NET_BUFFER. */
export interface NetBufferChain {
  get(netBuffer: number, field: number): number
  set(netBuffer: number, field: number, value: number): void
  /** Sets CurrentMdl and CurrentMdlOffset from DataOffset. At the end of the chain they stay in the last MDL. */
  settle(netBuffer: number): void
  /** Goes to `skip` bytes behind CurrentMdl and CurrentMdlOffset. */
  start(place: Place, netBuffer: number, skip: number): void
  /** Bytes that follow in the place's MDL, MDLs that end before it skipped; 0 at the end of the chain. */
  room(place: Place): number
  addressOf(place: Place): number
}

export function createNetBufferChain(k: Kernel, mdls: Mdls): NetBufferChain {
  const { i32 } = k.space
  // An address beyond memory reads as 0, as in mdl.ts.
  const get = (netBuffer: number, field: number): number => i32[(netBuffer + field) >> 2]! >>> 0
  const set = (netBuffer: number, field: number, value: number): void => {
    i32[(netBuffer + field) >> 2] = value
  }

  return {
    get,
    set,
    settle(netBuffer) {
      let mdl = get(netBuffer, NB.MdlChain)
      let offset = get(netBuffer, NB.DataOffset)
      for (let links = 0; mdl !== 0 && links < LONGEST_CHAIN; links++) {
        const here = mdls.byteCount(mdl)
        const next = offset < here ? 0 : mdls.next(mdl)
        if (next === 0) break
        offset -= here
        mdl = next
      }
      set(netBuffer, NB.CurrentMdl, mdl)
      set(netBuffer, NB.CurrentMdlOffset, mdl === 0 ? 0 : offset)
    },
    start(place, netBuffer, skip) {
      place.mdl = get(netBuffer, NB.CurrentMdl)
      place.at = get(netBuffer, NB.CurrentMdlOffset) + skip
      place.links = 0
    },
    room(place) {
      while (place.mdl !== 0 && place.links < LONGEST_CHAIN) {
        const here = mdls.byteCount(place.mdl)
        if (place.at < here) return here - place.at
        place.at -= here
        place.mdl = mdls.next(place.mdl)
        place.links++
      }
      return 0
    },
    addressOf: (place) => (mdls.systemAddress(place.mdl) + place.at) >>> 0,
  }
}
