import { type Walk } from './walk'

/** Sum of big-endian 16-bit words, RFC 1071; an odd byte at the end counts as the high one. */
export function sum16(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  const even = to - ((to - from) & 1)
  for (let at = from; at < even; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!
  return even < to ? sum + (bytes[even]! << 8) : sum
}

/** One's complement sum folded to 16 bits: 0xffff where the checksum inside is right. */
export function fold(sum: number): number {
  let folded = sum
  while (folded > 0xffff) folded = Math.floor(folded / 0x1_0000) + (folded % 0x1_0000)
  return folded
}

/** Values of the `.checksum.status` fields. */
export const CHECKSUM = { BAD: 0, GOOD: 1, UNVERIFIED: 2, ABSENT: 3 } as const

/** The checksum that belongs where `found` stands, given the sum over everything including it. */
export function expectedChecksum(sum: number, found: number): number {
  return 0xffff - fold(fold(sum) + (0xffff - found))
}

/** Sum of the pseudo header of RFC 768, 793 (IPv4) or RFC 8200 section 8.1 (IPv6). */
function pseudoHeader({ bytes, ipVersion, ipSource, ipDestination }: Walk, protocol: number, length: number): number {
  const size = ipVersion === 4 ? 4 : 16
  return sum16(bytes, ipSource, ipSource + size) + sum16(bytes, ipDestination, ipDestination + size) + protocol + length
}

/** Sum over a transport packet [from, to) with its pseudo header; undefined where a part of it is not there. */
export function transportSum(walk: Walk, protocol: number, from: number, to: number): number | undefined {
  if (walk.fragment || walk.ipVersion === 0 || to > walk.end || walk.quoted) return undefined
  return sum16(walk.bytes, from, to) + pseudoHeader(walk, protocol, to - from)
}

type Names = 'ip' | 'icmp' | 'icmpv6' | 'udp' | 'tcp'

/** Tells a checksum and what came of it. `sum`: over everything including it; undefined: it cannot be verified. */
export function tellChecksum(walk: Walk, layer: Names, at: number, sum: number | undefined): void {
  const { bytes, sink } = walk
  const found = (bytes[at]! << 8) | bytes[at + 1]!
  const status = sum === undefined ? CHECKSUM.UNVERIFIED : fold(sum) === 0xffff ? CHECKSUM.GOOD : CHECKSUM.BAD
  sink.number(`${layer}.checksum`, at, 2, found, 0)
  if (status === CHECKSUM.BAD) {
    const right = expectedChecksum(sum ?? 0, found)
      .toString(16)
      .padStart(4, '0')
    sink.warn('_ws.expert', at, `the checksum is wrong, it should be 0x${right}`)
  }
  sink.number(`${layer}.checksum.status`, at, 2, status, 0)
}
