/** Capture files for specs, block by block, in either byte order: what no tool of this machine would write. */
import { BLOCK, BYTE_ORDER_MAGIC, OPTION } from './pcapng'
import { encodeUtf8 } from './utf8'

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
const padded = (bytes: Uint8Array): Uint8Array => joined(bytes, new Uint8Array(-bytes.length & 3))

/** Numbers in a byte order. */
export function numbers(little: boolean) {
  const write = (size: number, set: (view: DataView) => void): Uint8Array => {
    const bytes = new Uint8Array(size)
    set(new DataView(bytes.buffer))
    return bytes
  }
  return {
    u16: (value: number) => write(2, (view) => view.setUint16(0, value, little)),
    u32: (value: number) => write(4, (view) => view.setUint32(0, value, little)),
    i64: (value: bigint) => write(8, (view) => view.setBigInt64(0, value, little)),
  }
}

export interface TestOption {
  readonly code: number
  readonly value: Uint8Array
}
export interface TestInterface {
  readonly linkType?: number
  readonly snapLength?: number
  readonly name?: string
  readonly tsresol?: number
  readonly tsoffset?: bigint
  readonly fcslen?: number
}
export interface TestPacket {
  readonly interface?: number
  readonly ticks: bigint
  readonly bytes: Uint8Array
  /** On the wire; that of `bytes` when left out. */
  readonly length?: number
  readonly comments?: readonly string[]
  readonly flags?: number
}

/** Blocks of pcapng in a byte order. */
export function pcapngBlocks(little: boolean) {
  const { u16, u32, i64 } = numbers(little)
  const options = (list: readonly TestOption[]): Uint8Array =>
    list.length === 0
      ? new Uint8Array()
      : joined(
          ...list.flatMap(({ code, value }) => [u16(code), u16(value.length), padded(value)]),
          u16(OPTION.END),
          u16(0),
        )
  const block = (type: number, ...body: readonly Uint8Array[]): Uint8Array => {
    const whole = joined(...body)
    return joined(u32(type), u32(whole.length + 12), whole, u32(whole.length + 12))
  }
  const packetOptions = ({ comments = [], flags }: TestPacket): Uint8Array =>
    options([
      ...(flags === undefined ? [] : [{ code: OPTION.EPB_FLAGS, value: u32(flags) }]),
      ...comments.map((comment) => ({ code: OPTION.COMMENT, value: encodeUtf8(comment) })),
    ])
  const times = (ticks: bigint): Uint8Array =>
    joined(u32(Number(BigInt.asUintN(32, ticks >> 32n))), u32(Number(BigInt.asUintN(32, ticks))))
  return {
    block,
    options,
    section: (version = 1) => block(BLOCK.SECTION_HEADER, u32(BYTE_ORDER_MAGIC), u16(version), u16(0), i64(-1n)),
    interface: ({ linkType = 1, snapLength = 0, name, tsresol, tsoffset, fcslen }: TestInterface = {}) =>
      block(
        BLOCK.INTERFACE_DESCRIPTION,
        u16(linkType),
        u16(0),
        u32(snapLength),
        options([
          ...(name === undefined ? [] : [{ code: OPTION.IF_NAME, value: encodeUtf8(name) }]),
          ...(tsresol === undefined ? [] : [{ code: OPTION.IF_TSRESOL, value: Uint8Array.of(tsresol) }]),
          ...(tsoffset === undefined ? [] : [{ code: OPTION.IF_TSOFFSET, value: i64(tsoffset) }]),
          ...(fcslen === undefined ? [] : [{ code: OPTION.IF_FCSLEN, value: Uint8Array.of(fcslen) }]),
        ]),
      ),
    enhanced: (packet: TestPacket) =>
      block(
        BLOCK.ENHANCED_PACKET,
        u32(packet.interface ?? 0),
        times(packet.ticks),
        u32(packet.bytes.length),
        u32(packet.length ?? packet.bytes.length),
        padded(packet.bytes),
        packetOptions(packet),
      ),
    obsolete: (packet: TestPacket) =>
      block(
        BLOCK.PACKET,
        u16(packet.interface ?? 0),
        u16(0xffff),
        times(packet.ticks),
        u32(packet.bytes.length),
        u32(packet.length ?? packet.bytes.length),
        padded(packet.bytes),
        packetOptions(packet),
      ),
    simple: (bytes: Uint8Array, length = bytes.length) => block(BLOCK.SIMPLE_PACKET, u32(length), padded(bytes)),
  }
}

export interface TestRecord {
  readonly seconds: number
  /** Microseconds or nanoseconds. */
  readonly fraction: number
  readonly bytes: Uint8Array
  readonly length?: number
}
/** A classic pcap file in a byte order. */
export function pcapFile(
  little: boolean,
  records: readonly TestRecord[],
  { magic = 0xa1b2_c3d4, network = 1, major = 2, snapLength = 65_535 } = {},
): Uint8Array {
  const { u16, u32 } = numbers(little)
  return joined(
    u32(magic),
    u16(major),
    u16(4),
    u32(0),
    u32(0),
    u32(snapLength),
    u32(network),
    ...records.flatMap(({ seconds, fraction, bytes, length = bytes.length }) => [
      u32(seconds),
      u32(fraction),
      u32(bytes.length),
      u32(length),
      bytes,
    ]),
  )
}
export const PCAP_MAGIC = { MICROSECONDS: 0xa1b2_c3d4, NANOSECONDS: 0xa1b2_3c4d, MODIFIED: 0xa1b2_cd34 } as const

/** Bytes that tell where they are from. */
export const patterned = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_unused, i) => (i * 7 + seed) & 0xff)
