import type { ExploredOutcome, ExploreReport, Finding, ShrunkRun } from '../../shared/explore'
import { decisionStory } from '../../shared/schedule-story'
import { counted } from './counted'
import { reportText, type ReportContext } from './report-text'

function findingText({ name, function: fn, file, line }: Finding, { name: nameOf }: ReportContext): string {
  const place = file === '' ? '' : ` at ${nameOf(file)}:${line}`
  return `${name}${place}${fn === '' ? '' : ` in ${fn}`}`
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** The command that replays a run. `given`: what the person said besides the driver that still holds. */
export function replayCommand(
  { seed, cpus, frames, schedule }: ShrunkRun,
  driver: string,
  given: readonly string[],
): string {
  const options = [...given, '--cpus', `${cpus}`, ...(frames > 0 ? ['--frames', `${frames}`] : [])]
  return ['ndis-workbench', 'run', driver, ...options, '--seed', `${seed}`, '--schedule', schedule]
    .map(quoted)
    .join(' ')
}

function storyText({ report }: ShrunkRun, { name }: ReportContext): string[] {
  const decisions = report.schedule?.decisions ?? []
  if (decisions.length === 0) return ['  It takes no preemption: it is found in the usual order of things.']
  return decisions.map((decision, index) => {
    const at = `${(decision.timeNs / 1000).toFixed(1)} µs`
    return `  ${index + 1}. ${decision.text}, at ${at}: ${decisionStory(decision, name)}.`
  })
}

function shrunkText(
  shrunk: ShrunkRun,
  finding: Finding,
  report: ExploreReport,
  given: readonly string[],
  context: ReportContext,
) {
  const { style } = context
  const left = shrunk.report.schedule?.decisions.length ?? 0
  const more = shrunk.complete ? '' : '; time was up, there may be fewer'
  return [
    style.red(style.bold(findingText(finding, context))),
    `  Shrunk from ${counted(shrunk.from, 'decision')} of the scheduler to ${left}, in ${counted(shrunk.runs, 'run')}${more}.`,
    ...storyText(shrunk, context),
    '',
    reportText({ ...shrunk.report, output: [] }, context).trimEnd(),
    '',
    `  Again: ${style.bold(replayCommand(shrunk, report.driver, given))}`,
  ].join('\n')
}

function outcomeRow({ findings, seeds, firstSeed }: ExploredOutcome, context: ReportContext): string {
  const { style } = context
  const count = counted(seeds, 'seed').padStart(12)
  if (findings.length === 0) return `${count}  ${style.green('clean')}`
  const [first, ...more] = findings.map((finding) => findingText(finding, context))
  const others = more.map((text) => `\n${' '.repeat(14)}and ${text}`).join('')
  return `${count}  ${style.red(first!)}  ${style.dim(`first seed ${firstSeed}`)}${others}`
}

/** An exploration for people. `given`: options that a replay needs again. */
export function exploreText(report: ExploreReport, given: readonly string[], context: ReportContext): string {
  const { outcomes, firstSeed, seeds, ran, cpus, scenario, cancelled, wallMs } = report
  const last = (firstSeed + seeds - 1) >>> 0
  const parts = [
    `${report.driver}: seeds ${firstSeed} to ${last}, ${counted(cpus, 'CPU')}, scenario ${scenario}`,
    outcomes.map((outcome) => outcomeRow(outcome, context)).join('\n'),
    ...outcomes.flatMap(({ shrunk, shrunkFor }) =>
      shrunk && shrunkFor ? [shrunkText(shrunk, shrunkFor, report, given, context)] : [],
    ),
  ]
  const failing = outcomes.filter(({ findings }) => findings.length > 0).length
  const verdict = failing === 0 ? context.style.green('clean') : context.style.red(counted(failing, 'failing outcome'))
  const perSecond = Math.round((report.runs * 1000) / Math.max(1, wallMs))
  const facts = [`${ran} of ${counted(seeds, 'seed')}`, counted(report.runs, 'run'), `${perSecond} a second`]
  const end = cancelled ? ' · broken off: this is what is known so far' : ''
  return `${parts.join('\n\n')}\n\n${verdict}  ${context.style.dim(facts.join(' · '))}${end}\n`
}
