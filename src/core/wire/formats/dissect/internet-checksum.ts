import { addWords, finishChecksum, pseudoSum6 } from '../checksum'
import type { Walk } from './walk'

/** Values of the `.checksum.status` fields. */
export const CHECKSUM = { BAD: 0, GOOD: 1, UNVERIFIED: 2, ABSENT: 3 } as const

/** The checksum that belongs where `found` stands, given the sum over everything including it. */
function expectedChecksum(sum: number, found: number): number {
  return finishChecksum(sum + 0xffff - found)
}

/** RFC 768 and 793 over IPv4, RFC 8200 section 8.1 over IPv6: both addresses stand one behind the other. */
const pseudoHeader = ({ bytes, ipVersion, ipAddresses }: Walk, protocol: number, length: number): number =>
  ipVersion === 6
    ? pseudoSum6(bytes, ipAddresses, protocol, length)
    : addWords(bytes, ipAddresses, ipAddresses + 8, protocol + length)

/** Sum over a transport packet [from, to) with its pseudo header; undefined where a part of it is not there. */
export function transportSum(walk: Walk, protocol: number, from: number, to: number): number | undefined {
  if (walk.fragment || walk.ipVersion === 0 || to > walk.end || walk.quoted) return undefined
  return addWords(walk.bytes, from, to, pseudoHeader(walk, protocol, to - from))
}

type Names = 'ip' | 'icmp' | 'icmpv6' | 'udp' | 'tcp'

/** Tells a checksum and what came of it. `sum`: over everything including it; undefined: it cannot be verified. */
export function tellChecksum(walk: Walk, layer: Names, at: number, sum: number | undefined): void {
  const { bytes, sink } = walk
  const found = (bytes[at]! << 8) | bytes[at + 1]!
  const status = sum === undefined ? CHECKSUM.UNVERIFIED : finishChecksum(sum) === 0 ? CHECKSUM.GOOD : CHECKSUM.BAD
  sink.number(`${layer}.checksum`, at, 2, found, 0)
  if (status === CHECKSUM.BAD) {
    const right = expectedChecksum(sum ?? 0, found)
      .toString(16)
      .padStart(4, '0')
    sink.warn('_ws.expert', at, `the checksum is wrong, it should be 0x${right}`)
  }
  sink.number(`${layer}.checksum.status`, at, 2, status, 0)
}
