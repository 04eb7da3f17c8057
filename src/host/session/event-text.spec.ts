import { expect, test } from 'vitest'
import { EVENT_PHASE } from '../../shared/rings'
import { eventText, type ApiEntryRow } from './event-text'

const record = (phase: number, ...values: number[]): Int32Array => Int32Array.of(7 | (phase << 26), 1, 2, 0, ...values)
const entry = (returns: string, ...params: [string, string, ('in' | 'out')?][]): ApiEntryRow => ({
  name: 'NdisX',
  returns,
  params: params.map(([type, name, direction = 'in']) => ({ type, name, direction })),
})

test('arguments have their names, out parameters what they were set to', () => {
  const allocate = entry(
    'VOID',
    ['PNDIS_STATUS', 'Status', 'out'],
    ['PNDIS_PACKET *', 'Packet', 'out'],
    ['NDIS_HANDLE', 'PoolHandle'],
  )
  const words = record(EVENT_PHASE.CALL, 0, 0x2000b0, 0x200030, 0)
  expect(eventText(words, allocate)).toBe('(Status=0, Packet=0x2000b0, PoolHandle=0x200030)')
})
test('a result follows, and more parameters than a record has room for are hinted at', () => {
  const many = entry('NDIS_STATUS', ['ULONG', 'A'], ['ULONG', 'B'], ['ULONG', 'C'], ['ULONG', 'D'])
  expect(eventText(record(EVENT_PHASE.CALL, 1, 70000, 3, 0xc000009a | 0), many)).toBe(
    '(A=1, B=0x11170, C=3, …) = 0xc000009a',
  )
  expect(eventText(record(EVENT_PHASE.ENTER, 1, 2, 3, 4), many)).toBe('(A=1, B=2, C=3, D=4)')
  expect(eventText(record(EVENT_PHASE.RETURN, 1, 2, 3, 0), many)).toBe('returned (A=1, B=2, C=3, …) = 0')
})
