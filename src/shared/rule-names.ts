/** Names of rules as people write them: in full, or as a pattern in which `*` stands for anything. */

/** Upper and lower case differ, as in the names of the documentation. */
export function ruleMatcher(pattern: string): (name: string) => boolean {
  if (!pattern.includes('*')) return (name) => name === pattern
  const text = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
  const expression = new RegExp(`^${text}$`)
  return (name) => expression.test(name)
}

/** `SpinLock, Irql_*` -> its names and patterns. */
export const rulesIn = (list: string): string[] =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)

/** Insertions, deletions, replacements and swaps of neighbours that make `a` into `b`. */
function distance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  for (let i = 1; i <= a.length; i++) {
    const [row, above, twoAbove] = [[i], rows[i - 1]!, rows[i - 2]]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = twoAbove && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? twoAbove[j - 2]! + 1 : Infinity
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + same, swapped))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

/** Prefixes that are easily forgotten count for nothing: DV:DoubleFree is near to doublefree. */
const plain = (name: string): string => name.replace(/^(DV:|Ndis_)/i, '').toLowerCase()
const MOST_NEAR = 3

/** What a wrong name may have meant, the nearest first; at most three. */
export function nearNames(wrong: string, names: Iterable<string>): string[] {
  const meant = plain(wrong.replaceAll('*', ''))
  if (meant === '') return []
  const reach = Math.max(2, Math.floor(meant.length / 4))
  return [...names]
    .map((name) => ({ name, far: plain(name).includes(meant) ? 0.5 : distance(meant, plain(name)) }))
    .filter(({ far }) => far <= reach)
    .sort((a, b) => a.far - b.far || a.name.length - b.name.length)
    .slice(0, MOST_NEAR)
    .map(({ name }) => name)
}

/** What to say of names and patterns that fit no rule; undefined when all fit one. */
export function unknownRules(patterns: readonly string[], names: readonly string[]): string | undefined {
  const wrong = patterns.find((pattern) => !names.some(ruleMatcher(pattern)))
  if (wrong === undefined) return undefined
  const near = nearNames(wrong, names)
  const hint = near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'docs/rules.md lists them all'
  return `there is no rule '${wrong}'; ${hint}`
}
