import type { NicRule } from '../../nic/rules.table'

/**
 * What becomes of a broken rule: `off` nothing, it is not even counted; `log` it is reported; `break` it is reported and
 * stops the machine when a debugger is attached.
 */
export type RuleLevel = 'off' | 'log' | 'break'

/** What stands behind the name of a rule in a report: what was done, what comes of it, what to do. Sentences. */
export interface Rule extends NicRule {
  /** As long as a run says nothing else; `log` when left out: memory is not harmed yet, and the run can go on to show more. */
  readonly level?: RuleLevel
}
