import { describe, expect, test } from 'vitest'
import { createGuest } from '../test-guest'
import { constant } from './constants'
import { createStringBuffers, type Unit } from './string-buffer'

const OVERFLOW = constant('STATUS_BUFFER_OVERFLOW')
const TOO_SMALL = constant('STATUS_BUFFER_TOO_SMALL')

const setUp = () => {
  const output: string[] = []
  const guest = createGuest({ environment: { onOutput: (text) => void output.push(text) } })
  const strings = createStringBuffers(guest.machine.kernel)
  /** A counted string with a buffer of `bytes`, filled with '#'. */
  function string(text: string, unit: Unit, bytes = text.length * unit): number {
    const [counted, buffer] = [guest.memory(8), guest.memory(bytes)]
    guest.machine.kernel.space.fill(buffer, bytes, 0x23)
    strings.write(buffer, text, unit)
    strings.set(counted, text.length * unit, bytes, buffer)
    return counted
  }
  const raw = (counted: number): number[] => guest.bytes(strings.bufferOf(counted), strings.maximumOf(counted))
  return { guest, output, strings, string, raw, wide: (counted: number) => strings.counted(counted, 2) }
}

describe('ANSI to Unicode (DDI ndisansistringtounicodestring)', () => {
  test('into a buffer of the driver, with a terminator', () => {
    const { guest, string, raw, strings } = setUp()
    const to = string('', 2, 8)
    expect(guest.call('NdisAnsiStringToUnicodeString', to, string('aé', 1))).toBe(0)
    expect([strings.lengthOf(to), raw(to)]).toEqual([4, [0x61, 0, 0xe9, 0, 0, 0, 0x23, 0x23]])
    expect(guest.broken()).toEqual([])
  })
  test('which must have room for all of it', () => {
    const { guest, string, raw } = setUp()
    const to = string('', 2, 4)
    expect(guest.call('NdisAnsiStringToUnicodeString', to, string('ab', 1))).toBe(OVERFLOW)
    expect(raw(to)).toEqual([0x23, 0x23, 0x23, 0x23])
  })
})

describe('Unicode to ANSI (DDI ndisunicodestringtoansistring; WDM rtlunicodestringtoansistring)', () => {
  test.each(['NdisUnicodeStringToAnsiString', 'RtlUnicodeStringToAnsiString'])('%s', (name) => {
    const { guest, string, raw, strings } = setUp()
    const to = string('', 1, 5)
    expect(guest.call(name, to, string('aé\u4e2d', 2), 0)).toBe(0)
    expect([strings.lengthOf(to), raw(to)]).toEqual([3, [0x61, 0xe9, 0x3f, 0, 0x23]])
    const small = string('', 1, 2)
    expect(guest.call(name, small, string('abc', 2), 0)).toBe(OVERFLOW)
    expect([strings.lengthOf(small), raw(small)]).toEqual([1, [0x61, 0]])
    expect(guest.call(name, string('', 1, 0), string('abc', 2), 0)).toBe(OVERFLOW)
    expect(guest.broken()).toEqual([])
  })
  test('into a buffer that is allocated, which RtlFreeAnsiString frees', () => {
    const { guest, string, strings } = setUp()
    const to = guest.memory(8)
    expect(guest.call('RtlUnicodeStringToAnsiString', to, string('abc', 2), 1)).toBe(0)
    expect([strings.counted(to, 1), strings.maximumOf(to)]).toEqual(['abc', 4])
    const buffer = strings.bufferOf(to)
    guest.call('RtlFreeAnsiString', to)
    expect(guest.machine.kernel.pool.problem(buffer)?.kind).toBe('already freed')
    expect(guest.bytes(to, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    guest.call('RtlFreeAnsiString', to)
    expect(guest.broken()).toEqual([])
  })
})

describe('NdisUpcaseUnicodeString (DDI)', () => {
  test('one character becomes one character, also in place', () => {
    const { guest, string, wide } = setUp()
    const it = string('straße é', 2)
    expect(guest.call('NdisUpcaseUnicodeString', it, it)).toBe(0)
    expect(wide(it)).toBe('STRAßE É')
    expect(guest.call('NdisUpcaseUnicodeString', string('', 2, 14), it)).toBe(OVERFLOW)
    expect(guest.broken()).toEqual([])
  })
})

describe('copies (WDM rtlcopyunicodestring)', () => {
  test('as much as there is room for, and a terminator if there is', () => {
    const { guest, string, wide, raw } = setUp()
    const large = string('zz', 2, 8)
    guest.call('RtlCopyUnicodeString', large, string('ab', 2))
    expect(raw(large)).toEqual([0x61, 0, 0x62, 0, 0, 0, 0x23, 0x23])
    const small = string('', 2, 4)
    guest.call('RtlCopyUnicodeString', small, string('abc', 2))
    expect(wide(small)).toBe('ab')
    guest.call('RtlCopyUnicodeString', small, 0)
    expect(wide(small)).toBe('')
    expect(guest.broken()).toEqual([])
  })
})

describe('appending (WDM rtlappendunicodestringtostring, rtlappendunicodetostring)', () => {
  test('needs room for the text, not for a terminator', () => {
    const { guest, string, wide, strings } = setUp()
    const to = string('a', 2, 8)
    expect(guest.call('RtlAppendUnicodeStringToString', to, string('bc', 2))).toBe(0)
    expect(guest.call('RtlAppendUnicodeToString', to, 'd')).toBe(0)
    expect([wide(to), strings.lengthOf(to)]).toEqual(['abcd', 8])
    expect(guest.call('RtlAppendUnicodeToString', to, 'e')).toBe(TOO_SMALL)
    expect(guest.call('RtlAppendUnicodeStringToString', to, string('e', 2))).toBe(TOO_SMALL)
    expect(guest.call('RtlAppendUnicodeToString', to, 0)).toBe(0)
    expect(wide(to)).toBe('abcd')
    expect(guest.broken()).toEqual([])
  })
})

test('NdisPrintString prints a line', () => {
  const { guest, output, string } = setUp()
  guest.call('NdisPrintString', string('héllo', 2))
  expect(output).toEqual(['héllo\n'])
})

describe('strings whose buffers are not there', () => {
  test('are reported: a length that is too large, a maximum that is too large, a buffer that is freed', () => {
    const { guest, string, strings } = setUp()
    const source = string('ab', 2)
    strings.setLength(source, 6)
    guest.call('NdisEqualString', source, source, 0)
    const to = string('', 2, 4)
    strings.set(to, 0, 100, strings.bufferOf(to))
    guest.call('RtlCopyUnicodeString', to, string('abc', 2))
    const freed = string('abc', 2)
    guest.call('NdisFreeMemory', strings.bufferOf(freed), 0, 0)
    guest.call('NdisUpcaseUnicodeString', string('', 2, 8), freed)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun', 'DV:SpecialPoolUseAfterFree'])
    strings.set(to, 4, 4, 0)
    expect(guest.crash(() => guest.call('NdisPrintString', to)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
})
