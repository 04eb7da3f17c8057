import { expect, test } from 'vitest'
import { checkLinkChange } from './hardware'

test('a change of a link is what a link can be', () => {
  for (const change of [{}, { cable: false }, { speed: 10, loss: 1, delayNs: 4e9 }])
    expect(checkLinkChange(change)).toBe(change)
})
test('what it cannot be is named, with what it can', () => {
  expect(() => checkLinkChange({ speed: 2500 })).toThrow('change.speed takes megabits a second: 10, 100, 1000')
  expect(() => checkLinkChange({ loss: 1.01 })).toThrow('change.loss takes a share of the frames from 0 to 1')
  expect(() => checkLinkChange({ cable: 'out' })).toThrow('change.cable takes true (plugged in) or false (pulled)')
  expect(() => checkLinkChange({ pulls: [] })).toThrow(/^change takes speed, delayNs, .*, cable$/)
  expect(() => checkLinkChange(7)).toThrow(/^change takes/)
})
