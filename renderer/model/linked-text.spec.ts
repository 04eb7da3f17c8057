import { expect, it } from 'vitest'
import { segments } from './linked-text'

it('finds addresses and source places in a line of output', () => {
  expect(segments('freed 0x00201A40 at driver.ts:42:7.')).toEqual([
    { kind: 'text', text: 'freed ' },
    { kind: 'address', text: '0x00201A40', address: 0x00201a40 },
    { kind: 'text', text: ' at ' },
    { kind: 'place', text: 'driver.ts:42:7', file: 'driver.ts', line: 42, column: 7 },
    { kind: 'text', text: '.' },
  ])
})

it('leaves status codes, physical addresses, small numbers and plain text alone', () => {
  const plain = 'status 0xC000009A, 0xC1 of 12, physical 0x40201A40'
  expect(segments(plain)).toEqual([{ kind: 'text', text: plain }])
  expect(segments('')).toEqual([])
})
