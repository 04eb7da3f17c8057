/**
 * Frames of the workbench: UDP datagrams over IPv4, so that everybody's tools can read them, with a sequence number and bytes that
 * follow from it, so that each frame can be checked byte for byte.
 */
import { ETHERNET, ETHER_TYPE, etherType, LONGEST_FRAME, SHORTEST_FRAME } from '../wire/formats/ethernet'
import { IP_PROTOCOL, IPV4, ipv4Source } from '../wire/formats/ipv4'
import { putUdpFrame, UDP_PAYLOAD, type UdpEnds } from '../wire/formats/udp'

export { LONGEST_FRAME, SHORTEST_FRAME }
export type TestEnds = UdpEnds

const DATA_AT = UDP_PAYLOAD + 4
/** Odd, so that 256 frames in a row differ in every byte. */
const STEP = 37
const PATTERN = Uint8Array.from({ length: 256 + LONGEST_FRAME }, (_unused, at) => at & 0xff)

/** What comes back from a host that echoes what these ends send. */
export const reversed = (ends: TestEnds): TestEnds => ({
  destination: ends.source,
  source: ends.destination,
  from: ends.to,
  fromPort: ends.toPort,
  to: ends.from,
  toPort: ends.fromPort,
})

/** Writes frame number `sequence` of `length` bytes, 60 to 1514. */
export function writeTestFrame(into: Uint8Array, length: number, sequence: number, ends: TestEnds): void {
  const start = (sequence * STEP) & 0xff
  into.set(PATTERN.subarray(start, start + length - DATA_AT), DATA_AT)
  new DataView(into.buffer, into.byteOffset).setUint32(UDP_PAYLOAD, sequence)
  const { destination, source, from, fromPort, to, toPort } = ends
  putUdpFrame(into, destination, source, from, fromPort, to, toPort, length - UDP_PAYLOAD, 0)
}

/** The sequence number of a frame that may be one of ours; -1 when it is none. */
export function sequenceOf(bytes: Uint8Array, length: number): number {
  if (length < DATA_AT || etherType(bytes) !== ETHER_TYPE.IPV4) return -1
  if (bytes[ETHERNET.BYTES + IPV4.PROTOCOL] !== IP_PROTOCOL.UDP) return -1
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(UDP_PAYLOAD)
}

/** Whether the host that sends from these ends is named as the one that sent a frame with a sequence number. */
export const isFrom = (bytes: Uint8Array, { from }: TestEnds): boolean => ipv4Source(bytes, ETHERNET.BYTES) === from

const expected = new Uint8Array(LONGEST_FRAME)
/** Where the frame is not what the ends send as number `sequence`: its first wrong byte, or -1. */
export function wrongByte(bytes: Uint8Array, length: number, sequence: number, ends: TestEnds): number {
  writeTestFrame(expected, length, sequence, ends)
  for (let at = 0; at < length; at++) if (bytes[at] !== expected[at]) return at
  return -1
}
