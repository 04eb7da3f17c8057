import { describe, expect, test } from 'vitest'
import { authorColumn, inOwnStatements } from './columns'
import type { Insertion } from './engine'

/** `abcdef` loaded as `HEAD;abIF;S,cdef`: statements in front of the line and of c, a call mark at c. */
const LINE: readonly Insertion[] = [
  { line: 1, column: 0, length: 5, statements: true },
  { line: 1, column: 2, length: 3, statements: true },
  { line: 1, column: 2, length: 2 },
]

describe('columns of the loaded text', () => {
  test.each([
    ['within the head', 3, 0, true],
    ['a', 5, 0, false],
    ['within the statement in front of c', 8, 2, true],
    ['the mark of the call at c', 10, 2, false],
    ['c', 12, 2, false],
    ['d', 13, 3, false],
  ])('%s: column %i is the author column %i', (_what, loaded, author, ours) => {
    expect(authorColumn(LINE, 1, loaded)).toBe(author)
    expect(inOwnStatements(LINE, 1, loaded)).toBe(ours)
  })
  test('other lines are as they were', () => {
    expect(authorColumn(LINE, 2, 7)).toBe(7)
    expect(inOwnStatements(LINE, 2, 0)).toBe(false)
  })
})
