import { putAddress, scratchHeader, u16 } from './bytes'

/** Offsets of the header (RFC 8200, 3), from its beginning. */
export const IPV6 = {
  VERSION: 0,
  PAYLOAD_LENGTH: 4,
  NEXT_HEADER: 6,
  HOP_LIMIT: 7,
  SOURCE: 8,
  DESTINATION: 24,
  BYTES: 40,
} as const
export const IPV6_ADDRESS_BYTES = 16
const VERSION_6 = 0x6000_0000
/** Neighbour discovery demands it (RFC 4861, 6.1.2): no router can have forwarded the packet. */
export const HOP_LIMIT = 255

/** The link-local address that comes from a MAC address (RFC 4291, appendix A): fe80:: and the EUI-64 of it. */
export const linkLocalAddress = (mac: Uint8Array): Uint8Array =>
  Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, mac[0]! ^ 2, mac[1]!, mac[2]!, 0xff, 0xfe, mac[3]!, mac[4]!, mac[5]!)
/** The multicast address that a neighbour is sought at (RFC 4291, 2.7.1), and the MAC address of a multicast address (RFC 2464, 7). */
export const solicitedNode = (address: Uint8Array): Uint8Array =>
  Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, address[13]!, address[14]!, address[15]!)
export const multicastMac = (address: Uint8Array): Uint8Array =>
  Uint8Array.of(0x33, 0x33, address[12]!, address[13]!, address[14]!, address[15]!)
export const ALL_NODES = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)

/** An address as eight groups, the longest run of zeros left out (RFC 5952). */
export function ipv6Text(bytes: Uint8Array, at = 0): string {
  const groups = Array.from({ length: 8 }, (_unused, index) => u16(bytes, at + 2 * index).toString(16))
  const runs = [...groups.join(':').matchAll(/(?<![\da-f])0(:0)+(?![\da-f])/g)].map(([run]) => run)
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return groups.join(':')
  const text = groups.join(':')
  const from = text.search(new RegExp(`(?<![\\da-f])${longest}(?![\\da-f])`))
  return `${text.slice(0, from).replace(/:$/, '')}::${text.slice(from + longest.length).replace(/^:/, '')}`
}

const header = scratchHeader(IPV6.BYTES)
/** Writes a header without extensions; where its payload begins. `length` is that of the payload, bytes. */
export function writeIpv6(
  into: Uint8Array,
  at: number,
  nextHeader: number,
  source: Uint8Array,
  destination: Uint8Array,
  length: number,
): number {
  const { bytes, view } = header
  view.setUint32(IPV6.VERSION, VERSION_6)
  view.setUint16(IPV6.PAYLOAD_LENGTH, length)
  view.setUint16(IPV6.NEXT_HEADER, (nextHeader << 8) | HOP_LIMIT)
  putAddress(view, IPV6.SOURCE, source, IPV6_ADDRESS_BYTES)
  putAddress(view, IPV6.DESTINATION, destination, IPV6_ADDRESS_BYTES)
  into.set(bytes, at)
  return at + IPV6.BYTES
}
/** Where the packet at `at` ends, when its header is whole, of version 6 and within `end`; -1 otherwise. */
export function ipv6End(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < IPV6.BYTES || bytes[at]! >>> 4 !== 6) return -1
  const last = at + IPV6.BYTES + u16(bytes, at + IPV6.PAYLOAD_LENGTH)
  return last <= end ? last : -1
}
