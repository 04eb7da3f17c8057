import { describe, expect, test } from 'vitest'
import { arc, onCircle, stretches, stripShape, tailLetter, tally } from './ring-shape'

test('neighbours of one owner are one stretch', () => {
  expect(stretches('hh.ddeh')).toEqual([
    { owner: 'h', from: 0, count: 2 },
    { owner: '.', from: 2, count: 1 },
    { owner: 'd', from: 3, count: 2 },
    { owner: 'e', from: 5, count: 1 },
    { owner: 'h', from: 6, count: 1 },
  ])
  expect(stretches('')).toEqual([])
})
test('owners are counted', () => {
  expect(tally('hh.ddeh')).toEqual({ h: 3, d: 2, e: 1, '.': 1 })
})

describe('on the circle', () => {
  test('descriptor 0 is at the top, the quarter is at the right', () => {
    const top = onCircle(0, 8, 10)
    expect([Math.round(top.x), Math.round(top.y)]).toEqual([0, -10])
    const right = onCircle(2, 8, 10)
    expect([Math.round(right.x), Math.round(right.y)]).toEqual([10, 0])
  })
  test('the letters of head and tail keep apart', () => {
    expect(tailLetter(10, 40, 100)).toBe(40)
    expect(tailLetter(10, 12, 100)).toBe(19)
    expect(tailLetter(10, 8, 100)).toBe(1)
    expect(tailLetter(99, 1, 100)).toBe(108)
  })
  test('less than half is the short way, more is the long way, all of it is drawn too', () => {
    expect(arc({ from: 0, count: 2 }, 8, 10)).toBe('M0.000 -10.000A10 10 0 0 1 10.000 0.000')
    expect(arc({ from: 0, count: 6 }, 8, 10)).toContain('A10 10 0 1 1 -10.000')
    const whole = arc({ from: 0, count: 8 }, 8, 10)
    expect(whole).toMatch(/^M0\.000 -10\.000A10 10 0 1 1 -0\.0\d+ -10\.000$/)
  })
})

describe('cells', () => {
  test('are as large as they fit, in rows of a power of two', () => {
    expect(stripShape(32, 600, 200)).toEqual({ cell: 34, perRow: 16, numbered: true })
    expect(stripShape(8, 600, 200)).toEqual({ cell: 34, perRow: 8, numbered: true })
    expect(stripShape(128, 600, 180)).toEqual({ cell: 22, perRow: 16, numbered: false })
    expect(stripShape(256, 600, 180)).toEqual({ cell: 18, perRow: 32, numbered: false })
  })
  test('stay large enough to be hit when they do not fit', () => {
    expect(stripShape(4096, 600, 180)).toEqual({ cell: 17, perRow: 32, numbered: false })
    expect(stripShape(4096, 0, 0)).toEqual({ cell: 17, perRow: 1, numbered: false })
    expect(stripShape(0, 600, 180).perRow).toBe(1)
  })
})
