import { expect, test } from 'vitest'
import type { NicTable, RegisterTable } from '../../src/shared/views'
import { countersOf, counterValue } from './nic-counters'

const register = (name: string, offset: number, counter?: RegisterTable['counter']): RegisterTable => ({
  name,
  offset,
  access: 'RC',
  reset: 0,
  doc: `what ${name} counts`,
  group: 'Statistics',
  ...(counter && { counter }),
})
const TABLE: NicTable = {
  device: 'nic',
  title: '',
  source: '',
  registers: [
    register('CTRL', 0),
    register('GPRC', 0x4074, { unit: 'frames' }),
    register('GORCL', 0x4088, { unit: 'bytes', high: 'GORCH' }),
    register('GORCH', 0x408c, { unit: 'bytes' }),
  ],
  rings: [],
}
const [frames, octets] = countersOf(TABLE)

test('two words of one counter are one row', () => {
  expect(countersOf(TABLE).map(({ name, unit, offsets }) => ({ name, unit, offsets }))).toEqual([
    { name: 'GPRC', unit: 'frames', offsets: [0x4074] },
    { name: 'GORCL', unit: 'bytes', offsets: [0x4088, 0x408c] },
  ])
})
test('values need all their words', () => {
  const words = new Map([
    [0x4074, 7],
    [0x4088, 5],
  ])
  expect(counterValue(frames!, (offset) => words.get(offset))).toBe(7)
  expect(counterValue(octets!, (offset) => words.get(offset))).toBeUndefined()
  words.set(0x408c, 2)
  expect(counterValue(octets!, (offset) => words.get(offset))).toBe(2 * 2 ** 32 + 5)
})
