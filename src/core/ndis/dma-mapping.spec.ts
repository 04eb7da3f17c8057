import { expect, test } from 'vitest'
import { createDmaMappings } from './dma-mapping'

test('a range is mapped while one mapping holds all of it', () => {
  const { open, close, reach } = createDmaMappings()
  const mapping = open([{ start: 100, end: 200 }, { start: 200, end: 300 }, { start: 400, end: 500 }], 'both') // prettier-ignore
  expect(reach(100, 200, 'read')).toBe('mapped')
  expect(reach(150, 100, 'write')).toBe('mapped')
  expect(reach(499, 1, 'read')).toBe('mapped')
  expect(reach(299, 2, 'read')).toBe('not mapped')
  expect(reach(99, 2, 'read')).toBe('not mapped')
  open([{ start: 300, end: 400 }], 'both')
  expect(reach(299, 2, 'read')).toBe('not mapped')
  close(mapping)
  expect(reach(100, 1, 'read')).toBe('not mapped')
})
test('what is sent is read, what is received is written', () => {
  const { open, reach } = createDmaMappings()
  open([{ start: 100, end: 200 }], 'read')
  expect([reach(100, 1, 'read'), reach(100, 1, 'write')]).toEqual(['mapped', 'mapped the other way'])
  open([{ start: 100, end: 150 }], 'write')
  expect([reach(100, 1, 'write'), reach(150, 1, 'write')]).toEqual(['mapped', 'mapped the other way'])
})
