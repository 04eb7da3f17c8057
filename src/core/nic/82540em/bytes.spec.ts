import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyBytes, crc32, createBytes, fold, putWire32, sum16, swap16, wire16, wire32, zeroBytes } from './bytes'

const SIZE = 2048
const filled = (of: (at: number) => number) => {
  const made = createBytes(SIZE)
  made.bytes.set(Array.from({ length: SIZE }, (_, at) => of(at) & 0xff))
  return made
}
const range = fc.tuple(fc.nat(8), fc.nat(8), fc.nat(800))

describe('bytes in words', () => {
  test('copies are those of memcpy at every alignment, short and long', () =>
    fc.assert(
      fc.property(range, ([to, from, count]) => {
        const source = filled((at) => at * 7 + (at >> 8))
        const target = filled(() => 0xee)
        const expected = target.bytes.slice()
        expected.set(source.bytes.slice(from, from + count), to)
        copyBytes(target, to, source, from, count)
        expect(target.bytes).toEqual(expected)
      }),
      { numRuns: 500 },
    ))
  test('zeros', () =>
    fc.assert(
      fc.property(range, ([start, , count]) => {
        const target = filled(() => 0xee)
        const expected = target.bytes.slice().fill(0, start, start + count)
        zeroBytes(target.words, start, start + count)
        expect(target.bytes).toEqual(expected)
      }),
    ))
  test('the order of the wire', () => {
    const { bytes, words } = createBytes(8)
    putWire32(words, 3, 0x1234_5678)
    expect([...bytes]).toEqual([0, 0, 0, 0x12, 0x34, 0x56, 0x78, 0])
    expect([wire16(words, 4), wire32(words, 3), swap16(0x1234)]).toEqual([0x3456, 0x1234_5678, 0x3412])
  })
})
describe('sums (RFC 1071) and the check sequence (IEEE 802.3, 3.2.9)', () => {
  test('the example of RFC 1071, section 3', () => {
    const { bytes, words } = createBytes(8)
    bytes.set([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])
    expect(sum16(words, 0, 8)).toBe(0xddf2)
  })
  test('are those of adding unit by unit, at every start and length', () =>
    fc.assert(
      fc.property(range, fc.infiniteStream(fc.nat(255)), ([start, , count], stream) => {
        const source = filled(() => stream.next().value as number)
        let total = 0
        for (let at = start; at < start + count; at += 2)
          total += (source.bytes[at]! << 8) | (at + 1 < start + count ? source.bytes[at + 1]! : 0)
        expect(sum16(source.words, start, start + count)).toBe(fold(total))
      }),
      { numRuns: 60 },
    ))
  test('the check value of CRC-32', () => {
    const { bytes, words } = createBytes(12)
    bytes.set([...'123456789'].map((letter) => letter.charCodeAt(0)))
    expect(crc32(words, 9) >>> 0).toBe(0xcbf4_3926)
  })
})
