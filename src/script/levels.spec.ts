import { describe, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG, NO_STOPS, type ExceptionFilters } from '../shared/engine'
import type { RuleLevels } from '../shared/rule-levels'
import { Engine } from './engine'
import { tables } from './tables'
import { driverOf, runScript } from './test-driver'

const NAMES = 'NdisAllocateMemoryWithTag, NdisFreeMemory, KeGetCurrentIrql, NdisMSleep, KeRaiseIrql, KeLowerIrql, out'
const ALLOCATE = `const p = out(0); NdisAllocateMemoryWithTag(p, 16, 0x31676154)`
/** DV:DoubleFree, at one place, three times. */
const DOUBLE_FREE = driverOf(
  NAMES,
  `${ALLOCATE}; NdisFreeMemory(p.value, 16, 0)\nfor (let i = 0; i < 3; i++) NdisFreeMemory(p.value, 16, 0)`,
)
const LEAK = driverOf(NAMES, ALLOCATE)
const WRONG_IRQL = driverOf(NAMES, `const old = out(0); KeRaiseIrql(2, old)\nNdisMSleep(1)\nKeLowerIrql(old.value)`)

describe('the level of a rule', () => {
  test('as it is reports once for a place, with a count', () => {
    const { outcome, broken, violations } = runScript(DOUBLE_FREE)
    expect({ outcome, broken }).toEqual({ outcome: 'violations', broken: 3 })
    expect(violations.map(({ rule, line, count }) => `${rule} ${line} ${count}`)).toEqual(['DV:DoubleFree 4 3'])
  })

  test('off reports nothing and counts nothing', () => {
    const levels = { 'DV:DoubleFree': 'off' } as const
    expect(runScript(DOUBLE_FREE, { levels })).toMatchObject({ outcome: 'clean', broken: 0, violations: [] })
  })

  test('is taken for all names that a pattern fits; the later one of two holds', () => {
    const off = { 'DV:*': 'off' } as const
    expect(runScript(LEAK, { levels: off })).toMatchObject({ outcome: 'clean', leaks: [] })
    const { leaks, violations } = runScript(LEAK, { levels: { ...off, 'DV:Leak*': 'log' } })
    expect(leaks).toHaveLength(1)
    expect(violations.map(({ rule }) => rule)).toEqual(['DV:LeakAtUnload'])
  })

  test('off for a rule about the IRQL of a call takes the check out of the binding', () => {
    const rules = runScript(WRONG_IRQL).violations.map(({ rule }) => rule)
    expect(rules[0]).toMatch(/^Irql/)
    const levels = Object.fromEntries([...rules, 'DV:WaitAtDispatch'].map((rule) => [rule, 'off'] as const))
    expect(runScript(WRONG_IRQL, { levels }).violations).toEqual([])
  })

  test('off for all rules is as good as no rules', () => {
    expect(runScript(DOUBLE_FREE, { levels: { '*': 'off' } }).violations).toEqual([])
  })

  test('of a rule that there is not is refused, with what may have been meant', () => {
    const run = (name: string) => () => runScript(LEAK, { levels: { [name]: 'off' } })
    expect(run('SpinLok')).toThrow("there is no rule 'SpinLok'; did you mean SpinLock?")
    expect(run('DubleFree')).toThrow("there is no rule 'DubleFree'; did you mean DV:DoubleFree?")
    expect(run('Qwertyuiop*')).toThrow("there is no rule 'Qwertyuiop*'; docs/rules.md lists them all")
  })
})

describe('a broken rule stops the machine', () => {
  /** Without a debugger nothing stops; the reason tells that it would have. */
  const stops = (filters: Partial<ExceptionFilters>, levels: RuleLevels = {}): boolean => {
    const engine = new Engine({
      config: { ...DEFAULT_RUN_CONFIG, levels },
      files: { 'driver.ts': DOUBLE_FREE },
      entry: 'driver.ts',
      tables,
      exceptionFilters: { ...NO_STOPS, ...filters },
    })
    engine.run()
    return engine.stopReason().kind === 'violation'
  }
  test('when its level is break and that filter is on', () => {
    expect(stops({ breaks: true })).toBe(true)
    expect(stops({ breaks: true }, { 'DV:DoubleFree': 'log' })).toBe(false)
    expect(stops({})).toBe(false)
  })
  test('when the filter of violations names it, or all of them', () => {
    expect(stops({ violations: ['*'] })).toBe(true)
    expect(stops({ violations: ['SpinLock', 'DV:Double*'] })).toBe(true)
    expect(stops({ violations: ['SpinLock'] })).toBe(false)
  })
})
