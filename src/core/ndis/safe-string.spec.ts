import { describe, expect, test } from 'vitest'
import { cell, createGuest } from '../test-guest'
import { constant } from './constants'

const OVERFLOW = constant('STATUS_BUFFER_OVERFLOW')
const INVALID = constant('STATUS_INVALID_PARAMETER')

const setUp = (bytes = 8) => {
  const guest = createGuest()
  const { space } = guest.machine.kernel
  const buffer = guest.memory(bytes)
  space.fill(buffer, bytes, 0x23)
  const [end, left] = [cell(), cell()]
  return {
    guest,
    buffer,
    end,
    left,
    text: () => space.readAscii(buffer),
    raw: () => String.fromCharCode(...guest.bytes(buffer, bytes)),
    print: (flags: number, format: unknown, ...args: unknown[]) =>
      guest.call('RtlStringCbPrintfExA', buffer, bytes, end, left, flags, format, ...args),
  }
}

describe('RtlStringCbCatA (WDM ntstrsafe)', () => {
  test('appends what fits', () => {
    const { guest, buffer, text } = setUp()
    const { space } = guest.machine.kernel
    space.writeAscii(buffer, 'abc')
    expect(guest.call('RtlStringCbCatA', buffer, 8, 'de')).toBe(0)
    const more = guest.memory(8)
    space.writeAscii(more, 'fgh')
    expect(guest.call('RtlStringCbCatA', buffer, 8, more)).toBe(OVERFLOW)
    expect(text()).toBe('abcdefg')
    expect(guest.broken()).toEqual([])
  })
  test('needs a terminator within the buffer', () => {
    const { guest, buffer, raw } = setUp()
    expect(guest.call('RtlStringCbCatA', buffer, 8, 'x')).toBe(INVALID)
    expect(guest.call('RtlStringCbCatA', buffer, 0, 'x')).toBe(INVALID)
    expect(raw()).toBe('########')
  })
})

describe('formatted text (WDM ntstrsafe RtlStringCbPrintfExA, RtlStringCchPrintfExA)', () => {
  test('tells where it ends and what is left', () => {
    const { guest, buffer, end, left, print, raw } = setUp()
    expect(print(0, '%d-%s', 12, 'ab')).toBe(0)
    expect([raw(), end.value - buffer, left.value]).toEqual(['12-ab\0##', 5, 3])
    expect(guest.call('RtlStringCchPrintfExA', buffer, 8, 0, 0, 0, '%x', 255)).toBe(0)
    expect(raw()).toBe('ff\0ab\0##')
    expect(guest.broken()).toEqual([])
  })
  test('is cut where it does not fit', () => {
    const { buffer, end, left, print, raw } = setUp()
    expect(print(0, '%s', 'abcdefgh')).toBe(OVERFLOW)
    expect([raw(), end.value - buffer, left.value]).toEqual(['abcdefg\0', 7, 1])
  })
  test.each([
    ['STRSAFE_FILL_BEHIND_NULL', 0x2a, 'ab', 0, 'ab\0*****', 2],
    ['STRSAFE_FILL_ON_FAILURE', 0x2a, 'abcdefgh', OVERFLOW, '*******\0', 7],
    ['STRSAFE_FILL_ON_FAILURE', 0, 'abcdefgh', OVERFLOW, '\0\0\0\0\0\0\0\0', 0],
    ['STRSAFE_NULL_ON_FAILURE', 0, 'abcdefgh', OVERFLOW, '\0bcdefg\0', 0],
    ['STRSAFE_NO_TRUNCATION', 0, 'abcdefgh', OVERFLOW, '\0bcdefg\0', 0],
  ])('%s with %i', (flag, fill, format, status, result, at) => {
    const { buffer, end, print, raw } = setUp()
    expect([print(constant(flag) | fill, format), raw(), end.value - buffer]).toEqual([status, result, at])
  })
  test('refuses flags and buffers that there are not', () => {
    const { guest, print, end, left } = setUp()
    expect(print(0x4000, 'x')).toBe(INVALID)
    const nothing = (flags: number, format: string) =>
      guest.call('RtlStringCbPrintfExA', 0, 0, end, left, flags, format)
    expect(nothing(0, '')).toBe(INVALID)
    expect(nothing(constant('STRSAFE_IGNORE_NULLS'), '')).toBe(0)
    expect(nothing(constant('STRSAFE_IGNORE_NULLS'), 'x')).toBe(INVALID)
    expect([end.value, left.value]).toEqual([0, 0])
  })
  test('into a buffer that is smaller than it is said to be', () => {
    const { guest, buffer } = setUp()
    guest.call('RtlStringCbPrintfExA', buffer, 9, 0, 0, 0, 'x')
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
})

describe('argument lists (WDM ntstrsafe RtlStringCbVPrintfA, RtlStringCchVPrintfExA)', () => {
  test("are a script's rest parameters, or words in memory as in C", () => {
    const { guest, buffer, text, end, left } = setUp(32)
    expect(guest.call('RtlStringCbVPrintfA', buffer, 32, '%d %s', [7, 'x'])).toBe(0)
    expect(text()).toBe('7 x')
    const list = guest.memory(16)
    const { space } = guest.machine.kernel
    space.w32(list, 5)
    space.w64(list + 4, 1n << 40n)
    space.w32(list + 12, 6)
    expect(guest.call('RtlStringCchVPrintfExA', buffer, 32, end, left, 0, '%d %I64u %d', list)).toBe(0)
    expect(text()).toBe('5 1099511627776 6')
    expect(guest.call('RtlStringCbVPrintfA', buffer, 3, '%d', 0)).toBe(0)
    expect(text()).toBe('0')
    expect(guest.call('RtlStringCbVPrintfA', buffer, 0, '%d', 0)).toBe(INVALID)
    expect(guest.broken()).toEqual([])
  })
})
