/** Levels of rules, as a run configuration or a configuration file says them: by names, or patterns (rule-names.ts). */
import { z } from 'zod'
import type { RuleLevels } from '../core/verifier/levels'
import type { RuleLevel } from '../core/verifier/rules/types'
import { ruleMatcher } from './rule-names'

export type { RuleLevel, RuleLevels }

/** What each level is, for people. */
export const LEVELS: Readonly<Record<RuleLevel, string>> = {
  off: 'not checked, not reported, not counted',
  log: 'reported',
  break: 'reported, and the machine stops there in a debug session',
}
export const LEVEL_NAMES = Object.keys(LEVELS) as readonly RuleLevel[]
export const LEVELS_TAKE = LEVEL_NAMES.map((name) => `"${name}"`).join(', ')

const level = z.enum(LEVEL_NAMES as [RuleLevel, ...RuleLevel[]])
export const isLevel = (given: unknown): given is RuleLevel => level.safeParse(given).success

/** `over` wins over `under`, and comes behind it, because of two patterns that fit a rule the later one holds. */
export function overrideLevels(under: RuleLevels, over: RuleLevels): RuleLevels {
  const kept = Object.entries(under).filter(([name]) => !Object.hasOwn(over, name))
  return Object.fromEntries([...kept, ...Object.entries(over)])
}

/** Levels by names alone; of two patterns that fit a rule the later one holds. */
export const levelsByName = (chosen: RuleLevels, names: readonly string[]): RuleLevels =>
  Object.fromEntries(
    Object.entries(chosen).flatMap(([pattern, each]) =>
      names.filter(ruleMatcher(pattern)).map((name) => [name, each] as const),
    ),
  )

/**
 * Levels that come from outside, such as from another editor. Whether there are such rules the engine says.
 *
 * @throws RangeError whose message names the rule and what it takes.
 */
export function checkLevels(given: unknown): RuleLevels {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new RangeError('levels takes an object: { "SpinLockBalanced": "break" }')
  for (const [name, each] of Object.entries(given))
    if (!isLevel(each)) throw new RangeError(`the level of ${JSON.stringify(name)} takes ${LEVELS_TAKE}`)
  return given as RuleLevels
}
