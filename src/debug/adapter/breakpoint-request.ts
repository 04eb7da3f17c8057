import type { DebugProtocol } from '@vscode/debugprotocol'
import { isExpression, logParts } from '../../shared/expressions'
import { hitTest } from '../../shared/hit-condition'

/** What a line breakpoint asks for, without what is blank. */
export interface LineRules {
  readonly condition?: string
  readonly hitCondition?: string
  readonly logMessage?: string
}

export function rulesOf({ condition, hitCondition, logMessage }: DebugProtocol.SourceBreakpoint): LineRules {
  return {
    ...(condition?.trim() && { condition }),
    ...(hitCondition?.trim() && { hitCondition }),
    ...(logMessage?.trim() && { logMessage }),
  }
}
export const hasRules = (rules: LineRules): boolean => Object.keys(rules).length > 0

/** What is wrong with it, for the person who wrote it; undefined when nothing is. */
export function problemOf({ condition, hitCondition, logMessage }: LineRules): string | undefined {
  if (condition !== undefined && !isExpression(condition)) return `'${condition}' is not an expression`
  if (hitTest(hitCondition) === null) return `'${hitCondition}' is no hit count; write 5, >= 5 or % 5`
  const bad = logParts(logMessage ?? '').find(({ text, expression }) => expression && !isExpression(text))
  return bad && `'{${bad.text}}' is not an expression in braces`
}
