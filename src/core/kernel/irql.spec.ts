import { expect, test } from 'vitest'
import { irqlWords } from './irql'

test.each([
  ['PASSIVE_LEVEL', 'at PASSIVE_LEVEL'],
  ['<DISPATCH_LEVEL', 'below DISPATCH_LEVEL'],
  ['<=DISPATCH_LEVEL', 'at DISPATCH_LEVEL or below'],
  ['>=DISPATCH_LEVEL', 'at DISPATCH_LEVEL or above'],
  ['any', 'at any IRQL'],
  [null, 'at any IRQL'],
] as const)('%s reads "%s"', (range, words) => {
  expect(irqlWords(range)).toBe(words)
})
