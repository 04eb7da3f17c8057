import { describe, expect, it } from 'vitest'
import { filtersOn, restoreSwitches } from './exception-switches'

const on = (switches: unknown, list?: unknown) => filtersOn(restoreSwitches(switches, list))

describe('what stops the driver, as it was left', () => {
  it('is everything where nothing was left', () => {
    expect(on(undefined)).toEqual(['breaks', 'violations', 'bugchecks', 'uncaught', 'faults'])
  })
  it('stays as it was', () => {
    const left = { breaks: false, violations: true, bugchecks: false, uncaught: true, faults: false }
    expect(restoreSwitches(left, undefined)).toEqual(left)
  })
  it('has a new filter as the debugger has it by default', () => {
    expect(on({ violations: false, bugchecks: false, uncaught: true })).toEqual(['breaks', 'uncaught', 'faults'])
    expect(on({ breaks: false })).toEqual(['bugchecks', 'faults'])
  })
  it('understands the list of older versions, in which a new filter is not off', () => {
    expect(on(undefined, ['bugchecks'])).toEqual(['breaks', 'bugchecks', 'faults'])
    expect(on(undefined, [])).toEqual(['breaks', 'faults'])
    expect(on({ breaks: false, violations: true, faults: false }, ['uncaught'])).toEqual(['violations', 'bugchecks'])
  })
  it('takes nothing that is no switch', () => {
    expect(restoreSwitches({ breaks: 'yes', nobody: true }, undefined)).toEqual({
      breaks: true,
      violations: false,
      bugchecks: true,
      uncaught: false,
      faults: true,
    })
    expect(on(7, 'bugchecks')).toEqual(['breaks', 'violations', 'bugchecks', 'uncaught', 'faults'])
  })
})
