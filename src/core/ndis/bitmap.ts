import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'

export const BITMAP = layout('RTL_BITMAP', 'SizeOfBitMap', 'Buffer')
/** What RtlFindClearBitsAndSet gives when there is no such run. */
export const NO_BITS = 0xffff_ffff

/** Bitmaps over memory of the driver (WDM rtlinitializebitmap, rtlfindclearbitsandset). Bit 0 is the lowest of the first byte. */
export function createBitmaps(k: Kernel) {
  const { preempt } = k
  const { r8, r32, w8, w32 } = k.space
  const sizeOf = (header: number): number => r32(header + BITMAP.SizeOfBitMap)
  const byteOf = (header: number, bit: number): number => r32(header + BITMAP.Buffer) + (bit >>> 3)
  const isSet = (header: number, bit: number): boolean => ((r8(byteOf(header, bit)) >> (bit & 7)) & 1) !== 0

  function set(header: number, bit: number, value: 0 | 1): void {
    const at = byteOf(header, bit)
    const mask = 1 << (bit & 7)
    w8(at, value ? r8(at) | mask : r8(at) & ~mask)
  }
  /** The first clear run of that many bits in [from, to); NO_BITS: none. */
  function findClear(header: number, count: number, from: number, to: number): number {
    let run = 0
    for (let bit = from; bit < to; bit++) {
      run = isSet(header, bit) ? 0 : run + 1
      if (run === count) return bit - count + 1
    }
    return NO_BITS
  }
  return {
    RtlInitializeBitMap(BitMapHeader: number, BitMapBuffer: number, SizeOfBitMap: number): void {
      w32(BitMapHeader + BITMAP.SizeOfBitMap, SizeOfBitMap)
      w32(BitMapHeader + BITMAP.Buffer, BitMapBuffer ?? 0)
      preempt()
    },
    RtlCheckBit(BitMapHeader: number, BitPosition: number): number {
      preempt()
      return isSet(BitMapHeader, BitPosition >>> 0) ? 1 : 0
    },
    RtlClearBit(BitMapHeader: number, BitNumber: number): void {
      set(BitMapHeader, BitNumber >>> 0, 0)
      preempt()
    },
    /** Looks from the hint to the end, then from the start. A run of 0 bits is at the hint. */
    RtlFindClearBitsAndSet(BitMapHeader: number, NumberToFind: number, HintIndex: number): number {
      preempt()
      const size = sizeOf(BitMapHeader)
      const count = NumberToFind >>> 0
      const hint = HintIndex >>> 0 < size ? HintIndex >>> 0 : 0
      if (count > size) return NO_BITS
      if (count === 0) return (hint & ~7) >>> 0
      let start = findClear(BitMapHeader, count, hint, size)
      if (start === NO_BITS && hint > 0) start = findClear(BitMapHeader, count, 0, Math.min(hint + count - 1, size))
      if (start !== NO_BITS) for (let bit = start; bit < start + count; bit++) set(BitMapHeader, bit, 1)
      return start
    },
  }
}
