import { expect, it } from 'vitest'
import { BLOCK_ROWS, RowWindow } from './row-window'

const rows = (from: number) => Array.from({ length: BLOCK_ROWS }, (_, index) => from + index)

it('asks for the blocks on screen only', () => {
  const window = new RowWindow<number>()
  expect(window.stale(0, 40)).toEqual([0])
  expect(window.stale(BLOCK_ROWS - 5, BLOCK_ROWS + 5)).toEqual([0, BLOCK_ROWS])
  window.set(0, rows(0), 100_000)
  expect(window.stale(0, 40)).toEqual([])
  expect([window.total, window.row(7), window.row(BLOCK_ROWS + 1)]).toEqual([100_000, 7, undefined])
})

it('keeps showing old rows until new ones are there', () => {
  const window = new RowWindow<number>()
  window.set(0, rows(0), 500)
  window.invalidate()
  expect(window.row(3)).toBe(3)
  expect(window.stale(0, 10)).toEqual([0])
  window.set(0, rows(1000), 500)
  expect([window.row(3), window.stale(0, 10)]).toEqual([1003, []])
})

it('forgets everything with a new run', () => {
  const window = new RowWindow<number>()
  window.set(0, rows(0), 500)
  window.clear()
  expect([window.total, window.row(3)]).toEqual([0, undefined])
})
