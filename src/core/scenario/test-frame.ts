/** Frames of the workbench: Ethernet, a sequence number, then bytes that follow from it, so that each can be checked. */

/** Shortest and longest frame, without the check sequence. */
export const SHORTEST_FRAME = 60
export const LONGEST_FRAME = 1514
const HEADER_BYTES = 14
const ADDRESS_BYTES = 6
/** IEEE 802 local experimental EtherType 1. */
const ETHER_TYPE = 0x88b5
const SEQUENCE_AT = HEADER_BYTES
const DATA_AT = HEADER_BYTES + 4
/** Odd, so that 256 frames in a row differ in every byte. */
const STEP = 37

/** Writes frame number `sequence` of `length` bytes. */
export function writeTestFrame(
  into: Uint8Array,
  length: number,
  sequence: number,
  destination: Uint8Array,
  source: Uint8Array,
): void {
  into.set(destination.subarray(0, ADDRESS_BYTES), 0)
  into.set(source.subarray(0, ADDRESS_BYTES), ADDRESS_BYTES)
  into[12] = ETHER_TYPE >>> 8
  into[13] = ETHER_TYPE & 0xff
  new DataView(into.buffer, into.byteOffset).setUint32(SEQUENCE_AT, sequence)
  let byte = (sequence * STEP) & 0xff
  for (let at = DATA_AT; at < length; at++, byte = (byte + 1) & 0xff) into[at] = byte
}

/** What a received frame is: its sequence number, or undefined when it is none of ours; `wrongAt`: its first wrong byte, or -1. */
export function readTestFrame(
  bytes: Uint8Array,
  length: number,
): { readonly sequence: number; readonly wrongAt: number } | undefined {
  if (length < DATA_AT || bytes[12] !== ETHER_TYPE >>> 8 || bytes[13] !== (ETHER_TYPE & 0xff)) return undefined
  const sequence = new DataView(bytes.buffer, bytes.byteOffset).getUint32(SEQUENCE_AT)
  let byte = (sequence * STEP) & 0xff
  for (let at = DATA_AT; at < length; at++, byte = (byte + 1) & 0xff)
    if (bytes[at] !== byte) return { sequence, wrongAt: at }
  return { sequence, wrongAt: -1 }
}
