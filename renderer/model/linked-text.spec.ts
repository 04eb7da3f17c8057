import { expect, it } from 'vitest'
import { segments } from './linked-text'

it('finds addresses and source places in a line of output', () => {
  expect(segments('freed 0x80001A40 at driver.ts:42:7.')).toEqual([
    { kind: 'text', text: 'freed ' },
    { kind: 'address', text: '0x80001A40', address: 0x80001a40 },
    { kind: 'text', text: ' at ' },
    { kind: 'place', text: 'driver.ts:42:7', file: 'driver.ts', line: 42, column: 7 },
    { kind: 'text', text: '.' },
  ])
})

it('leaves status codes that are too long or short, and plain text, alone', () => {
  expect(segments('status 0xC1 of 12')).toEqual([{ kind: 'text', text: 'status 0xC1 of 12' }])
  expect(segments('')).toEqual([])
})
