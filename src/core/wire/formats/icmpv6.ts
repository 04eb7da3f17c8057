import { addWords, finishChecksum, pseudoSum6 } from './checksum'
import { putAddress, scratchHeader, u16 } from './bytes'
import { ETHER_TYPE, ETHERNET, etherType, MAC_BYTES, padFrame, writeEthernet } from './ethernet'
import { ICMP, writeEcho, type Echo } from './icmp'
import { IP_PROTOCOL } from './ipv4'
import { IPV6, IPV6_ADDRESS_BYTES, ipv6End, multicastMac, solicitedNode, writeIpv6 } from './ipv6'

/** RFC 4443, 2.1 and RFC 4861, 4. */
export const ICMPV6_TYPE = {
  ECHO_REQUEST: 128,
  ECHO_REPLY: 129,
  NEIGHBOR_SOLICITATION: 135,
  NEIGHBOR_ADVERTISEMENT: 136,
} as const
/** Offsets of a neighbour solicitation or advertisement with one option, a link-layer address (RFC 4861, 4.3, 4.4, 4.6.1). */
export const NEIGHBOR = { TYPE: 0, CHECKSUM: 2, FLAGS: 4, TARGET: 8, OPTION: 24, MAC: 26, BYTES: 32 } as const
export const NEIGHBOR_FLAG = { SOLICITED: 0x4000_0000, OVERRIDE: 0x2000_0000 } as const
const OPTION = { SOURCE: 0x0101, TARGET: 0x0201 } as const

/** Whether the checksum of the message in [at, end) of the packet at `ip` is right. */
export const icmpv6ChecksumGood = (bytes: Uint8Array, ip: number, at: number, end: number): boolean =>
  finishChecksum(addWords(bytes, at, end, pseudoSum6(bytes, ip + IPV6.SOURCE, IP_PROTOCOL.ICMPV6, end - at))) === 0

const message = scratchHeader(NEIGHBOR.BYTES)
/**
 * Writes a solicitation or an advertisement behind the IPv6 header at `ip`, which is there already; where it ends. `flags`: of
 * NEIGHBOR_FLAG; `mac`: that of who sends it.
 */
export function writeNeighbor(
  into: Uint8Array,
  ip: number,
  type: number,
  flags: number,
  target: Uint8Array,
  mac: Uint8Array,
): number {
  const { bytes, view } = message
  view.setUint32(NEIGHBOR.TYPE, type << 24)
  view.setUint32(NEIGHBOR.FLAGS, flags)
  putAddress(view, NEIGHBOR.TARGET, target, IPV6_ADDRESS_BYTES)
  view.setUint16(NEIGHBOR.OPTION, type === ICMPV6_TYPE.NEIGHBOR_SOLICITATION ? OPTION.SOURCE : OPTION.TARGET)
  putAddress(view, NEIGHBOR.MAC, mac, MAC_BYTES)
  const pseudo = pseudoSum6(into, ip + IPV6.SOURCE, IP_PROTOCOL.ICMPV6, NEIGHBOR.BYTES)
  view.setUint16(NEIGHBOR.CHECKSUM, finishChecksum(addWords(bytes, 0, NEIGHBOR.BYTES, pseudo)))
  into.set(bytes, ip + IPV6.BYTES)
  return ip + IPV6.BYTES + NEIGHBOR.BYTES
}

/** Writes an Ethernet frame that asks who has `target`; its length. */
export function writeSolicitationFrame(
  into: Uint8Array,
  mac: Uint8Array,
  from: Uint8Array,
  target: Uint8Array,
): number {
  const to = solicitedNode(target)
  const ip = writeEthernet(into, multicastMac(to), mac, ETHER_TYPE.IPV6)
  writeIpv6(into, ip, IP_PROTOCOL.ICMPV6, from, to, NEIGHBOR.BYTES)
  return writeNeighbor(into, ip, ICMPV6_TYPE.NEIGHBOR_SOLICITATION, 0, target, mac)
}
/** Writes the answer of the host that has `target` and `mac`; its length. `flags`: of NEIGHBOR_FLAG. */
export function writeAdvertisementFrame(
  into: Uint8Array,
  ends: { readonly destination: Uint8Array; readonly to: Uint8Array },
  mac: Uint8Array,
  target: Uint8Array,
  flags: number,
): number {
  const ip = writeEthernet(into, ends.destination, mac, ETHER_TYPE.IPV6)
  writeIpv6(into, ip, IP_PROTOCOL.ICMPV6, target, ends.to, NEIGHBOR.BYTES)
  return writeNeighbor(into, ip, ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT, flags, target, mac)
}

export interface Echo6 extends Omit<Echo, 'from' | 'to'> {
  readonly from: Uint8Array
  readonly to: Uint8Array
}
/** Writes an Ethernet frame with an echo message over IPv6; its length. `type`: one of ICMPV6_TYPE. */
export function writeEcho6Frame(into: Uint8Array, echo: Echo6): number {
  const { data } = echo
  const ip = writeEthernet(into, echo.destination, echo.source, ETHER_TYPE.IPV6)
  const at = writeIpv6(into, ip, IP_PROTOCOL.ICMPV6, echo.from, echo.to, ICMP.BYTES + data.length)
  into.set(data, at + ICMP.BYTES)
  const pseudo = pseudoSum6(into, ip + IPV6.SOURCE, IP_PROTOCOL.ICMPV6, ICMP.BYTES + data.length)
  return padFrame(into, writeEcho(into, at, echo.type, echo.id, echo.sequence, data.length, pseudo))
}
/** What both readers need: where an ICMPv6 message with a right checksum begins and ends in a frame; undefined without one. */
function messageOf(bytes: Uint8Array, length: number): { readonly at: number; readonly end: number } | undefined {
  const ip = ETHERNET.BYTES
  if (etherType(bytes) !== ETHER_TYPE.IPV6) return undefined
  const end = ipv6End(bytes, ip, length)
  if (end < 0 || bytes[ip + IPV6.NEXT_HEADER] !== IP_PROTOCOL.ICMPV6) return undefined
  const at = ip + IPV6.BYTES
  return end - at >= ICMP.BYTES && icmpv6ChecksumGood(bytes, ip, at, end) ? { at, end } : undefined
}
const endsOf = (bytes: Uint8Array) => {
  const source = ETHERNET.BYTES + IPV6.SOURCE
  const destination = ETHERNET.BYTES + IPV6.DESTINATION
  return {
    destination: bytes.slice(ETHERNET.DESTINATION, ETHERNET.SOURCE),
    source: bytes.slice(ETHERNET.SOURCE, ETHERNET.TYPE),
    from: bytes.slice(source, source + IPV6_ADDRESS_BYTES),
    to: bytes.slice(destination, destination + IPV6_ADDRESS_BYTES),
  }
}
/** The echo message of a frame over IPv6; undefined for any other frame, or when a length or checksum is wrong. */
export function readEcho6Frame(bytes: Uint8Array, length = bytes.length): Echo6 | undefined {
  const found = messageOf(bytes, length)
  const type = found ? bytes[found.at]! : 0
  if (!found || (type !== ICMPV6_TYPE.ECHO_REQUEST && type !== ICMPV6_TYPE.ECHO_REPLY)) return undefined
  const { at, end } = found
  return {
    ...endsOf(bytes),
    type,
    id: u16(bytes, at + ICMP.ID),
    sequence: u16(bytes, at + ICMP.SEQUENCE),
    data: bytes.slice(at + ICMP.BYTES, end),
  }
}
/** Who answered a solicitation: its address and MAC address; undefined for any other frame. */
export function readAdvertisementFrame(bytes: Uint8Array, length = bytes.length) {
  const found = messageOf(bytes, length)
  if (!found || bytes[found.at] !== ICMPV6_TYPE.NEIGHBOR_ADVERTISEMENT || found.end - found.at < NEIGHBOR.BYTES)
    return undefined
  const { at } = found
  return {
    ...endsOf(bytes),
    flags: (bytes[at + NEIGHBOR.FLAGS]! << 24) >>> 0,
    target: bytes.slice(at + NEIGHBOR.TARGET, at + NEIGHBOR.TARGET + IPV6_ADDRESS_BYTES),
    mac: bytes.slice(at + NEIGHBOR.MAC, at + NEIGHBOR.MAC + MAC_BYTES),
  }
}
