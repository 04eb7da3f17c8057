import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell, createGuest } from '../test-guest'
import { constant } from './constants'

const SIZE = layout('RTL_BITMAP').SIZE
const NONE = 0xffff_ffff

describe('bytes and bits of numbers (WDM rtlushortbyteswap, rtlulongbyteswap, rtlulonglongbyteswap ...)', () => {
  const guest = createGuest()
  test.each([
    ['RtlUshortByteSwap', 0x1234, 0x3412],
    ['RtlUshortByteSwap', 0x9abcde, 0xdebc],
    ['RtlUlongByteSwap', 0x12345678, 0x78563412],
    ['RtlUlongByteSwap', 0x000000ff, 0xff000000],
    ['RtlNumberOfSetBitsUlongPtr', 0xffffffff, 32],
    ['RtlNumberOfSetBitsUlongPtr', 0x80000001 | 0, 2],
    ['RtlNumberOfSetBitsUlongPtr', 0, 0],
    ['RtlFindLeastSignificantBit', 0, -1],
    ['RtlFindLeastSignificantBit', 0x50, 4],
    ['RtlFindLeastSignificantBit', 1n << 63n, 63],
  ])('%s of %s', (name, value, result) => expect(guest.call(name, value)).toBe(result))
  test('RtlUlonglongByteSwap', () => {
    expect(guest.call64('RtlUlonglongByteSwap', 0x0102030405060708n)).toBe(0x0807060504030201n)
    expect(guest.call64('RtlUlonglongByteSwap', 255)).toBe(0xff00000000000000n)
  })
  test('RtlULongAdd and RtlULongMult tell when the result does not fit', () => {
    const result = cell()
    const run = (name: string, a: number, b: number) => [guest.call(name, a, b, result), result.value]
    const overflow = [constant('STATUS_INTEGER_OVERFLOW'), NONE]
    expect(run('RtlULongAdd', 0xfffffffe, 1)).toEqual([0, 0xffffffff])
    expect(run('RtlULongAdd', 0xffffffff, 1)).toEqual(overflow)
    expect(run('RtlULongMult', 0xffff, 0x10001)).toEqual([0, 0xffffffff])
    expect(run('RtlULongMult', 0x10000, 0x10000)).toEqual(overflow)
    expect(guest.broken()).toEqual([])
  })
})

describe('bitmaps (WDM rtlinitializebitmap, rtlfindclearbitsandset, rtlcheckbit, rtlclearbit)', () => {
  const setUp = (bits: number, bytes: readonly number[]) => {
    const guest = createGuest()
    const [header, buffer] = [guest.memory(SIZE), guest.memory(bytes.length)]
    bytes.forEach((byte, i) => guest.machine.kernel.space.w8(buffer + i, byte))
    guest.call('RtlInitializeBitMap', header, buffer, bits)
    return {
      guest,
      header,
      buffer,
      find: (count: number, hint: number) => guest.call('RtlFindClearBitsAndSet', header, count, hint),
      bytes: () => guest.bytes(buffer, bytes.length),
    }
  }
  test('finds a run of clear bits, from the hint on and then from the start, and sets it', () => {
    const { find, bytes, guest } = setUp(32, [0b1111_0001, 0xff, 0x0f, 0x00])
    expect(find(4, 8)).toBe(20)
    expect(find(3, 16)).toBe(24)
    expect(find(3, 30)).toBe(1)
    expect(find(3, 30)).toBe(27)
    expect(bytes()).toEqual([0xff, 0xff, 0xff, 0b0011_1111])
    expect([find(3, 0), find(33, 0), find(0, 13), find(0, 99)]).toEqual([NONE, NONE, 8, 0])
    expect(guest.broken()).toEqual([])
  })
  test('a run may begin before the hint when there is none behind it', () => {
    const { find } = setUp(32, [0, 0, 0, 0])
    expect(find(20, 16)).toBe(0)
  })
  test('single bits', () => {
    const { guest, header, bytes } = setUp(32, [0, 0x80, 0, 0])
    const check = (bit: number) => guest.call('RtlCheckBit', header, bit)
    expect([check(15), check(14)]).toEqual([1, 0])
    guest.call('RtlClearBit', header, 15)
    expect([check(15), bytes()]).toEqual([0, [0, 0, 0, 0]])
    expect(guest.broken()).toEqual([])
  })
  test('bits behind the end, and a buffer that is too small for the size', () => {
    const { guest, header, find } = setUp(33, [0, 0, 0, 0, 0, 0, 0, 0])
    guest.call('RtlCheckBit', header, 33)
    guest.call('RtlClearBit', header, -1)
    expect(guest.broken()).toEqual(['BitmapIndex', 'BitmapIndex'])
    guest.machine.kernel.space.w32(header, 0x7000_0000)
    expect(guest.crash(() => find(1, 0)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
    const small = setUp(64, [0, 0, 0, 0])
    expect(small.find(1, 0)).toBe(0)
    expect([small.guest.broken(), small.bytes()]).toEqual([['DV:SpecialPoolOverrun'], [0, 0, 0, 0]])
  })
})
