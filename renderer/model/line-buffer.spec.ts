import { expect, it } from 'vitest'
import { LineBuffer } from './line-buffer'

it('keeps the newest lines and counts the rest', () => {
  const buffer = new LineBuffer<number>(3)
  for (let line = 1; line <= 8; line += 1) buffer.push(line)
  expect([buffer.length, buffer.dropped, buffer.at(0), buffer.at(2), buffer.at(3)]).toEqual([3, 5, 6, 8, undefined])
  expect(buffer.filter((line) => line % 2 === 0)).toEqual([6, 8])
  buffer.clear()
  expect([buffer.length, buffer.dropped]).toEqual([0, 0])
})
