import type { AddressSpace } from './address-space'
import { GRANULE_SHIFT, SHADOW } from './map'

/**
 * What may be touched: one byte of shadow for eight bytes of memory, itself in shared memory so that the memory
 * inspector can show it. Pools of descriptors are marked once and decide by each descriptor's own state word.
 */
export interface Shadow {
  readonly base: number
  /** Marks whole granules; address must be a multiple of 8, length is rounded up. */
  mark(address: number, length: number, value: number): void
  /** Marks [address, address + length) live, the last granule to the byte. */
  markLive(address: number, length: number): void
  /** The same for paged pool, which is live but must not be touched above APC_LEVEL. */
  markPaged(address: number, length: number): void
  /** The first byte of [address, address + length) that is not plainly live, or -1. */
  firstBad(address: number, length: number): number
  at(address: number): number
}

/** Bytes of the granule that are paged pool, 0 to 8, by its shadow. */
export const pagedBytes = (state: number): number => ((state & 0xf8) === SHADOW.PAGED ? state & 7 || 8 : 0)

export function createShadow(space: AddressSpace): Shadow {
  const { u8 } = space
  const base = space.size - (space.size >> GRANULE_SHIFT)
  u8.fill(SHADOW.UNMAPPED, base, space.size)
  const at = (address: number): number =>
    address >= 0 && address < base ? u8[base + (address >>> GRANULE_SHIFT)]! : SHADOW.UNMAPPED
  return {
    base,
    at,
    mark(address, length, value) {
      u8.fill(value, base + (address >>> GRANULE_SHIFT), base + ((address + length + 7) >>> GRANULE_SHIFT))
    },
    markLive(address, length) {
      const whole = length >>> GRANULE_SHIFT
      const first = base + (address >>> GRANULE_SHIFT)
      u8.fill(SHADOW.LIVE, first, first + whole)
      if (length & 7) space.w8(first + whole, length & 7)
    },
    markPaged(address, length) {
      const whole = length >>> GRANULE_SHIFT
      const first = base + (address >>> GRANULE_SHIFT)
      u8.fill(SHADOW.PAGED, first, first + whole)
      if (length & 7) space.w8(first + whole, SHADOW.PAGED | (length & 7))
    },
    firstBad(address, length) {
      for (let a = address; a < address + length;) {
        const state = at(a)
        const live = state === SHADOW.LIVE ? 8 : state < 8 ? state : 0
        if ((a & 7) >= live) return a
        a = (a & ~7) + live
        if (live < 8 && a < address + length) return a
      }
      return -1
    },
  }
}
