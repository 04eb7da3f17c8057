import { FILL, NULL_END, SHADOW } from '../memory/map'
import type { AddressSpace } from '../memory/address-space'
import { freshBytes, pagedBytes, type Shadow } from '../memory/shadow'
import type { MemoryExcerpt, MemoryTouch } from './story'
import type { ObjectFinder } from './touched-object'

/** As in the views of memory (src/shared/views.ts): live, never written, freed, guard, record of NDIS, NULL page, not mapped. */
type ByteKind = '.' | 'f' | 'x' | 'g' | 'h' | 'n' | 'u'
/** Bytes in a row. */
const EXCERPT_ROW = 16
/** Rows in front of the first touched byte, and in all. */
const ROWS_BEFORE = 2
const ROWS = 5

interface Parts {
  readonly space: AddressSpace
  readonly shadow: Shadow
  readonly finder: ObjectFinder
}

/** Takes the bytes around what was touched, with what the shadow says of each; undefined where there is no memory. */
export function createExcerpts({ space, shadow, finder }: Parts) {
  function kindAt(address: number): ByteKind {
    const state = shadow.at(address)
    const offset = address & 7
    switch (state) {
      case SHADOW.UNMAPPED:
        return address < NULL_END ? 'n' : 'u'
      case SHADOW.SYSTEM:
      case SHADOW.HEADER:
        return 'h'
      case SHADOW.GUARD:
        return 'g'
      case SHADOW.FREED:
        return 'x'
      case SHADOW.DESCRIPTOR: {
        const found = finder.at(address)
        if (found && address >= found.address + found.size) return 'g'
        return found?.live ? '.' : 'x'
      }
      default: {
        const paged = pagedBytes(state)
        if (paged > 0) return offset < paged ? '.' : 'g'
        const fresh = freshBytes(state)
        if (fresh === 0) return offset < state ? '.' : 'g'
        if (offset >= fresh) return 'g'
        return space.u8[address] === FILL.FRESH && shadow.firstUnwritten(address, 1) >= 0 ? 'f' : '.'
      }
    }
  }
  return (touched: MemoryTouch): MemoryExcerpt | undefined => {
    if (touched.address < 0 || touched.address >= shadow.base) return undefined
    const row = Math.floor(touched.address / EXCERPT_ROW) - ROWS_BEFORE
    const start = Math.max(0, row) * EXCERPT_ROW
    const kinds = Array.from({ length: ROWS * EXCERPT_ROW }, (_kind, i) => kindAt(start + i))
    if (!kinds.some((kind) => kind !== 'n' && kind !== 'u')) return undefined
    const hex = kinds.map((kind, i) =>
      kind === 'n' || kind === 'u'
        ? '??'
        : space
            .r8(start + i)
            .toString(16)
            .padStart(2, '0'),
    )
    return { start, hex: hex.join(''), kinds: kinds.join(''), touched }
  }
}
