import type { CampaignRun } from '../../shared/campaign'
import type { ExploredOutcome, ExploreProgress, ExploreReport, Finding } from '../../shared/explore'
import type { RunReport } from '../../shared/report'
import { EAGER, NO_DECISION } from '../../shared/schedule-text'
import { findingKey, findingsOf, outcomeKey } from './findings'
import { createRunPool, type RunPoolOptions } from './run-pool'
import { shrink } from './shrink'

export interface Exploration {
  /** How the report names the driver. */
  readonly driver: string
  /** Its seed is the first one; its schedule does not matter. */
  readonly run: CampaignRun
  readonly seeds: number
}

export interface ExploreTools {
  readonly run: (run: CampaignRun) => Promise<RunReport>
  /** Runs that go on at a time. */
  readonly threads: number
  readonly onProgress?: (progress: ExploreProgress) => void
  /** Ends it; what is known so far is the result. */
  readonly signal?: AbortSignal
}

interface Seen {
  readonly findings: readonly Finding[]
  readonly report: RunReport
  seeds: number
  firstSeed: number
}

/** Errors that another seed may not have. */
const OF_ONE_SEED = new Set(['timeout', 'out-of-memory', 'engine-failed'])

class Explorer {
  readonly #exploration: Exploration
  readonly #tools: ExploreTools
  readonly #seen = new Map<string, Seen>()
  readonly #started = performance.now()
  #ran = 0
  #runs = 0
  #next = 0
  /** The driver cannot be loaded: every other seed would say the same. */
  #hopeless = false

  constructor(exploration: Exploration, tools: ExploreTools) {
    this.#exploration = exploration
    this.#tools = tools
  }

  async explore(): Promise<ExploreReport> {
    const { driver, run, seeds } = this.#exploration
    const { seed, cpus, scenario } = run.config
    await this.#seed(this.#next++)
    await Promise.all(Array.from({ length: this.#tools.threads }, () => this.#seeds()))
    const usual = await this.#withoutDecision()
    const outcomes = await this.#shrunk(usual)
    return {
      driver,
      firstSeed: seed,
      seeds,
      ran: this.#ran,
      cpus,
      scenario,
      outcomes,
      cancelled: this.#cancelled(),
      runs: this.#runs,
      wallMs: Math.round(performance.now() - this.#started),
    }
  }
  #cancelled(): boolean {
    return this.#tools.signal?.aborted ?? false
  }
  async #run(run: CampaignRun): Promise<RunReport> {
    const report = await this.#tools.run(run)
    this.#runs++
    return report
  }
  #config(more: Partial<CampaignRun['config']>): CampaignRun {
    const { run } = this.#exploration
    return { ...run, config: { ...run.config, ...more } }
  }

  async #seeds(): Promise<void> {
    while (this.#next < this.#exploration.seeds && !this.#hopeless && !this.#cancelled()) await this.#seed(this.#next++)
  }
  async #seed(index: number): Promise<void> {
    const seed = (this.#exploration.run.config.seed + index) >>> 0
    const report = await this.#run(this.#config({ seed, schedule: EAGER }))
    if (report.error?.code === 'stopped') return
    this.#hopeless ||= report.error !== undefined && !OF_ONE_SEED.has(report.error.code)
    this.#ran++
    const findings = findingsOf(report)
    const key = outcomeKey(findings)
    const seen = this.#seen.get(key)
    if (!seen) this.#seen.set(key, { findings, report, seeds: 1, firstSeed: seed })
    else {
      seen.seeds++
      seen.firstSeed = Math.min(seen.firstSeed, seed)
    }
    this.#progress('explore', this.#ran, this.#exploration.seeds)
  }
  #progress(phase: ExploreProgress['phase'], done: number, total: number): void {
    const failing = [...this.#seen.values()].filter(({ findings }) => findings.length > 0).length
    this.#tools.onProgress?.({ phase, done, total, failing, runs: this.#runs })
  }

  /** What is found although nothing is preempted. */
  async #withoutDecision(): Promise<ReadonlySet<string>> {
    const failing = [...this.#seen.values()].some(({ findings }) => findings.length > 0)
    if (!failing || this.#hopeless || this.#cancelled()) return new Set()
    return new Set(findingsOf(await this.#run(this.#config({ schedule: NO_DECISION }))).map(findingKey))
  }
  async #shrunk(usual: ReadonlySet<string>): Promise<ExploredOutcome[]> {
    const sorted = [...this.#seen.values()].sort(
      (left, right) =>
        Number(left.findings.length === 0) - Number(right.findings.length === 0) || left.firstSeed - right.firstSeed,
    )
    const shownBy = new Map<string, number>()
    const outcomes: ExploredOutcome[] = []
    for (const [index, { findings, report, seeds, firstSeed }] of sorted.entries()) {
      const known: ExploredOutcome = { outcome: report.outcome, findings, seeds, firstSeed }
      const finding = findings.find((one) => !usual.has(findingKey(one))) ?? findings[0]
      const sameAs = finding && shownBy.get(findingKey(finding))
      if (!finding || this.#hopeless || this.#cancelled()) outcomes.push(known)
      else if (sameAs !== undefined) outcomes.push({ ...known, shrunkFor: finding, sameAs })
      else {
        this.#progress('shrink', index, sorted.length)
        shownBy.set(findingKey(finding), index)
        const shrunk = await shrink(this.#config({ seed: firstSeed }), finding, {
          run: (run) => this.#run(run),
          parallel: this.#tools.threads,
          cancelled: () => this.#cancelled(),
        })
        outcomes.push({ ...known, shrunkFor: finding, ...(shrunk && { shrunk }) })
      }
    }
    return outcomes
  }
}

/** Runs a driver with many seeds and gathers what comes of it. Never rejects because of the driver. */
export const explore = (exploration: Exploration, tools: ExploreTools): Promise<ExploreReport> =>
  new Explorer(exploration, tools).explore()

/** The same on all processor cores. */
export async function exploreInPool(
  exploration: Exploration,
  { engineWorker, timeoutMs, threads, ...tools }: RunPoolOptions & Omit<ExploreTools, 'run' | 'threads'>,
): Promise<ExploreReport> {
  const pool = createRunPool({
    engineWorker,
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(threads !== undefined && { threads }),
  })
  const close = (): void => void pool.close()
  tools.signal?.addEventListener('abort', close)
  try {
    return await explore(exploration, { ...tools, run: pool.run, threads: pool.threads })
  } finally {
    tools.signal?.removeEventListener('abort', close)
    await pool.close()
  }
}
