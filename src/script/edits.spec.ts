import { describe, expect, test } from 'vitest'
import { authorColumn } from '../shared/columns'
import { Edits } from './edits'

describe('edits', () => {
  test('insert in front of a character, in the order they came, and say where', () => {
    const edits = new Edits('ab\ncd')
    edits.insert(1, 'XX')
    edits.insert(4, 'Y')
    edits.insert(4, 'Z')
    edits.insertFirst(4, '!')
    expect(edits.apply()).toEqual({
      code: 'aXXb\nc!YZd',
      insertions: [
        { line: 1, column: 1, length: 2 },
        { line: 2, column: 1, length: 1 },
        { line: 2, column: 1, length: 1 },
        { line: 2, column: 1, length: 1 },
      ],
    })
  })

  test('blank keeps line ends, so that lines stay where they are', () => {
    const edits = new Edits('one\ntwo\r\nthree')
    edits.blank(1, 10, 'N')
    expect(edits.apply().code).toBe('oN \n   \r\n hree')
  })

  test('an insertion may not add a line', () => {
    expect(() => new Edits('').insert(0, '\n')).toThrow('line')
  })
})

describe('authorColumn', () => {
  const insertions = [
    { line: 1, column: 4, length: 10 },
    { line: 1, column: 8, length: 1 },
    { line: 2, column: 0, length: 3 },
  ]
  test.each([
    [1, 3, 3],
    [1, 4, 4],
    [1, 13, 4],
    [1, 14, 4],
    [1, 17, 7],
    [1, 18, 8],
    [1, 19, 8],
    [2, 3, 0],
    [3, 9, 9],
  ])('line %i, column %i of the loaded text is column %i of the author', (line, column, expected) => {
    expect(authorColumn(insertions, line, column)).toBe(expected)
  })
})
