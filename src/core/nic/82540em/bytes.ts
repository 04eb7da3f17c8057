import type { Words } from '../../memory/address-space'

/**
 * Bytes in arrays of little-endian words, which this thread writes faster than arrays of bytes (memory/address-space.ts).
 * Offsets are bytes. Nothing here allocates.
 */
export const byteAt = (from: Words, at: number): number => (from[at >> 2]! >>> ((at & 3) * 8)) & 0xff

export function putByte(to: Words, at: number, value: number): void {
  const shift = (at & 3) * 8
  to[at >> 2] = (to[at >> 2]! & ~(0xff << shift)) | ((value & 0xff) << shift)
}
/** 16 and 32 bits in the order of the wire: high byte first. */
export const wire16 = (from: Words, at: number): number => (byteAt(from, at) << 8) | byteAt(from, at + 1)
export function putWire16(to: Words, at: number, value: number): void {
  putByte(to, at, value >> 8)
  putByte(to, at + 1, value)
}
export const wire32 = (from: Words, at: number): number => (wire16(from, at) << 16) | wire16(from, at + 2)
export function putWire32(to: Words, at: number, value: number): void {
  putWire16(to, at, value >>> 16)
  putWire16(to, at + 2, value)
}
/** The other byte order, of 16 bits. */
export const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff)

/** As memcpy; the ranges must not overlap. Bytes beside the range stay as they are. */
export function copyBytes(to: Words, toByte: number, from: Words, fromByte: number, count: number): void {
  const end = toByte + count
  for (; (toByte & 3) !== 0 && toByte < end; toByte++, fromByte++) putByte(to, toByte, byteAt(from, fromByte))
  const whole = (end - toByte) >> 2
  const target = toByte >> 2
  const source = fromByte >> 2
  const shift = (fromByte & 3) * 8
  if (shift === 0) for (let i = 0; i < whole; i++) to[target + i] = from[source + i]!
  else if (whole > 0) {
    let low = from[source]!
    for (let i = 0; i < whole; i++) {
      const high = from[source + i + 1]!
      to[target + i] = (low >>> shift) | (high << (32 - shift))
      low = high
    }
  }
  toByte += whole * 4
  fromByte += whole * 4
  for (; toByte < end; toByte++, fromByte++) putByte(to, toByte, byteAt(from, fromByte))
}

export function zeroBytes(to: Words, start: number, end: number): void {
  let at = start
  for (; (at & 3) !== 0 && at < end; at++) putByte(to, at, 0)
  for (; at + 4 <= end; at += 4) to[at >> 2] = 0
  for (; at < end; at++) putByte(to, at, 0)
}

/** A sum of 16-bit units with its carries added in: 0 to FFFFh. */
export function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return sum
}
/**
 * One's complement sum of the bytes from `start` to `end` - 1 as units of 16 bits, high byte first, the last one filled
 * up with zero (RFC 1071). At most 64 KiB.
 */
export function sum16(from: Words, start: number, end: number): number {
  if (start >= end) return 0
  const first = start >> 2
  const last = (end - 1) >> 2
  const headMask = -1 << ((start & 3) * 8)
  const tailMask = -1 >>> ((3 - ((end - 1) & 3)) * 8)
  let sum = 0
  for (let i = first; i <= last; i++) {
    let word = from[i]!
    if (i === first) word &= headMask
    if (i === last) word &= tailMask
    sum += (word & 0xffff) + (word >>> 16)
  }
  const folded = fold(sum)
  // Little-endian words add up to the other byte order; an odd start swaps once more.
  return (start & 1) === 0 ? swap16(folded) : folded
}

const POLYNOMIAL = 0xedb8_8320
const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1
  return value
})
/** The frame check sequence of the first `length` bytes (IEEE 802.3, 3.2.9): little-endian as it is on the wire. */
export function crc32(from: Words, length: number): number {
  let crc = -1
  for (let at = 0; at < length; at++) crc = CRC_TABLE[(crc ^ byteAt(from, at)) & 0xff]! ^ (crc >>> 8)
  return ~crc
}
