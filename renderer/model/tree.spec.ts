import { describe, expect, it } from 'vitest'
import { flatten, treeMove } from './tree'

const forest = [
  {
    key: 'a',
    value: 'A',
    children: [
      { key: 'a1', value: 'A1' },
      { key: 'a2', value: 'A2', children: [] },
    ],
  },
  { key: 'b', value: 'B' },
]

describe('flatten', () => {
  it('shows children of open nodes only', () => {
    expect(flatten(forest, new Set()).map((row) => row.key)).toEqual(['a', 'b'])
    expect(flatten(forest, new Set(['a'])).map((row) => row.key)).toEqual(['a', 'a1', 'a2', 'b'])
  })
  it('knows level, place and parent for ARIA', () => {
    expect(flatten(forest, new Set(['a']))[2]).toMatchObject({
      level: 2,
      position: 2,
      siblings: 2,
      parent: 'a',
      expandable: true,
      expanded: false,
    })
  })
})

describe('arrow keys', () => {
  const rows = flatten(forest, new Set(['a']))
  it('open, enter, leave and close as trees do', () => {
    expect(treeMove(rows, 'a2', 'ArrowRight')).toEqual({ expand: 'a2' })
    expect(treeMove(rows, 'a', 'ArrowRight')).toEqual({ focus: 'a1' })
    expect(treeMove(rows, 'a1', 'ArrowLeft')).toEqual({ focus: 'a' })
    expect(treeMove(rows, 'a', 'ArrowLeft')).toEqual({ collapse: 'a' })
    expect(treeMove(rows, 'b', 'ArrowRight')).toBeUndefined()
  })
  it('stop at both ends and start at the first row', () => {
    expect(treeMove(rows, 'b', 'ArrowDown')).toEqual({ focus: 'b' })
    expect(treeMove(rows, undefined, 'ArrowDown')).toEqual({ focus: 'a' })
    expect(treeMove([], undefined, 'ArrowDown')).toBeUndefined()
  })
})
