import { levelsOf } from '../core/verifier/levels'
import { NOT_COVERED } from '../core/verifier/rules/not-covered.table'
import { RULE_AREAS, type Rule, type RuleArea } from '../core/verifier/rules/index'
import type { RuleView } from '../shared/dap'
import { watchesOf } from './watched'

const levelOf = levelsOf()

/** The rules as JSON: an array in the order of the page, each with the title of its area. */
export const rulesJson = (): string =>
  JSON.stringify(
    RULE_AREAS.flatMap(({ title, rules }) =>
      rules.map((rule): RuleView => ({
        ...rule,
        level: levelOf(rule.name),
        watches: watchesOf(rule.name),
        area: title,
      })),
    ),
  )

/** A heading of its own for each rule, so that it can be linked to. */
const section = ({ name, meaning, why, mend }: Rule): string =>
  [`### ${name}`, meaning, `**On a machine:** ${why}`, `**Mend:** ${mend}`].join('\n\n')

const byName = (a: Rule, b: Rule): number => (a.name < b.name ? -1 : 1)
const area = ({ title, rules }: RuleArea): string =>
  [`## ${title}`, ...[...rules].sort(byName).map(section)].join('\n\n')

/** One line for each, so that names can be searched. */
const notCovered = (): string =>
  [
    '## Documented rules that are not covered',
    'No run reports these; all other rules that Microsoft documents for NDIS drivers are above, by their names.',
    ['| Rule | Why not |', '| --- | --- |', ...NOT_COVERED.map(({ name, reason }) => `| ${name} | ${reason} |`)].join(
      '\n',
    ),
  ].join('\n\n')

/** The page of docs about the rules. */
export function rulesMarkdown(): string {
  const count = RULE_AREAS.reduce((sum, { rules }) => sum + rules.length, 0)
  return [
    '# Rules',
    `What a run reports as a violation: ${count} rules. Names that begin with DV: are those of Driver Verifier; documented rules keep their documented names.`,
    ...RULE_AREAS.map(area),
    notCovered(),
  ]
    .join('\n\n')
    .concat('\n')
}
