import type { Frame } from '../../wire/frame'
import type { Chip } from './chip'
import { insertChecksum } from './outgoing'
import { INSIDE } from './state'
import { COMMAND, EXTENDED_LENGTH, HDRLEN_SHIFT, MSS_SHIFT, OPTION } from './transmit-descriptor'

/** The context descriptor that holds (SDM 3.3.6): offsets are bytes from the start of the frame. */
export interface TransmitContext {
  /** A context was given since the reset. */
  known(): boolean
  segments(): boolean
  tcp(): boolean
  ipv4(): boolean
  ipStart(): number
  transportStart(): number
  /** Bytes to segment. */
  payload(): number
  headerLength(): number
  mss(): number
  /** Inserts the checksums that POPTS asks for; `transportLength` is added to that of TCP or UDP. False: an offset does not fit. */
  insertChecksums(frame: Frame, options: number, transportLength: number): boolean
}

const BYTE = 0xff
const HALF = 16

export function createTransmitContext({ words, at }: Chip): TransmitContext {
  const base = at + INSIDE.TX_CONTEXT
  const command = (): number => words[base + 2]!
  const tcp = (): boolean => (command() & COMMAND.TCP) !== 0

  /** From the offsets in a word: start, place, last byte (0: the end of the frame). */
  function insert(frame: Frame, offsets: number, extra: number, udp: boolean): boolean {
    const start = offsets & BYTE
    const place = (offsets >>> 8) & BYTE
    const last = offsets >>> HALF
    const end = last === 0 ? frame.length : last + 1
    if (start >= frame.length || place + 2 > frame.length || end > frame.length) return false
    insertChecksum(frame, start, end, place, extra, udp)
    return true
  }
  return {
    known: () => command() !== 0,
    segments: () => (command() & COMMAND.TSE) !== 0,
    tcp,
    ipv4: () => (command() & COMMAND.IPV4) !== 0,
    ipStart: () => words[base]! & BYTE,
    transportStart: () => words[base + 1]! & BYTE,
    payload: () => command() & EXTENDED_LENGTH,
    headerLength: () => (words[base + 3]! >>> HDRLEN_SHIFT) & BYTE,
    mss: () => words[base + 3]! >>> MSS_SHIFT,
    insertChecksums(frame, options, transportLength) {
      const ip = (options & OPTION.IXSM) === 0 || insert(frame, words[base]!, 0, false)
      const transport = (options & OPTION.TXSM) === 0 || insert(frame, words[base + 1]!, transportLength, !tcp())
      return ip && transport
    },
  }
}
