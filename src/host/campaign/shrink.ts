import type { CampaignRun } from '../../shared/campaign'
import type { RunConfig } from '../../shared/engine'
import type { Finding, ShrunkRun } from '../../shared/explore'
import type { RunReport } from '../../shared/report'
import { EAGER, NO_DECISION } from '../../shared/schedule-text'
import { ddmin } from './ddmin'
import { findingKey, findingsOf } from './findings'

/** What shrinking one outcome may cost. */
export const MOST_SHRINKING_RUNS = 500
export const MOST_SHRINKING_MS = 60_000

export interface ShrinkTools {
  readonly run: (run: CampaignRun) => Promise<RunReport>
  /** Runs that are worth starting at a time. */
  readonly parallel: number
  readonly cancelled: () => boolean
}

/** A run that shows the finding, with the decisions that it took. */
interface Shown {
  readonly config: RunConfig
  readonly report: RunReport
}

const decisionsOf = ({ report }: Shown): readonly string[] =>
  (report.schedule?.decisions ?? []).map((decision) => decision.text)
const textOf = (decisions: readonly string[]): string => (decisions.length === 0 ? NO_DECISION : decisions.join())

/** Numbers of frames that are worth trying in place of `frames`; 0 are as many as the scenario needs. */
function fewerFrames({ frames, scenario }: RunConfig): number[] {
  if (scenario === 'default' || scenario === 'shutdown') return []
  return [1, 2, 4, 8, 16, 32].filter((fewer) => frames === 0 || fewer < frames)
}

function createAttempts(found: CampaignRun, finding: Finding, { run, parallel, cancelled }: ShrinkTools) {
  const key = findingKey(finding)
  const started = performance.now()
  let runs = 0
  let complete = true

  async function attempt(config: RunConfig): Promise<Shown | undefined> {
    if (cancelled() || runs >= MOST_SHRINKING_RUNS || performance.now() - started > MOST_SHRINKING_MS) {
      complete = false
      return undefined
    }
    runs++
    const report = await run({ ...found, config: { ...config, recordSchedule: true } })
    return findingsOf(report).some((other) => findingKey(other) === key) ? { config, report } : undefined
  }
  /** The first of some configurations that shows the finding. */
  async function first(configs: readonly RunConfig[]): Promise<Shown | undefined> {
    for (let from = 0; from < configs.length; from += parallel) {
      const shown = await Promise.all(configs.slice(from, from + parallel).map(attempt))
      const one = shown.find((each) => each !== undefined)
      if (one) return one
    }
    return undefined
  }
  return { attempt, first, spent: () => ({ runs, complete }) }
}

/**
 * Makes a failing run as small as it can: fewer frames and CPUs as long as the seed still shows the finding, then as few decisions of the
 * scheduler, then fewer CPUs again.
 *
 * @param found a run with an eager schedule that shows the finding.
 * @returns undefined when it does not do so again, or is cancelled at once.
 */
export async function shrink(found: CampaignRun, finding: Finding, tools: ShrinkTools): Promise<ShrunkRun | undefined> {
  const { attempt, first, spent } = createAttempts(found, finding, tools)
  const fewerCpus = (config: RunConfig): RunConfig[] =>
    Array.from({ length: config.cpus - 1 }, (_, less) => ({ ...config, cpus: less + 1 }))
  const start = await attempt({ ...found.config, schedule: EAGER })
  if (!start) return undefined

  let best = (await first(fewerFrames(start.config).map((frames) => ({ ...start.config, frames })))) ?? start
  best = (await first(fewerCpus(best.config))) ?? best
  best = (await attempt({ ...best.config, schedule: NO_DECISION })) ?? best
  await ddmin(
    decisionsOf(best),
    async (decisions) => {
      const shown = await attempt({ ...best.config, schedule: textOf(decisions) })
      return shown && decisionsOf(shown)
    },
    tools.parallel,
  ).then(async (decisions) => {
    best = (await attempt({ ...best.config, schedule: textOf(decisions) })) ?? best
  })
  const needed = 1 + Math.max(0, ...decisionsOf(best).map((text) => Number(text.slice(text.indexOf('@') + 1))))
  best = (await first(fewerCpus(best.config).filter(({ cpus }) => cpus >= needed))) ?? best
  const { seed, cpus, frames } = best.config
  const schedule = textOf(decisionsOf(best))
  return { seed, cpus, frames, schedule, report: best.report, from: decisionsOf(start).length, ...spent() }
}
