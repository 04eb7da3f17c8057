import { expect, it } from 'vitest'
import { fieldAt, fieldIndexAt, fieldNodes } from './struct-fields'
import { flatten } from './tree'

const leaf = (path: string, offset: number, size: number) => ({
  name: path,
  path,
  offset,
  size,
  ctype: 'UINT',
  value: '0',
})
const fields = [
  { ...leaf('Private', 0, 32), children: [leaf('Private.Head', 8, 4), leaf('Private.Tail', 12, 4)] },
  leaf('Reserved', 40, 16),
]

it('finds the innermost field of a byte, and nothing in padding', () => {
  expect(fieldAt(fields, 13).map((field) => field.path)).toEqual(['Private', 'Private.Tail'])
  expect(fieldAt(fields, 0).map((field) => field.path)).toEqual(['Private'])
  expect(fieldAt(fields, 36)).toEqual([])
  expect([fieldIndexAt(fields, 13), fieldIndexAt(fields, 41), fieldIndexAt(fields, 36)]).toEqual([0, 1, -1])
})

it('shows nested fields as a tree', () => {
  expect(flatten(fieldNodes(fields), new Set(['Private'])).map((row) => row.key)).toEqual([
    'Private',
    'Private.Head',
    'Private.Tail',
    'Reserved',
  ])
})
