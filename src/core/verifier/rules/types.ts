import type { NicRule } from '../../nic/rules.table'

/** What stands behind the name of a rule in a report: what was done, what comes of it, what to do. Sentences. */
export type Rule = NicRule
