import type { DebugProtocol } from '@vscode/debugprotocol'
import type { RuleView } from '../../shared/dap'
import type { ExceptionFilters } from '../../shared/engine'
import { rulesIn, unknownRules } from '../../shared/rule-names'

interface Chosen {
  readonly filters: ExceptionFilters
  /** One for each filter, those with options behind the others: the order of the protocol. */
  readonly breakpoints: readonly DebugProtocol.Breakpoint[]
}

/** A condition names rules; without one the filter is about all of them. */
const patternsOf = (condition: string | undefined): readonly string[] => {
  const names = rulesIn(condition ?? '')
  return names.length > 0 ? names : ['*']
}

/** What a front end wants to stop at. A condition that names no rule is told about, and stops nothing. */
export function readExceptionFilters(
  { filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments,
  rules: () => readonly RuleView[],
): Chosen {
  const all = [...filters.map((filterId) => ({ filterId, condition: undefined })), ...filterOptions]
  const on = (filter: string): boolean => all.some(({ filterId }) => filterId === filter)
  const violations = all.filter(({ filterId }) => filterId === 'violations')
  const check = (condition: string | undefined): DebugProtocol.Breakpoint => {
    const message =
      condition &&
      unknownRules(
        rulesIn(condition),
        rules().map(({ name }) => name),
      )
    return message ? { verified: false, message } : { verified: true }
  }
  return {
    filters: {
      violations: violations.flatMap(({ condition }) => patternsOf(condition)),
      breaks: on('breaks'),
      bugchecks: on('bugchecks'),
      uncaught: on('uncaught'),
      faults: on('faults'),
    },
    breakpoints: all.map(({ filterId, condition }) =>
      filterId === 'violations' ? check(condition) : { verified: true },
    ),
  }
}
