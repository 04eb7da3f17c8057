import { expect, test } from 'vitest'
import { registerAt, tableFaults, type NicTable, type RingTable } from './register-table'

const RING: RingTable = {
  name: 'Transmit',
  direction: 'transmit',
  doc: '',
  baseLow: 'BASE',
  length: { register: 'LENGTH', unit: 'bytes' },
  head: 'HEAD',
  tail: 'TAIL',
  descriptorBytes: 8,
  done: { offset: 4, mask: 1, value: 1 },
  layouts: [
    {
      name: 'legacy',
      doc: '',
      fields: [
        { name: 'Address', offset: 0, width: 32, doc: '', role: 'address' },
        { name: 'Status', offset: 4, width: 4, doc: '', bits: [{ name: 'DD', shift: 0, width: 1, doc: '' }] },
        { name: 'Length', offset: 4, shift: 4, width: 28, doc: '', role: 'length' },
      ],
    },
  ],
}
const plain = (name: string, offset: number) => ({ name, offset, access: 'RW', reset: 0, doc: '', group: '' }) as const
const TABLE: NicTable = {
  device: 'made up',
  title: '',
  source: '',
  registers: [
    plain('BASE', 0),
    plain('LENGTH', 4),
    plain('HEAD', 8),
    plain('TAIL', 12),
    { ...plain('LOW', 0x20), count: 4, stride: 8 },
    { ...plain('HIGH', 0x24), count: 4, stride: 8 },
  ],
  rings: [RING],
}

test('names the register at an offset, elements of arrays with their index', () => {
  const at = (offset: number) => registerAt(TABLE.registers, offset)
  expect([0, 2, 0x20, 0x24, 0x38, 0x3f, 0x40, 0x10].map(at)).toEqual([
    'BASE',
    'BASE',
    'LOW[0]',
    'HIGH[0]',
    'LOW[3]',
    'HIGH[3]',
    undefined,
    undefined,
  ])
})
test('a table that holds together has no faults', () => {
  expect(tableFaults(TABLE)).toEqual([])
})
test('what lies on something else or does not fit is said by name', () => {
  const registers = [
    ...TABLE.registers,
    { ...plain('EXTRA', 0x28), fields: [{ name: 'X', shift: 31, width: 2, doc: '' }] },
  ]
  const layouts = [
    {
      ...RING.layouts[0]!,
      fields: [
        { name: 'A', offset: 0, width: 64, doc: '' },
        { name: 'B', offset: 7, shift: 4, width: 8, doc: '' },
      ],
    },
  ]
  expect(tableFaults({ ...TABLE, registers, rings: [{ ...RING, head: 'HERE', layouts }] })).toEqual([
    'EXTRA lies on LOW at 0x28',
    'EXTRA.X does not fit into 32 bits',
    'Transmit: there is no register HERE',
    'Transmit, legacy: A shares bits with another field',
    'Transmit, legacy: B does not fit into the descriptor',
    'Transmit, legacy: B shares bits with another field',
  ])
})
