import { at, Damage } from './capture'
import { FLAGS, OPTION, RESOLUTION } from './pcapng'
import { decodeUtf8 } from './utf8'

/** A block as it lies in the file. */
export interface Block {
  /** All of it, from its type on. */
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly little: boolean
  /** Of its first byte in the file. */
  readonly offset: number
}

interface Option {
  readonly code: number
  readonly value: Uint8Array
}

/**
 * The options from byte `from` of a block on. The one that ends them may be missing.
 *
 * @throws Damage when one reaches past the end of the block.
 */
export function readOptions({ bytes, view, little, offset }: Block, from: number): Option[] {
  const options: Option[] = []
  const end = bytes.length - 4
  for (let next = from; next + 4 <= end;) {
    const code = view.getUint16(next, little)
    const length = view.getUint16(next + 2, little)
    if (code === OPTION.END) break
    if (next + 4 + length > end)
      throw new Damage(
        offset + next,
        `The option at ${at(offset + next)} claims ${length} bytes, its block has ${end - next - 4} left. The block is damaged; what lies before it was read.`,
      )
    options.push({ code, value: bytes.subarray(next + 4, next + 4 + length) })
    next += 4 + ((length + 3) & ~3)
  }
  return options
}

const textOf = (options: readonly Option[], wanted: number): string =>
  options
    .filter(({ code }) => code === wanted)
    .map(({ value }) => decodeUtf8(value))
    .join('\n')
const valueOf = (options: readonly Option[], wanted: number, bytes: number): DataView | undefined => {
  const found = options.find(({ code, value }) => code === wanted && value.length === bytes)?.value
  return found && new DataView(found.buffer, found.byteOffset, bytes)
}

/** What a timestamp of an interface counts. */
export interface TimeBase {
  readonly binary: boolean
  /** Units of 10^-exponent or 2^-exponent seconds. */
  readonly exponent: number
  /** Added to every time, nanoseconds. */
  readonly offsetNs: bigint
}
const NS_DIGITS = 9
const NS_PER_SECOND = 1_000_000_000n

/** Nanoseconds since 1970; what is finer than one is cut off. */
export function nanoseconds(high: number, low: number, { binary, exponent, offsetNs }: TimeBase): bigint {
  const ticks = (BigInt(high) << 32n) | BigInt(low)
  if (binary) return ((ticks * NS_PER_SECOND) >> BigInt(exponent)) + offsetNs
  if (exponent <= NS_DIGITS) return ticks * 10n ** BigInt(NS_DIGITS - exponent) + offsetNs
  return ticks / 10n ** BigInt(exponent - NS_DIGITS) + offsetNs
}

/** Options of an Interface Description Block; without if_tsresol a tick is a microsecond. */
export function interfaceOptions(block: Block, from: number) {
  const options = readOptions(block, from)
  const resolution = valueOf(options, OPTION.IF_TSRESOL, 1)?.getUint8(0) ?? RESOLUTION.MICROSECONDS
  const seconds = valueOf(options, OPTION.IF_TSOFFSET, 8)?.getBigInt64(0, block.little) ?? 0n
  const timeBase: TimeBase = {
    binary: (resolution & RESOLUTION.BINARY) !== 0,
    exponent: resolution & RESOLUTION.EXPONENT,
    offsetNs: seconds * NS_PER_SECOND,
  }
  return {
    name: textOf(options, OPTION.IF_NAME),
    description: textOf(options, OPTION.IF_DESCRIPTION),
    fcsBytes: valueOf(options, OPTION.IF_FCSLEN, 1)?.getUint8(0) ?? 0,
    timeBase,
  }
}

const DIRECTIONS: Readonly<Record<number, 'in' | 'out'>> = { [FLAGS.INBOUND]: 'in', [FLAGS.OUTBOUND]: 'out' }

/** Options of a packet block. */
export function packetOptions(block: Block, from: number) {
  const options = readOptions(block, from)
  const flags = valueOf(options, OPTION.EPB_FLAGS, 4)?.getUint32(0, block.little) ?? 0
  return { comment: textOf(options, OPTION.COMMENT), direction: DIRECTIONS[flags & FLAGS.DIRECTION] }
}
