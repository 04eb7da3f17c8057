import { expect, it } from 'vitest'
import { fileTree } from './file-tree'
import { flatten } from './tree'

it('puts folders first and sorts numbers as numbers', () => {
  const tree = fileTree([
    { path: 'b10.ts', kind: 'file' },
    { path: 'b9.ts', kind: 'file' },
    { path: 'lib/pool.ts', kind: 'file' },
    { path: 'empty', kind: 'folder' },
  ])
  const rows = flatten(tree, new Set(['lib']))
  expect(rows.map((row) => [row.level, row.value.name, row.expandable])).toEqual([
    [1, 'empty', true],
    [1, 'lib', true],
    [2, 'pool.ts', false],
    [1, 'b9.ts', false],
    [1, 'b10.ts', false],
  ])
})
