/** Which rules count, and which stop the machine in a debug session. */
import { RULES } from './rules/index'
import type { RuleLevel } from './rules/types'

/** Levels of rules by their names. */
export type RuleLevels = Readonly<Record<string, RuleLevel>>
/** The level of each rule in a run. */
export type LevelOf = (rule: string) => RuleLevel

/** `chosen` in place of the rules' own levels. */
export const levelsOf =
  (chosen: RuleLevels = {}): LevelOf =>
  (rule) =>
    (Object.hasOwn(chosen, rule) ? chosen[rule] : RULES.get(rule)?.level) ?? 'log'

/** false when nothing is left to check. */
export const anyRuleOn = (levelOf: LevelOf): boolean => [...RULES.keys()].some((rule) => levelOf(rule) !== 'off')
