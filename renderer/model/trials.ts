/** What many runs of one driver came to, as rows: a fault each (sweeps), or an outcome that some seeds share (exploring). */
import type { ExploredOutcome, ExploreReport, Finding } from '../../src/shared/explore'
import type { RunChoice } from '../../src/shared/run-config'
import { decisionStory } from '../../src/shared/schedule-story'
import type { SweepOutcome, SweepRow } from '../../src/shared/sweep'
import { baseName, duration } from './format'
import type { ProblemSite } from './problems'
import { stackOf, type StoryPlace } from './problem-page'

export const TRIALS = {
  allocations: 'Fail each allocation once',
  removal: 'Pull the hardware at each point',
  explore: 'Try many schedules',
} as const
export type TrialKind = keyof typeof TRIALS
export const isTrialKind = (value: unknown): value is TrialKind => typeof value === 'string' && value in TRIALS

/** What a trial is for, and what its rows are; shown while there are none. */
export const TRIAL_HINTS: Readonly<Record<TrialKind, string>> = {
  allocations:
    'The driver runs again and again; each time another call that allocates fails, once for each call stack. A row says how the driver took it.',
  removal: 'The driver runs again and again; each time its hardware is pulled at another point of its life.',
  explore:
    'The driver runs with many seeds of a scheduler that looks for trouble. Each failure is shrunk to the fewest preemptions that bring it about.',
}

export interface TrialRow {
  readonly key: string
  readonly outcome: string
  readonly good: boolean
  /** What failed, or what was found. */
  readonly what: string
  readonly site?: ProblemSite
  /** What came of it, in one line. */
  readonly found: string
  /** Paragraphs of the page beside the table. */
  readonly story: readonly string[]
  readonly places: readonly StoryPlace[]
  /** The same run again, in the debugger; undefined when there is nothing to see. */
  readonly replay?: RunChoice
  /** The same run again, as options of the command line. */
  readonly options: string
}

const GOOD: SweepOutcome = 'handled'

/** Places of a row are those of a driver that may not be the one of the session. */
export const rowOf = (program: string, row: TrialRow): TrialRow => ({
  ...row,
  ...(row.site && { site: { ...row.site, program } }),
  places: row.places.map(({ text, site }) => ({ text, site: { ...site, program } })),
})

export function sweepRow(row: SweepRow): TrialRow {
  const { key, outcome, rules, leaks, message, faults, option, stack, place } = row
  const left = leaks.map(
    ({ count, kind, file, line }) => `${count} ${kind} left behind, from ${baseName(file)}:${line}`,
  )
  return {
    key,
    outcome,
    good: outcome === GOOD,
    what: row.function,
    ...(place.line > 0 && { site: place }),
    found: message || rules.join(', '),
    story: [message, ...(rules.length ? [`Rules: ${rules.join(', ')}`] : []), ...left].filter(Boolean),
    places: stackOf(stack),
    replay: { faults },
    options: option,
  }
}

const findingText = ({ name, function: fn, file, line }: Finding): string =>
  `${name}${fn ? ` in ${fn}` : ''}${file ? ` at ${baseName(file)}:${line}` : ''}`
const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

function shrunkStory({ shrunk, shrunkFor, sameAs }: ExploredOutcome): string[] {
  if (sameAs !== undefined) return [`Shrunk as outcome ${sameAs + 1}: it shows the same.`]
  if (!shrunk) return []
  const decisions = shrunk.report.schedule?.decisions ?? []
  const more = shrunk.complete ? '' : ' Time was up: there may be fewer.'
  return [
    `${shrunkFor ? `${findingText(shrunkFor)}: s` : 'S'}hrunk from ${counted(shrunk.from, 'decision')} of the scheduler to ${decisions.length}, in ${counted(shrunk.runs, 'run')}.${more}`,
    ...(decisions.length
      ? decisions.map((each, index) => `${index + 1}. At ${duration(each.timeNs)}: ${decisionStory(each, baseName)}.`)
      : ['It takes no preemption: it is found in the usual order of things.']),
  ]
}

function outcomeRow(outcome: ExploredOutcome, index: number, { cpus, scenario }: ExploreReport): TrialRow {
  const { findings, seeds, firstSeed, shrunk } = outcome
  const [first] = findings
  const again = shrunk
    ? { seed: shrunk.seed, cpus: shrunk.cpus, frames: shrunk.frames, schedule: shrunk.schedule }
    : { seed: firstSeed, cpus, schedule: 'eager' }
  const words = Object.entries(again).flatMap(([name, value]) => (value === 0 ? [] : [`--${name} ${value}`]))
  return {
    key: String(index),
    outcome: outcome.outcome,
    good: findings.length === 0,
    what: counted(seeds, 'seed'),
    ...(first?.file && { site: { file: first.file, line: first.line, function: first.function } }),
    found: findings.map(findingText).join('; '),
    story: [...findings.map(findingText), ...shrunkStory(outcome)],
    places: [],
    replay: { ...again, scenario },
    options: words.join(' '),
  }
}
export const exploreRows = (report: ExploreReport): TrialRow[] =>
  report.outcomes.map((outcome, index) => outcomeRow(outcome, index, report))

/** '12 of 14 handled' */
export function trialSummary(rows: readonly TrialRow[], kind: TrialKind): string {
  const bad = rows.filter(({ good }) => !good).length
  if (kind === 'explore') return bad ? `${counted(bad, 'failing outcome')}` : rows.length ? 'clean' : ''
  return rows.length ? `${rows.length - bad} of ${rows.length} handled` : ''
}
