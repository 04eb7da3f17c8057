import { addWords, checksum, finishChecksum } from './checksum'
import { scratchHeader, u16 } from './bytes'
import { ETHER_TYPE, ETHERNET, etherType, padFrame, writeEthernet } from './ethernet'
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

/** Offsets of an echo message (RFC 792; RFC 4443, 4 has the same for ICMPv6), from its beginning. */
export const ICMP = { TYPE: 0, CODE: 1, CHECKSUM: 2, ID: 4, SEQUENCE: 6, BYTES: 8 } as const
export const ICMP_TYPE = { ECHO_REPLY: 0, ECHO_REQUEST: 8 } as const

const header = scratchHeader(ICMP.BYTES)
/** Writes an echo message in front of data that lie there already; where it ends. `pseudo`: for ICMPv6 alone (pseudoSum6). */
export function writeEcho(
  into: Uint8Array,
  at: number,
  type: number,
  id: number,
  sequence: number,
  length: number,
  pseudo = 0,
): number {
  const { bytes, view } = header
  const end = at + ICMP.BYTES + length
  view.setUint16(ICMP.TYPE, type << 8)
  view.setUint16(ICMP.CHECKSUM, 0)
  view.setUint16(ICMP.ID, id)
  view.setUint16(ICMP.SEQUENCE, sequence)
  const sum = addWords(bytes, 0, ICMP.BYTES, pseudo)
  view.setUint16(ICMP.CHECKSUM, finishChecksum(addWords(into, at + ICMP.BYTES, end, sum)))
  into.set(bytes, at)
  return end
}

export interface Echo {
  readonly destination: Uint8Array
  readonly source: Uint8Array
  readonly from: number
  readonly to: number
  /** One of ICMP_TYPE. */
  readonly type: number
  readonly id: number
  readonly sequence: number
  readonly data: Uint8Array
}
/** Writes an Ethernet frame with an echo message over IPv4, padded to 60 bytes; its length. */
export function writeEchoFrame(into: Uint8Array, echo: Echo): number {
  const { data } = echo
  const ip = writeEthernet(into, echo.destination, echo.source, ETHER_TYPE.IPV4)
  const at = writeIpv4(into, ip, IP_PROTOCOL.ICMP, echo.from, echo.to, ICMP.BYTES + data.length)
  into.set(data, at + ICMP.BYTES)
  return padFrame(into, writeEcho(into, at, echo.type, echo.id, echo.sequence, data.length))
}
/** The echo message of a frame over IPv4; undefined for any other frame, or when a length or checksum is wrong. */
export function readEchoFrame(bytes: Uint8Array, length = bytes.length): Echo | undefined {
  const ip = ETHERNET.BYTES
  if (etherType(bytes) !== ETHER_TYPE.IPV4) return undefined
  const end = ipv4End(bytes, ip, length)
  if (end < 0 || bytes[ip + IPV4.PROTOCOL] !== IP_PROTOCOL.ICMP || !ipv4ChecksumGood(bytes, ip)) return undefined
  const at = ip + ipv4HeaderBytes(bytes, ip)
  const type = bytes[at + ICMP.TYPE]!
  const isEcho = type === ICMP_TYPE.ECHO_REQUEST || type === ICMP_TYPE.ECHO_REPLY
  if (end - at < ICMP.BYTES || !isEcho || checksum(bytes, at, end) !== 0) return undefined
  return {
    destination: bytes.slice(ETHERNET.DESTINATION, ETHERNET.SOURCE),
    source: bytes.slice(ETHERNET.SOURCE, ETHERNET.TYPE),
    from: ipv4Source(bytes, ip),
    to: ipv4Destination(bytes, ip),
    type,
    id: u16(bytes, at + ICMP.ID),
    sequence: u16(bytes, at + ICMP.SEQUENCE),
    data: bytes.slice(at + ICMP.BYTES, end),
  }
}
