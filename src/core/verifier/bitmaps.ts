import type { Kernel } from '../kernel/kernel'
import { BITMAP } from '../ndis/bitmap'
import type { RuleFamily } from './rules'

/** Bitmaps: memory that is too small for their size, and bits behind their end. */
export function bitmapRules(k: Kernel): RuleFamily {
  const { access, shadow, space, verifier } = k

  function badMemory(fn: string, header: number, write: boolean): boolean {
    const bytes = ((space.r32(header + BITMAP.SizeOfBitMap) + 31) >>> 5) * 4
    const buffer = space.r32(header + BITMAP.Buffer)
    if (bytes === 0) return false
    // Refused also where a single access would only be reported: a bitmap that never was has any size.
    return !access.range(fn, buffer, bytes, write) || shadow.firstBad(buffer, bytes) >= 0
  }
  function badBit(fn: string, header: number, bit: number, write: boolean): boolean {
    if (badMemory(fn, header, write)) return true
    const size = space.r32(header + BITMAP.SizeOfBitMap)
    if (bit >>> 0 < size) return false
    verifier.violation('BitmapIndex', fn, `${fn} is called for bit ${bit >>> 0} of a bitmap that has ${size}.`)
    return true
  }
  return {
    before: {
      RtlCheckBit: (header: number, bit: number) => badBit('RtlCheckBit', header, bit, false),
      RtlClearBit: (header: number, bit: number) => badBit('RtlClearBit', header, bit, true),
      RtlFindClearBitsAndSet: (header: number) => badMemory('RtlFindClearBitsAndSet', header, true),
    },
  }
}
