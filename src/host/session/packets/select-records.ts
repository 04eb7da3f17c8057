import type { CaptureFormat } from '../../../core/wire/formats/capture-read'
import { BLOCK, BYTE_ORDER_MAGIC } from '../../../core/wire/formats/pcapng'

const PCAP_HEADER_BYTES = 24
const PCAP_RECORD_BYTES = 16
const PCAP_LITTLE_ENDIAN = new Set([0xa1b2c3d4, 0xa1b23c4d])
/** Blocks that are about frames, or count all of them. */
const LEFT_OUT: ReadonlySet<number> = new Set([
  BLOCK.PACKET,
  BLOCK.SIMPLE_PACKET,
  BLOCK.ENHANCED_PACKET,
  BLOCK.INTERFACE_STATISTICS,
])
const SECTION_LENGTH = 16

/**
 * A part of a capture file, in its own format and byte order, each record as it was: nothing of a frame is lost by reading and
 * writing it again.
 *
 * @param offsets where the records of the chosen frames begin
 */
export function selectRecords(
  bytes: Uint8Array,
  format: CaptureFormat,
  offsets: ReadonlySet<number>,
): Iterable<Uint8Array> {
  return format === 'pcap' ? pcapRecords(bytes, offsets) : pcapngBlocks(bytes, offsets)
}

function* pcapRecords(bytes: Uint8Array, offsets: ReadonlySet<number>): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const little = PCAP_LITTLE_ENDIAN.has(view.getUint32(0, true))
  yield bytes.subarray(0, PCAP_HEADER_BYTES)
  for (const at of [...offsets].sort((left, right) => left - right))
    yield bytes.subarray(at, at + PCAP_RECORD_BYTES + view.getUint32(at + 8, little))
}

function* pcapngBlocks(bytes: Uint8Array, offsets: ReadonlySet<number>): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let last = 0
  for (const offset of offsets) last = Math.max(last, offset)
  let little = true
  let at = 0
  while (at <= last && at + 12 <= bytes.length) {
    // The type of a section header reads the same both ways; what follows has the byte order that it says.
    const section = view.getUint32(at, true) === BLOCK.SECTION_HEADER
    if (section) little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC
    const length = view.getUint32(at + 4, little)
    if (length < 12 || at + length > bytes.length) return
    if (section) yield ofUnknownLength(bytes.slice(at, at + length))
    else if (offsets.has(at) || !LEFT_OUT.has(view.getUint32(at, little))) yield bytes.subarray(at, at + length)
    at += length
  }
}

/** A section that lost blocks is no longer as long as it says. */
function ofUnknownLength(header: Uint8Array): Uint8Array {
  header.fill(0xff, SECTION_LENGTH, SECTION_LENGTH + 8)
  return header
}
