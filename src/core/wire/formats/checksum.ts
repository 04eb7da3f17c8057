/**
 * The Internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words, an odd last byte
 * being the high half of its word.
 */

/** Adds the 16-bit words of [start, end) to a running sum; exact for up to 64 KiB. The range of each call but the last is even. */
export function addWords(bytes: Uint8Array, start: number, end: number, sum = 0): number {
  const even = end - ((end - start) & 1)
  for (let at = start; at < even; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!
  return even < end ? sum + (bytes[even]! << 8) : sum
}
/** A running sum as the checksum, 0 to 0xffff. */
export function finishChecksum(sum: number): number {
  let folded = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000)
  folded = (folded & 0xffff) + (folded >>> 16)
  return ~((folded & 0xffff) + (folded >>> 16)) & 0xffff
}
/** The checksum of a range. Over a range that holds its own right checksum it is 0. */
export const checksum = (bytes: Uint8Array, start: number, end: number, sum = 0): number =>
  finishChecksum(addWords(bytes, start, end, sum))

/** Sum over the pseudo header of UDP, TCP and ICMPv6 for IPv4 addresses (RFC 768). */
export const pseudoSum4 = (source: number, destination: number, protocol: number, length: number): number =>
  (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length
/** The same for IPv6 (RFC 8200, 8.1); the addresses are the 32 bytes at `addresses` of the frame. */
export const pseudoSum6 = (bytes: Uint8Array, addresses: number, protocol: number, length: number): number =>
  addWords(bytes, addresses, addresses + 32, protocol + length)

const POLYNOMIAL = 0xedb8_8320
const CRC = Int32Array.from({ length: 256 }, (_unused, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1
  return rest
})
/** The frame check sequence of Ethernet (IEEE 802.3, 3.2.9), unsigned; on the line its low byte comes first. */
export function frameCheckSequence(bytes: Uint8Array, length: number): number {
  let crc = -1
  for (let at = 0; at < length; at++) crc = CRC[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}
