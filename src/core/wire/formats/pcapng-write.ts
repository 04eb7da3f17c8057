import { ETHERNET } from './capture'
import { BLOCK, BLOCK_FRAME_BYTES, BODY, BYTE_ORDER_MAGIC, FLAGS, MAJOR_VERSION, OPTION, RESOLUTION } from './pcapng'
import { encodeUtf8 } from './utf8'

/** Little-endian words to write to: an Int32Array, or one without a prototype where element stores would be slow. */
export interface WordTarget {
  [index: number]: number
}
/** What tcpdump and Wireshark say when they keep frames whole. */
const SNAP_LENGTH = 262_144
const WHOLE_SECTION = -1n
const SHB_BYTES = 16
const IDB_BYTES = 8
const ISB_BYTES = 12
const BITS_OF_A_WORD = 32n

const words = (bytes: number): number => (bytes + 3) >>> 2
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * words(value.length))
  viewOf(bytes).setUint16(0, code, true)
  viewOf(bytes).setUint16(2, value.length, true)
  bytes.set(value, 4)
  return bytes
}
const text = (code: number, value: string): Uint8Array[] => (value === '' ? [] : [option(code, encodeUtf8(value))])
function number64(code: number, value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  viewOf(bytes).setBigUint64(0, value, true)
  return option(code, bytes)
}
/** Times in blocks: the high half comes first, whatever the byte order. */
const time = (code: number, ns: bigint): Uint8Array =>
  number64(code, BigInt.asUintN(64, (ns << BITS_OF_A_WORD) | (ns >> BITS_OF_A_WORD)))

/** A block of a body of whole words and options; no end of options without an option. */
function block(type: number, body: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const parts = [body, ...options, ...(options.length > 0 ? [option(OPTION.END, new Uint8Array())] : [])]
  const length = BLOCK_FRAME_BYTES + parts.reduce((sum, part) => sum + part.length, 0)
  const bytes = new Uint8Array(length)
  const view = viewOf(bytes)
  view.setUint32(0, type, true)
  view.setUint32(4, length, true)
  let at = BODY
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  view.setUint32(at, length, true)
  return bytes
}

/** Section Header Block: little-endian, of unknown length. */
export function sectionHeader(facts: { readonly application: string; readonly comment: string }): Uint8Array {
  const body = new Uint8Array(SHB_BYTES)
  viewOf(body).setUint32(0, BYTE_ORDER_MAGIC, true)
  viewOf(body).setUint16(4, MAJOR_VERSION, true)
  viewOf(body).setBigInt64(8, WHOLE_SECTION, true)
  return block(BLOCK.SECTION_HEADER, body, [
    ...text(OPTION.COMMENT, facts.comment),
    ...text(OPTION.SHB_USERAPPL, facts.application),
  ])
}

/** Interface Description Block of an Ethernet interface with times in nanoseconds; `speed` in bits a second. */
export function interfaceDescription(facts: {
  readonly name: string
  readonly description: string
  readonly speed: number
}): Uint8Array {
  const body = new Uint8Array(IDB_BYTES)
  viewOf(body).setUint16(0, ETHERNET, true)
  viewOf(body).setUint32(4, SNAP_LENGTH, true)
  return block(BLOCK.INTERFACE_DESCRIPTION, body, [
    ...text(OPTION.IF_NAME, facts.name),
    ...text(OPTION.IF_DESCRIPTION, facts.description),
    number64(OPTION.IF_SPEED, BigInt(facts.speed)),
    option(OPTION.IF_TSRESOL, Uint8Array.of(RESOLUTION.NANOSECONDS)),
  ])
}

/** Interface Statistics Block; times in nanoseconds. */
export function interfaceStatistics(facts: {
  readonly interface: number
  readonly startNs: number
  readonly endNs: number
  /** Frames that went through the interface, and those of them that the file lacks. */
  readonly received: number
  readonly dropped: number
}): Uint8Array {
  const [start, end] = [BigInt(facts.startNs), BigInt(facts.endNs)]
  const body = new Uint8Array(ISB_BYTES)
  viewOf(body).setUint32(0, facts.interface, true)
  viewOf(body).setUint32(4, Number(end >> BITS_OF_A_WORD), true)
  viewOf(body).setUint32(8, Number(BigInt.asUintN(32, end)), true)
  return block(BLOCK.INTERFACE_STATISTICS, body, [
    time(OPTION.ISB_STARTTIME, start),
    time(OPTION.ISB_ENDTIME, end),
    number64(OPTION.ISB_IFRECV, BigInt(facts.received)),
    number64(OPTION.ISB_IFDROP, BigInt(facts.dropped)),
  ])
}

/** The beginning of a comment, encoded once; its last word is filled up with zeros. */
export interface CommentText {
  readonly words: Int32Array
  /** Bytes; 0: no comment. */
  readonly length: number
}
/** Longest comment, bytes: so that a number still fits behind it and a block stays small. */
export const MOST_COMMENT_BYTES = 4096

export function commentText(comment: string): CommentText {
  let bytes = encodeUtf8(comment)
  if (bytes.length > MOST_COMMENT_BYTES) {
    // A character that the end cuts in two goes as a whole.
    let end = MOST_COMMENT_BYTES
    while ((bytes[end]! & 0xc0) === 0x80) end--
    bytes = bytes.subarray(0, end)
  }
  const view = new DataView(new ArrayBuffer(4 * words(bytes.length)))
  bytes.forEach((byte, i) => view.setUint8(i, byte))
  return {
    words: Int32Array.from({ length: words(bytes.length) }, (_, i) => view.getInt32(4 * i, true)),
    length: bytes.length,
  }
}
export const NO_COMMENT: CommentText = commentText('')

/** What a packet block says besides its frame; the caller keeps one and fills it in anew. */
export interface PacketFacts {
  interface: number
  /** Whole nanoseconds, below 2^53. */
  timeNs: number
  outbound: boolean
  /** false: its check sequence was wrong. */
  intact: boolean
  comment: CommentText
  /** Decimal number behind the comment; none when it is negative. */
  number: number
}

const HEAD_WORDS = 7
/** epb_flags, the end of options, and the length again. */
const TAIL_WORDS = 4
const HIGH = 0x1_0000_0000
const SIGN = 0x8000_0000

function digits(value: number): number {
  let count = 1
  for (let limit = 10; value >= limit; limit *= 10) count++
  return count
}
const commentBytes = ({ comment, number }: PacketFacts): number =>
  comment.length === 0 ? 0 : comment.length + (number < 0 ? 0 : digits(number))

/** Words of the Enhanced Packet Block for a frame of `length` bytes. */
export function packetBlockWords(length: number, facts: PacketFacts): number {
  const comment = commentBytes(facts)
  return HEAD_WORDS + words(length) + (comment > 0 ? 1 + words(comment) : 0) + TAIL_WORDS
}

/** Writes the option opt_comment at a word; the next free word. */
function writeComment(target: WordTarget, at: number, facts: PacketFacts): number {
  const length = commentBytes(facts)
  if (length === 0) return at
  const { comment } = facts
  target[at] = OPTION.COMMENT | (length << 16)
  const first = at + 1
  const end = first + words(length)
  for (let i = 0; i < comment.words.length; i++) target[first + i] = comment.words[i]!
  for (let i = first + comment.words.length; i < end; i++) target[i] = 0
  let rest = facts.number
  for (let byte = length - 1; byte >= comment.length; byte--) {
    // A division of 32-bit integers is much the faster one.
    const next = rest < SIGN ? (rest / 10) | 0 : Math.floor(rest / 10)
    const code = 0x30 + rest - 10 * next
    target[first + (byte >> 2)] = target[first + (byte >> 2)]! | (code << (8 * (byte & 3)))
    rest = next
  }
  return end
}

/**
 * Writes an Enhanced Packet Block from word `at` on; allocates nothing.
 *
 * @param size - packetBlockWords() of the same frame
 * @param frame - the first `length` bytes of these words
 */
export function writePacketBlock(
  target: WordTarget,
  at: number,
  size: number,
  frame: WordTarget,
  length: number,
  facts: PacketFacts,
): void {
  const bytes = 4 * size
  target[at] = BLOCK.ENHANCED_PACKET
  target[at + 1] = bytes
  target[at + 2] = facts.interface
  target[at + 3] = Math.floor(facts.timeNs / HIGH)
  target[at + 4] = facts.timeNs | 0
  target[at + 5] = length
  target[at + 6] = length
  let next = at + HEAD_WORDS
  const whole = length >>> 2
  for (let i = 0; i < whole; i++) target[next + i] = frame[i]!
  next += whole
  if ((length & 3) !== 0) target[next++] = frame[whole]! & ((1 << (8 * (length & 3))) - 1)
  target[next++] = OPTION.EPB_FLAGS | (4 << 16)
  target[next++] = (facts.outbound ? FLAGS.OUTBOUND : FLAGS.INBOUND) | (facts.intact ? 0 : FLAGS.CRC_ERROR)
  next = writeComment(target, next, facts)
  target[next++] = OPTION.END
  target[next] = bytes
}
