import { isOpen, type LeakReport, type RunReport, type ViolationReport } from '../../shared/report'
import type { SweepOutcome, SweepRating } from '../../shared/sweep'

/** Broken when a scenario, or what the workbench does around it, takes more virtual time than it may. */
const TIME_RULES = new Set(['ScenarioTimeLimit'])
/** Say nothing but that something was not freed. */
const LEAK_RULES = new Set(['DV:LeakAtUnload'])

type Findings = Pick<RunReport, 'violations' | 'leaks' | 'bugcheck'>
const NOTHING: Findings = { violations: [], leaks: [], bugcheck: null }

const violationKey = ({ rule, function: fn, file, line }: ViolationReport): string => `${rule} ${fn} ${file}:${line}`
const leakKey = ({ kind, file, line, count }: LeakReport): string => `${kind} ${file}:${line} x${count}`

function without<T extends { readonly accepted?: string }>(
  items: readonly T[],
  known: readonly T[],
  key: (item: T) => string,
): readonly T[] {
  const keys = new Set(known.map(key))
  return items.filter((item) => isOpen(item) && !keys.has(key(item)))
}

/** The worst thing that a run did, accepted ones aside, which the run without a fault, `before`, does not do; anything for that run itself. */
export function rate(report: RunReport, before: Findings = NOTHING): SweepRating {
  const violations = without(report.violations, before.violations, violationKey)
  const leaks = without(report.leaks, before.leaks, leakKey)
  const rules = [...new Set(violations.map(({ rule }) => rule))]
  const rated = (outcome: SweepOutcome, message: string): SweepRating => ({ outcome, rules, leaks, message })
  const { error, bugcheck } = report
  const late = violations.find(({ rule }) => TIME_RULES.has(rule))
  if (error?.code === 'timeout') return rated('hung', error.message)
  if (late) return rated('hung', late.message)
  if (bugcheck && bugcheck.message !== before.bugcheck?.message)
    return rated('crashed', `${bugcheck.name}: ${bugcheck.message}`)
  if (error) return rated('crashed', error.message)
  const worst = violations.find(({ rule }) => !LEAK_RULES.has(rule))
  if (worst) return rated('violated', worst.message)
  const [leak] = leaks
  if (leak) return rated('leaked', `${leak.count} x ${leak.kind}, allocated at ${leak.file}:${leak.line}, never freed`)
  if (violations[0]) return rated('leaked', violations[0].message)
  return rated('handled', '')
}
