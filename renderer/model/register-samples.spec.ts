import { expect, test } from 'vitest'
import { RegisterSamples } from './register-samples'

test('a word has changed when the look before saw another one', () => {
  const samples = new RegisterSamples()
  samples.look([0, 4], [1, 2])
  expect([samples.word(0), samples.word(4), samples.word(8)]).toEqual([1, 2, undefined])
  expect(samples.before(0)).toBeUndefined()
  samples.look([0, 4], [1, 3])
  expect([samples.before(0), samples.before(4)]).toEqual([undefined, 2])
  samples.look([0, 8], [5, 9])
  expect([samples.before(0), samples.before(4), samples.before(8)]).toEqual([1, undefined, undefined])
  expect(samples.word(4)).toBe(3)
})

test('at a stop it has changed when it was another one at the stop before, whatever was seen in between', () => {
  const samples = new RegisterSamples()
  samples.stop([0, 4], [1, 2], false)
  expect(samples.before(4)).toBeUndefined()
  samples.look([0], [7])
  samples.look([0], [1])
  samples.stop([0, 4], [1, 3], false)
  expect([samples.before(0), samples.before(4)]).toEqual([undefined, 2])
})

test('looking twice at one stop does not forget what changed', () => {
  const samples = new RegisterSamples()
  samples.stop([0], [1], false)
  samples.stop([0], [2], false)
  samples.stop([0], [2], true)
  expect(samples.before(0)).toBe(1)
  samples.stop([0], [3], false)
  expect(samples.before(0)).toBe(2)
})
