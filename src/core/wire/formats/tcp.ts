import { addWords, finishChecksum } from './checksum'
import { scratchHeader, u16, u32 } from './bytes'

/** Offsets of the header (RFC 9293, 3.1), from its beginning. BYTES: without options. */
export const TCP = {
  SOURCE: 0,
  DESTINATION: 2,
  SEQUENCE: 4,
  ACKNOWLEDGMENT: 8,
  FLAGS: 12,
  WINDOW: 14,
  CHECKSUM: 16,
  URGENT: 18,
  BYTES: 20,
} as const
export const TCP_FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16, URG: 32, ECE: 64, CWR: 128 } as const
const DATA_OFFSET = (TCP.BYTES / 4) << 12
const FLAGS = 0xff

export interface TcpHeader {
  readonly fromPort: number
  readonly toPort: number
  readonly sequence: number
  readonly acknowledgment: number
  /** Bits of TCP_FLAG. */
  readonly flags: number
  readonly window: number
}
const header = scratchHeader(TCP.BYTES)
/**
 * Writes a header without options in front of a payload that lies there already; where the segment ends. `pseudo` is the sum
 * over the pseudo header; -1: the checksum stays 0, for a NIC to fill in.
 */
export function writeTcp(into: Uint8Array, at: number, tcp: TcpHeader, payload: number, pseudo: number): number {
  const { bytes, view } = header
  const end = at + TCP.BYTES + payload
  view.setUint16(TCP.SOURCE, tcp.fromPort)
  view.setUint16(TCP.DESTINATION, tcp.toPort)
  view.setUint32(TCP.SEQUENCE, tcp.sequence)
  view.setUint32(TCP.ACKNOWLEDGMENT, tcp.acknowledgment)
  view.setUint16(TCP.FLAGS, DATA_OFFSET | (tcp.flags & FLAGS))
  view.setUint16(TCP.WINDOW, tcp.window)
  view.setUint32(TCP.CHECKSUM, 0)
  if (pseudo >= 0) {
    const sum = addWords(bytes, 0, TCP.BYTES, pseudo)
    view.setUint16(TCP.CHECKSUM, finishChecksum(addWords(into, at + TCP.BYTES, end, sum)))
  }
  into.set(bytes, at)
  return end
}
/** Bytes of the header at `at` with its options. */
export const tcpHeaderBytes = (bytes: Uint8Array, at: number): number => (bytes[at + TCP.FLAGS]! >>> 4) * 4
export const readTcp = (bytes: Uint8Array, at: number): TcpHeader => ({
  fromPort: u16(bytes, at + TCP.SOURCE),
  toPort: u16(bytes, at + TCP.DESTINATION),
  sequence: u32(bytes, at + TCP.SEQUENCE),
  acknowledgment: u32(bytes, at + TCP.ACKNOWLEDGMENT),
  flags: u16(bytes, at + TCP.FLAGS) & FLAGS,
  window: u16(bytes, at + TCP.WINDOW),
})
