import { expect, test } from 'vitest'
import { PERFECT_LINK } from '../../src/core/wire/formats/link-options'
import { chosenSpeed, shown, typed } from './link-fields'

test('delays are microseconds, shares per cent', () => {
  expect(shown('delayNs', PERFECT_LINK)).toBe('0.5')
  expect(shown('loss', { ...PERFECT_LINK, loss: 0.015 })).toBe('1.5')
  expect(shown('corrupt', { ...PERFECT_LINK, corrupt: 0.000_001 })).toBe('0.0001')
})
test('what was typed is a change, to the nanosecond and to the millionth', () => {
  expect(typed('delayNs', '2.5')).toEqual({ delayNs: 2500 })
  expect(typed('delayNs', '0.0004')).toEqual({ delayNs: 0 })
  expect(typed('loss', '7')).toEqual({ loss: 0.07 })
  expect(typed('reorder', '100')).toEqual({ reorder: 1 })
  for (const name of ['delayNs', 'loss'] as const) {
    const [[, value]] = Object.entries(typed(name, '3')!) as [[string, number]]
    expect(shown(name, { ...PERFECT_LINK, [name]: value })).toBe('3')
  }
})
test('what a link cannot have is no change', () => {
  for (const text of ['', ' ', 'x', '-1', '100.1', 'NaN', 'Infinity']) expect(typed('loss', text)).toBeUndefined()
  expect(typed('delayNs', '4000001')).toBeUndefined()
  expect([chosenSpeed('100'), chosenSpeed('2500')]).toEqual([{ speed: 100 }, undefined])
})
