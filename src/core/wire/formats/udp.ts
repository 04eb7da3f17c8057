import { addWords, finishChecksum, pseudoSum4 } from './checksum'
import { scratchHeader, u16 } from './bytes'
import { ETHER_TYPE, ETHERNET, etherType, LONGEST_FRAME, MAC_BYTES, padFrame, writeEthernet } from './ethernet'
import {
  IP_PROTOCOL,
  IPV4,
  ipv4ChecksumGood,
  ipv4Destination,
  ipv4End,
  ipv4HeaderBytes,
  ipv4Source,
  writeIpv4,
} from './ipv4'

/** Offsets of the header (RFC 768), from its beginning. */
export const UDP = { SOURCE: 0, DESTINATION: 2, LENGTH: 4, CHECKSUM: 6, BYTES: 8 } as const
export const UDP_PORT = { ECHO: 7, DISCARD: 9 } as const
/** Where the payload of a UDP frame over IPv4 begins, and how long it can be. */
export const UDP_PAYLOAD = ETHERNET.BYTES + IPV4.BYTES + UDP.BYTES
export const MOST_UDP_PAYLOAD = LONGEST_FRAME - UDP_PAYLOAD
const UDP_START = ETHERNET.BYTES + IPV4.BYTES

/** A checksum as UDP writes it: 0 stands for none, so that what comes out as 0 is sent as all ones. */
export const udpChecksum = (sum: number): number => finishChecksum(sum) || 0xffff

const header = scratchHeader(UDP.BYTES)
/**
 * Writes the header in front of a payload that lies there already; where the datagram ends. `pseudo` is the sum over the
 * pseudo header (pseudoSum4, pseudoSum6); -1: no checksum.
 */
export function writeUdp(
  into: Uint8Array,
  at: number,
  sourcePort: number,
  destinationPort: number,
  payload: number,
  pseudo: number,
): number {
  const { bytes, view } = header
  const end = at + UDP.BYTES + payload
  view.setUint16(UDP.SOURCE, sourcePort)
  view.setUint16(UDP.DESTINATION, destinationPort)
  view.setUint16(UDP.LENGTH, UDP.BYTES + payload)
  view.setUint16(UDP.CHECKSUM, 0)
  if (pseudo >= 0)
    view.setUint16(
      UDP.CHECKSUM,
      udpChecksum(addWords(into, at + UDP.BYTES, end, addWords(bytes, 0, UDP.BYTES, pseudo))),
    )
  into.set(bytes, at)
  return end
}

/** Who sends to whom. Addresses as macAddress() and ipv4Address() give them. */
export interface UdpEnds {
  readonly destination: Uint8Array
  readonly source: Uint8Array
  readonly from: number
  readonly fromPort: number
  readonly to: number
  readonly toPort: number
}
export interface UdpFrame extends UdpEnds {
  /** At most MOST_UDP_PAYLOAD bytes. */
  readonly payload: Uint8Array
  /** Identification of the IPv4 packet; 0 when left out. */
  readonly id?: number
}

/**
 * Writes an Ethernet frame with a UDP datagram over IPv4, both checksums right, padded to 60 bytes; its length.
 *
 * @throws RangeError when the array has no room for it.
 */
export function writeUdpFrame(into: Uint8Array, frame: UdpFrame): number {
  into.set(frame.payload, UDP_PAYLOAD)
  const { destination, source, from, fromPort, to, toPort, payload, id = 0 } = frame
  return putUdpFrame(into, destination, source, from, fromPort, to, toPort, payload.length, id)
}
/** The same around a payload that lies at UDP_PAYLOAD already, for loops that allocate nothing. */
export function putUdpFrame(
  into: Uint8Array,
  destination: Uint8Array,
  source: Uint8Array,
  from: number,
  fromPort: number,
  to: number,
  toPort: number,
  payload: number,
  id: number,
): number {
  writeEthernet(into, destination, source, ETHER_TYPE.IPV4)
  writeIpv4(into, ETHERNET.BYTES, IP_PROTOCOL.UDP, from, to, UDP.BYTES + payload, id)
  const pseudo = pseudoSum4(from, to, IP_PROTOCOL.UDP, UDP.BYTES + payload)
  return padFrame(into, writeUdp(into, UDP_START, fromPort, toPort, payload, pseudo))
}

/** Whether the datagram at `at` fits in the packet that ends at `end`. */
export const udpFits = (bytes: Uint8Array, at: number, end: number): boolean => {
  const length = end - at < UDP.BYTES ? 0 : u16(bytes, at + UDP.LENGTH)
  return length >= UDP.BYTES && at + length <= end
}
/** Whether the datagram's checksum is right, or there is none. `pseudo` as for writeUdp(). */
export const udpChecksumGood = (bytes: Uint8Array, at: number, pseudo: number): boolean =>
  u16(bytes, at + UDP.CHECKSUM) === 0 ||
  finishChecksum(addWords(bytes, at, at + u16(bytes, at + UDP.LENGTH), pseudo)) === 0

/** The datagram of a UDP frame over IPv4 without fragments; undefined for any other frame, or when a length or checksum is wrong. */
export function readUdpFrame(bytes: Uint8Array, length = bytes.length): UdpFrame | undefined {
  const ip = ETHERNET.BYTES
  if (length < UDP_PAYLOAD || etherType(bytes) !== ETHER_TYPE.IPV4) return undefined
  const end = ipv4End(bytes, ip, length)
  if (end < 0 || bytes[ip + IPV4.PROTOCOL] !== IP_PROTOCOL.UDP || !ipv4ChecksumGood(bytes, ip)) return undefined
  const udp = ip + ipv4HeaderBytes(bytes, ip)
  if (!udpFits(bytes, udp, end)) return undefined
  const size = u16(bytes, udp + UDP.LENGTH)
  const [from, to] = [ipv4Source(bytes, ip), ipv4Destination(bytes, ip)]
  if (!udpChecksumGood(bytes, udp, pseudoSum4(from, to, IP_PROTOCOL.UDP, size))) return undefined
  return {
    destination: bytes.slice(ETHERNET.DESTINATION, ETHERNET.DESTINATION + MAC_BYTES),
    source: bytes.slice(ETHERNET.SOURCE, ETHERNET.SOURCE + MAC_BYTES),
    from,
    fromPort: u16(bytes, udp + UDP.SOURCE),
    to,
    toPort: u16(bytes, udp + UDP.DESTINATION),
    payload: bytes.slice(udp + UDP.BYTES, udp + size),
    id: u16(bytes, ip + IPV4.ID),
  }
}
