import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createMachine } from '../machine'
import { IRQL_FAMILY } from './irql'
import { anyRuleOn, levelsOf, type RuleLevels } from './levels'
import { LOCK_ANALYSIS } from './lock-analysis'
import { RULES } from './rules/index'
import { WAIT_FAMILY } from './waits'

const off = (rules: readonly string[]): RuleLevels => Object.fromEntries(rules.map((name) => [name, 'off' as const]))
const families = (levels: RuleLevels): number => createMachine({ log: false, levels }).rules.length

test('a rule has its own level, and none says log', () => {
  const levelOf = levelsOf({ SpinLock: 'off' })
  expect(['SpinLock', 'DV:DoubleFree', 'SpinLockBalanced'].map(levelOf)).toEqual(['off', 'break', 'log'])
})

test('with all rules off there is nothing to check', () => {
  expect(anyRuleOn(levelsOf(off([...RULES.keys()])))).toBe(false)
  expect(families(off([...RULES.keys()]))).toBe(0)
})

/** What lists the rules of a family is written by hand, because a run cannot read its source: so this does. */
describe.each([
  ['lock analysis', LOCK_ANALYSIS, /^lock-.*(?<!\.spec)\.ts$/],
  ['IRQL', IRQL_FAMILY, /^irql\.ts$/],
  ['waits', WAIT_FAMILY, /^waits\.ts$/],
] as const)('the family of %s', (_what, rules, file) => {
  test('lists all rules that its files name', () => {
    const texts = readdirSync(import.meta.dirname).filter((name) => file.test(name))
    const named = texts.flatMap(
      (name) => readFileSync(path.join(import.meta.dirname, name), 'utf8').match(/'[\w:]+'/g) ?? [],
    )
    const found = new Set(named.map((text) => text.slice(1, -1)).filter((name) => RULES.has(name)))
    expect([...found].sort()).toEqual([...rules].sort())
  })
  test('is not there when they are all off, and is when one is on', () => {
    const all = families({})
    expect(families(off(rules))).toBeLessThan(all)
    expect(families(off(rules.slice(1)))).toBe(all)
  })
})
