import { describe, expect, test } from 'vitest'
import type { NicTable, RegisterTable } from '../../src/shared/views'
import { bitRange, fieldText, groupKeys, registerTree, wordText } from './nic-registers'
import { flatten } from './tree'

const register = (name: string, offset: number, more: Partial<RegisterTable> = {}): RegisterTable => ({
  name,
  offset,
  access: 'RW',
  reset: 0,
  doc: '',
  group: 'General',
  ...more,
})
const SPEED = { name: 'SPEED', shift: 6, width: 2, doc: '', values: { 0: '10 Mb/s', 2: '1000 Mb/s' } }
const FIELDS = [{ name: 'FD', shift: 0, width: 1, doc: '' }, { name: 'LU', shift: 1, width: 1, doc: '' }, SPEED]
const TABLE: NicTable = {
  device: 'nic',
  title: '',
  source: '',
  registers: [
    register('STATUS', 8, { fields: FIELDS }),
    register('RAL', 0x5400, { group: 'Filters', count: 2, stride: 8 }),
    register('RAH', 0x5404, {
      group: 'Filters',
      count: 2,
      stride: 8,
      fields: [{ name: 'AV', shift: 31, width: 1, doc: '' }],
    }),
    register('GPRC', 0x4074, { group: 'Statistics', counter: { unit: 'frames' } }),
  ],
  rings: [],
}
const shown = (filter: string, open: readonly string[] = []): string[] => {
  const { nodes, found } = registerTree(TABLE, filter)
  return flatten(nodes, new Set([...groupKeys(TABLE), ...found, ...open])).map(
    ({ level, value }) => `${' '.repeat(level - 1)}${value.name}`,
  )
}

describe('the tree', () => {
  test('has groups, registers, arrays; counters are elsewhere', () => {
    expect(shown('')).toEqual(['General', ' STATUS', 'Filters', ' RAL[2]', ' RAH[2]'])
  })
  test('opens to elements and bits', () => {
    expect(shown('rah', ['RAH', 'RAH[1]'])).toEqual(['Filters', ' RAH[2]', '  RAH[0]', '  RAH[1]', '   AV'])
    const rows = flatten(registerTree(TABLE, '').nodes, new Set([...groupKeys(TABLE), 'RAH']))
    const places = rows.flatMap(({ value }) => (value.kind === 'register' ? [value.offset] : []))
    expect(places).toEqual([8, 0x5404, 0x540c])
  })
  test('is filtered by name, offset, group, and by bits, which it then shows', () => {
    expect(shown('stat')).toEqual(['General', ' STATUS'])
    expect(shown('0x5404')).toEqual(['Filters', ' RAH[2]'])
    expect(shown('filters')).toEqual(['Filters', ' RAL[2]', ' RAH[2]'])
    expect(shown('lu')).toEqual(['General', ' STATUS', '  FD', '  LU', '  SPEED'])
    expect(shown('l')).toEqual(['General', ' STATUS', 'Filters', ' RAL[2]', ' RAH[2]'])
    expect(shown('nothing')).toEqual([])
  })
})

describe('a word', () => {
  test('is told by its bits', () => {
    expect(wordText(FIELDS, 0x83)).toBe('FD  LU  SPEED=1000 Mb/s')
    expect(wordText(FIELDS, 0)).toBe('SPEED=10 Mb/s')
    expect(wordText(FIELDS, 0x40)).toBe('SPEED=1')
    expect(wordText([{ name: 'BASE', shift: 4, width: 28, doc: '' }], 0x4020_0310)).toBe('')
  })
  test('has fields with names, small numbers and large ones', () => {
    const count = { name: 'N', shift: 4, width: 28, doc: '' }
    expect(fieldText(SPEED, 0x80)).toBe('1000 Mb/s')
    expect(fieldText(count, 0x90)).toBe('9')
    expect(fieldText(count, 0xffff_fff0)).toBe('0xFFFFFFF')
    expect([bitRange(SPEED), bitRange(FIELDS[0]!)]).toEqual(['7:6', '0'])
  })
})
