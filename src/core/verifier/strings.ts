import type { Kernel } from '../kernel/kernel'
import { STRING, type Text } from '../ndis/string-buffer'
import type { Before, RuleFamily } from './rules'

/** Bytes that a call is going to touch. */
interface Range {
  readonly address: number
  readonly bytes: number
  readonly write: boolean
}

/** The buffers behind counted strings, and those that are formatted into: NDIS touches what the driver may touch. */
export function stringRules(k: Kernel): RuleFamily {
  const { access } = k
  const { r16, r32 } = k.space
  const length = (string: number): number => r16(string + STRING.Length)
  const read = (string: number): Range => ({
    address: r32(string + STRING.Buffer),
    bytes: length(string),
    write: false,
  })
  /** At most as much as the destination says it has room for; a terminator is written where there is. */
  const write = (string: number, at: number, bytes: number): Range => ({
    address: r32(string + STRING.Buffer) + at,
    bytes: Math.max(0, Math.min(bytes, r16(string + STRING.MaximumLength) - at)),
    write: true,
  })
  /** The first character of a text that is given by its address; the literal of a script needs no look. */
  const characters = (text: Text, unit: number): Range[] =>
    typeof text === 'string' || !text ? [] : [{ address: text >>> 0, bytes: unit, write: false }]
  const toAnsi = (destination: number, source: number): Range[] => [
    write(destination, 0, (length(source) >> 1) + 1),
    read(source),
  ]

  const touched: Readonly<Record<string, (...args: never[]) => readonly Range[]>> = {
    NdisEqualString: (a: number, b: number) => [read(a), read(b)],
    NdisEqualUnicodeString: (a: number, b: number) => [read(a), read(b)],
    NdisPrintString: (string: number) => [read(string)],
    NdisAnsiStringToUnicodeString: (to: number, from: number) => [write(to, 0, 2 * length(from) + 2), read(from)],
    NdisUnicodeStringToAnsiString: toAnsi,
    RtlUnicodeStringToAnsiString: (to: number, from: number, allocate: unknown) =>
      allocate ? [read(from)] : toAnsi(to, from),
    NdisUpcaseUnicodeString: (to: number, from: number) => [write(to, 0, length(from)), read(from)],
    RtlCopyUnicodeString: (to: number, from: number | null | undefined) =>
      from ? [write(to, 0, length(from) + 2), read(from)] : [],
    RtlAppendUnicodeStringToString: (to: number, from: number) => [write(to, length(to), length(from) + 2), read(from)],
    RtlAppendUnicodeToString: (to: number, from: Text) => [
      write(to, length(to), typeof from === 'string' ? 2 * from.length + 2 : 2),
      ...characters(from, 2),
    ],
    RtlStringCbCatA: (to: number, bytes: number, from: Text) => [
      { address: to >>> 0, bytes: bytes >>> 0, write: true },
      ...characters(from, 1),
    ],
    RtlStringCbVPrintfA: (to: number, bytes: number, format: Text) => [
      { address: to >>> 0, bytes: bytes >>> 0, write: true },
      ...characters(format, 1),
    ],
    ...Object.fromEntries(
      ['RtlStringCbPrintfExA', 'RtlStringCchPrintfExA', 'RtlStringCchVPrintfExA'].map((name) => [
        name,
        (to: number, bytes: number, _end: unknown, _left: unknown, _flags: unknown, format: Text) => [
          { address: to >>> 0, bytes: to ? bytes >>> 0 : 0, write: true },
          ...characters(format, 1),
        ],
      ]),
    ),
  }
  const hook =
    (fn: string, ranges: (...args: never[]) => readonly Range[]): Before =>
    (...args: never[]) =>
      ranges(...args).some((range) => range.bytes > 0 && !access.range(fn, range.address, range.bytes, range.write))
  return { before: Object.fromEntries(Object.entries(touched).map(([fn, ranges]) => [fn, hook(fn, ranges)])) }
}
