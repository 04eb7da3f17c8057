import { checksum } from './checksum'
import { scratchHeader, u16, u32 } from './bytes'

/** Offsets of the header (RFC 791, 3.1), from its beginning. BYTES: without options. */
export const IPV4 = {
  VERSION: 0,
  TOTAL_LENGTH: 2,
  ID: 4,
  FRAGMENT: 6,
  TTL: 8,
  PROTOCOL: 9,
  CHECKSUM: 10,
  SOURCE: 12,
  DESTINATION: 16,
  BYTES: 20,
} as const
export const IP_PROTOCOL = { ICMP: 1, TCP: 6, UDP: 17, ICMPV6: 58 } as const
/** Bits of FRAGMENT. */
export const FRAGMENT = { DONT: 0x4000, MORE: 0x2000, OFFSET: 0x1fff } as const
const VERSION_4 = 0x45
export const TTL = 64

/**
 * An IPv4 address as an unsigned number from text: '10.0.0.1' is 0x0a000001.
 *
 * @throws RangeError when it is none.
 */
export function ipv4Address(text: string): number {
  const parts = text.split('.').map(Number)
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text) || parts.some((part) => part > 255))
    throw new RangeError(`'${text}' is no IPv4 address like 10.0.0.1`)
  return parts.reduce((address, part) => address * 256 + part, 0)
}
export const ipv4Text = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.')

const header = scratchHeader(IPV4.BYTES)
/**
 * Writes a header without options, not fragmented, with its checksum; where its payload begins. `length` is that of the
 * payload, bytes.
 */
export function writeIpv4(
  into: Uint8Array,
  at: number,
  protocol: number,
  source: number,
  destination: number,
  length: number,
  id = 0,
): number {
  const { bytes, view } = header
  view.setUint16(IPV4.VERSION, VERSION_4 << 8)
  view.setUint16(IPV4.TOTAL_LENGTH, IPV4.BYTES + length)
  view.setUint16(IPV4.ID, id)
  view.setUint16(IPV4.FRAGMENT, FRAGMENT.DONT)
  view.setUint16(IPV4.TTL, (TTL << 8) | protocol)
  view.setUint16(IPV4.CHECKSUM, 0)
  view.setUint32(IPV4.SOURCE, source)
  view.setUint32(IPV4.DESTINATION, destination)
  view.setUint16(IPV4.CHECKSUM, checksum(bytes, 0, IPV4.BYTES))
  into.set(bytes, at)
  return at + IPV4.BYTES
}

/** Bytes of the header at `at`, by its own word. */
export const ipv4HeaderBytes = (bytes: Uint8Array, at: number): number => (bytes[at]! & 0xf) * 4
/**
 * Where the packet at `at` ends, when its header is whole, of version 4 and within `end`; -1 otherwise. The checksum is
 * not looked at.
 */
export function ipv4End(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < IPV4.BYTES || bytes[at]! >>> 4 !== 4) return -1
  const size = ipv4HeaderBytes(bytes, at)
  const total = u16(bytes, at + IPV4.TOTAL_LENGTH)
  return size >= IPV4.BYTES && total >= size && at + total <= end ? at + total : -1
}
export const ipv4ChecksumGood = (bytes: Uint8Array, at: number): boolean =>
  checksum(bytes, at, at + ipv4HeaderBytes(bytes, at)) === 0
export const ipv4Source = (bytes: Uint8Array, at: number): number => u32(bytes, at + IPV4.SOURCE)
export const ipv4Destination = (bytes: Uint8Array, at: number): number => u32(bytes, at + IPV4.DESTINATION)
/** Whether the packet is a part of a larger one. */
export const isFragment = (bytes: Uint8Array, at: number): boolean =>
  (u16(bytes, at + IPV4.FRAGMENT) & (FRAGMENT.MORE | FRAGMENT.OFFSET)) !== 0
