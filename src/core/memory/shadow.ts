import type { AddressSpace } from './address-space'
import { FILL, GRANULE, GRANULE_SHIFT, SHADOW } from './map'

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
  /** The same for memory that nobody wrote yet; plainly live where writes are not followed. */
  markFresh(address: number, length: number): void
  /** The first byte of [address, address + length) that is not live, or -1. */
  firstBad(address: number, length: number): number
  /** Whether firstBad came by bytes that were never written. */
  readonly sawFresh: boolean
  /** The bytes are written now. */
  written(address: number, length: number): void
  /** The first byte of [address, address + length) that was never written, or -1. */
  firstUnwritten(address: number, length: number): number
  /** The bytes were copied: what was never written there is not written here either. As memmove. */
  copied(destination: number, source: number, length: number): void
  at(address: number): number
}

/** Bytes of the granule that are paged pool, 0 to 8, by its shadow. */
export const pagedBytes = (state: number): number => ((state & 0xf8) === SHADOW.PAGED ? state & 7 || 8 : 0)

/** Live bytes of a granule that has some which were never written; 0 for any other state. */
export const freshBytes = (state: number): number => ((state & 0xf0) === SHADOW.FRESH ? state & 0x0f : 0)

/** Granules of four megabytes, which most drivers never leave. */
const FIRST_GRANULES = 1 << 19

/**
 * Which bytes were never written: one bit a byte, eight of them a granule. It grows with what is allocated. Not shared: only
 * this thread asks.
 */
function createUnwritten(base: number) {
  const most = base >> GRANULE_SHIFT
  let bits = new Uint8Array(Math.min(FIRST_GRANULES, most))
  let view = new DataView(bits.buffer)
  function reach(end: number): void {
    if (end <= bits.length) return
    const longer = new Uint8Array(Math.min(most, 1 << (32 - Math.clz32(end))))
    longer.set(bits)
    bits = longer
    view = new DataView(bits.buffer)
  }
  return {
    /** Of a granule that was filled or set. */
    of: (granule: number): number => bits[granule]!,
    set(granule: number, mask: number): void {
      reach(granule + 1)
      view.setUint8(granule, mask)
    },
    fill(first: number, end: number): void {
      reach(end)
      bits.fill(0xff, first, end)
    },
  }
}

/** Of zeroed memory. `followsWrites`: whether it is known of each byte of pool memory if somebody wrote it. */
export function createShadow(space: AddressSpace, followsWrites: boolean): Shadow {
  const { u8 } = space
  const base = space.size - (space.size >> GRANULE_SHIFT)
  const at = (address: number): number =>
    address >= 0 && address < base ? u8[base + (address >>> GRANULE_SHIFT)]! : SHADOW.UNMAPPED
  const unwritten = followsWrites ? createUnwritten(base) : undefined
  let sawFresh = false

  function markLive(address: number, length: number): void {
    const whole = length >>> GRANULE_SHIFT
    const first = base + (address >>> GRANULE_SHIFT)
    u8.fill(SHADOW.LIVE, first, first + whole)
    if (length & 7) space.w8(first + whole, length & 7)
  }
  function markFresh(address: number, length: number): void {
    if (!unwritten) return markLive(address, length)
    const whole = length >>> GRANULE_SHIFT
    const first = address >>> GRANULE_SHIFT
    u8.fill(SHADOW.FRESH | GRANULE, base + first, base + first + whole)
    unwritten.fill(first, first + whole)
    if ((length & 7) === 0) return
    space.w8(base + first + whole, SHADOW.FRESH | (length & 7))
    unwritten.set(first + whole, (1 << (length & 7)) - 1)
  }
  /** Takes bits away; a granule that has none left is plainly live. */
  function wrote(granule: number, mask: number): void {
    const left = unwritten!.of(granule) & ~mask
    unwritten!.set(granule, left)
    if (left !== 0) return
    space.w8(base + granule, freshBytes(u8[base + granule]!))
  }
  /** The bits of a granule that [address, end) covers. */
  function maskOf(granule: number, address: number, end: number): number {
    const start = granule << GRANULE_SHIFT
    const from = Math.max(address - start, 0)
    const to = Math.min(end - start, GRANULE)
    return (0xff << from) & (0xff >> (GRANULE - to))
  }
  function written(address: number, length: number): void {
    if (!unwritten || address < 0 || address + length > base) return
    const end = address + length
    for (let granule = address >>> GRANULE_SHIFT; granule << GRANULE_SHIFT < end; granule++)
      if (freshBytes(u8[base + granule]!) !== 0) wrote(granule, maskOf(granule, address, end))
  }
  /**
   * Bits of a granule that nobody wrote. The bytes still hold the fill: NDIS and devices write memory without telling, so that
   * another value there means that the granule was written.
   */
  function bitsOf(granule: number): number {
    if (freshBytes(u8[base + granule]!) === 0) return 0
    const bits = unwritten!.of(granule)
    for (let i = 0; i < GRANULE; i++)
      if ((bits >> i) & 1 && u8[(granule << GRANULE_SHIFT) + i] !== FILL.FRESH) {
        wrote(granule, 0xff)
        return 0
      }
    return bits
  }
  function firstUnwritten(address: number, length: number): number {
    if (!unwritten || address < 0 || address + length > base) return -1
    const end = address + length
    for (let granule = address >>> GRANULE_SHIFT; granule << GRANULE_SHIFT < end; granule++) {
      const bits = bitsOf(granule) & maskOf(granule, address, end)
      if (bits !== 0) return (granule << GRANULE_SHIFT) + 31 - Math.clz32(bits & -bits)
    }
    return -1
  }
  /** Puts the bit of one byte back: its value was copied from one that nobody wrote. */
  function unwrite(address: number): void {
    const granule = address >>> GRANULE_SHIFT
    const state = u8[base + granule]!
    const live = state <= GRANULE ? state : freshBytes(state)
    if ((address & 7) >= live) return
    if (freshBytes(state) === 0) unwritten!.set(granule, 0)
    unwritten!.set(granule, unwritten!.of(granule) | (1 << (address & 7)))
    space.w8(base + granule, SHADOW.FRESH | live)
  }

  return {
    base,
    at,
    markFresh,
    written,
    firstUnwritten,
    get sawFresh() {
      return sawFresh
    },
    copied(destination, source, length) {
      if (firstUnwritten(source, length) < 0) return written(destination, length)
      const states = Array.from({ length }, (_state, i) => firstUnwritten(source + i, 1) >= 0)
      written(destination, length)
      states.forEach((never, i) => void (never && unwrite(destination + i)))
    },
    mark(address, length, value) {
      u8.fill(value, base + (address >>> GRANULE_SHIFT), base + ((address + length + 7) >>> GRANULE_SHIFT))
    },
    markLive,
    markPaged(address, length) {
      const whole = length >>> GRANULE_SHIFT
      const first = base + (address >>> GRANULE_SHIFT)
      u8.fill(SHADOW.PAGED, first, first + whole)
      if (length & 7) space.w8(first + whole, SHADOW.PAGED | (length & 7))
    },
    firstBad(address, length) {
      sawFresh = false
      for (let a = address; a < address + length;) {
        const state = at(a)
        let live = state <= GRANULE ? state : 0
        if ((state & 0xf0) === SHADOW.FRESH) {
          live = state & 0x0f
          sawFresh = true
        }
        if ((a & 7) >= live) return a
        a = (a & ~7) + live
        if (live < 8 && a < address + length) return a
      }
      return -1
    },
  }
}
