import { afterEach, expect, it } from 'vitest'
import { forget, hashInputs, isFresh, remember } from './stamps.mjs'

const TARGET = 'spec-of-the-stamps'
afterEach(() => forget(TARGET))

it('a hash stands for names and contents, and not for specs', () => {
  const files = ['scripts/setup.mjs', 'scripts/stamps.mjs']
  expect(hashInputs(files)).toBe(hashInputs(files))
  expect(hashInputs(files)).not.toBe(hashInputs(files.slice(1)))
  expect(hashInputs([...files, 'scripts/stamps.spec.ts'])).toBe(hashInputs(files))
  expect(hashInputs([...files, 'no-such-file'])).toBe(hashInputs(files))
})

it('a target is fresh when its hash is the one remembered and its results are there', () => {
  expect(isFresh(TARGET, 'hash', ['package.json'])).toBe(false)
  remember(TARGET, 'hash')
  expect(isFresh(TARGET, 'hash', ['package.json'])).toBe(true)
  expect(isFresh(TARGET, 'other', ['package.json'])).toBe(false)
  expect(isFresh(TARGET, 'hash', ['package.json', 'no-such-result'])).toBe(false)
  forget(TARGET)
  expect(isFresh(TARGET, 'hash', ['package.json'])).toBe(false)
})
