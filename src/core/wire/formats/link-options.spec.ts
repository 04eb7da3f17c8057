import { expect, test } from 'vitest'
import { linkProblem, PERFECT_LINK } from './link-options'

test('what a link can have is no problem', () => {
  for (const options of [{}, PERFECT_LINK, { loss: 1, corrupt: 0.5, cable: false }, { speed: 10, delayNs: 4e9 }])
    expect(linkProblem(options)).toBeUndefined()
})
test('what it cannot have is named, with what it can', () => {
  expect(linkProblem({ speed: 2500 })).toBe('a link has a speed of 10, 100, 1000 megabits a second, not 2500')
  expect(linkProblem({ delayNs: -1 })).toMatch(/0 to 4000000000 whole nanoseconds, not -1/)
  expect(linkProblem({ delayNs: 0.5 })).toMatch(/whole nanoseconds, not 0.5/)
  expect(linkProblem({ loss: 0, reorder: 1.01 })).toBe('reorder is a share of all frames, 0 to 1, not 1.01')
  expect(linkProblem({ duplicate: Number.NaN })).toMatch(/duplicate is a share/)
  expect(linkProblem({ cable: 'out' })).toBe('cable is true (plugged in) or false (pulled), not out')
})
