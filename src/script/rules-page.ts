import { levelsOf } from '../core/verifier/levels'
import { NOT_COVERED } from '../core/verifier/rules/not-covered.table'
import { RULE_AREAS, type Rule, type RuleArea } from '../core/verifier/rules/index'
import type { RuleView } from '../shared/dap'

/** Functions and callbacks at which rules are checked, by rule. */
export type WatchedBy = ReadonlyMap<string, readonly string[]>

const levelOf = levelsOf()

/** The rules as JSON: an array in the order of the page, each with the title of its area, its level and what it watches. */
export const rulesJson = (watched: WatchedBy): string =>
  JSON.stringify(
    RULE_AREAS.flatMap(({ title, rules }) =>
      rules.map(({ name, meaning, why, mend }): RuleView => ({
        name,
        area: title,
        meaning,
        why,
        mend,
        level: levelOf(name),
        watches: watched.get(name) ?? [],
      })),
    ),
  )

/** Names that the page has room for. */
const MOST_WATCHED = 12

function watchedText(names: readonly string[]): string {
  const shown = names.length > MOST_WATCHED ? names.slice(0, MOST_WATCHED - 2) : names
  const more = names.length - shown.length
  return `${shown.map((name) => `\`${name}\``).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const byName = (a: Rule, b: Rule): number => (a.name < b.name ? -1 : 1)

/** One line for each, so that names can be searched. */
const notCovered = (): string =>
  [
    '## Documented rules that are not covered',
    'No run reports these; all other rules that Microsoft documents for NDIS drivers are above, by their names.',
    ['| Rule | Why not |', '| --- | --- |', ...NOT_COVERED.map(({ name, reason }) => `| ${name} | ${reason} |`)].join(
      '\n',
    ),
  ].join('\n\n')

/** The page of docs about the rules. Each has a heading of its own, so that it can be linked to. */
export function rulesMarkdown(watched: WatchedBy): string {
  const count = RULE_AREAS.reduce((sum, { rules }) => sum + rules.length, 0)
  const section = ({ name, meaning, why, mend }: Rule): string => {
    const names = watched.get(name) ?? []
    return [
      `### ${name}`,
      meaning,
      `**On a machine:** ${why}`,
      `**Mend:** ${mend}`,
      `**Level:** ${levelOf(name)}${names.length > 0 ? ` · **Watches:** ${watchedText(names)}` : ''}`,
    ].join('\n\n')
  }
  const area = ({ title, rules }: RuleArea): string =>
    [`## ${title}`, ...[...rules].sort(byName).map(section)].join('\n\n')
  return [
    '# Rules',
    `What a run reports as a violation: ${count} rules. Names that begin with DV: are those of Driver Verifier; documented rules keep their documented names.`,
    'Each has its level, which a run [may change](guide.md#levels), and functions and callbacks at which it is checked. A rule about memory or about what a callback leaves behind is checked wherever that happens.',
    ...RULE_AREAS.map(area),
    notCovered(),
  ]
    .join('\n\n')
    .concat('\n')
}
