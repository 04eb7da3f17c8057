import { describe, expect, it } from 'vitest'
import type { CampaignRun } from '../../shared/campaign'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../shared/engine'
import { emptyReport } from '../../shared/empty-report'
import type { ExploreProgress } from '../../shared/explore'
import type { DecisionReport, RunReport, ViolationReport } from '../../shared/report'
import { explore } from './explore'

const violation = (rule: string, line: number): ViolationReport => ({
  ...{ rule, message: '', function: 'NdisFreeMemory', file: 'driver.ts', line, column: 1 },
  ...{ cpu: 0, irql: 0, timeNs: 0, event: -1, stack: [], count: 1 },
})
const decision = (text: string): DecisionReport => ({
  ...{ text, kind: 'preemption', timeNs: 0, on: 0, irql: 0, interrupted: '', ran: [] },
  cpu: Number(text.split('@')[1]),
})

/** A driver in a few lines: what is wrong with a run that takes these decisions. */
type Driver = (decisions: readonly string[], config: RunConfig) => readonly ViolationReport[]

/** What the seed decides: five decisions of twenty places. */
const ofSeed = (seed: number): string[] =>
  [1, 2, 3, 4, 5].map((n) => `${((seed * n * 7) % 20) + n * 100}@${(seed + n) % 2}`)

function world(driver: Driver, seeds = 40, given: Partial<RunConfig> = {}) {
  const runs: RunConfig[] = []
  const run = async ({ config }: CampaignRun): Promise<RunReport> => {
    runs.push(config)
    const decisions =
      config.schedule === 'eager'
        ? ofSeed(config.seed)
        : config.schedule === 'none'
          ? []
          : config.schedule!.split(',').filter((text) => ofSeed(config.seed).includes(text))
    const violations = driver(decisions, config)
    const { error: _error, ...empty } = emptyReport('driver.ts', config.seed, { code: 'usage', message: '' })
    return {
      ...empty,
      outcome: violations.length > 0 ? 'violations' : 'clean',
      violations,
      schedule: { text: decisions.join() || 'none', decisions: decisions.map(decision) },
    }
  }
  const config = { ...DEFAULT_RUN_CONFIG, cpus: 2, scenario: 'send', frames: 8, ...given }
  const exploration = { driver: 'driver.ts', run: { config, files: {}, entry: 'driver.ts' }, seeds }
  return { runs, run, exploration }
}
const has = (decisions: readonly string[], ...wanted: string[]): boolean =>
  wanted.every((one) => decisions.includes(one))

/** Two decisions of seed 3 make it fail; so do those of no other seed. */
const [first, , third] = ofSeed(3)
const race: Driver = (decisions) => (has(decisions, first!, third!) ? [violation('DV:DoubleFree', 40)] : [])

describe('an exploration', () => {
  it('gathers outcomes, and shrinks a failing one to the decisions that it takes', async () => {
    const { run, exploration } = world(race)
    const report = await explore(exploration, { run, threads: 3 })
    expect(report).toMatchObject({ ran: 40, seeds: 40, cpus: 2, scenario: 'send', cancelled: false })
    expect(report.outcomes).toMatchObject([
      { outcome: 'violations', findings: [{ name: 'DV:DoubleFree', line: 40 }] },
      { outcome: 'clean', findings: [] },
    ])
    expect(report.outcomes[0]!.seeds + report.outcomes[1]!.seeds).toBe(40)
    const { shrunk } = report.outcomes[0]!
    expect(shrunk!.schedule.split(',').sort()).toEqual([first, third].sort())
    expect(shrunk).toMatchObject({ seed: 3, frames: 1, from: 5, complete: true })
  })
  it('is the same however many threads there are', async () => {
    const { run, exploration } = world(race)
    const [one, four] = await Promise.all([1, 4].map((threads) => explore(exploration, { run, threads })))
    expect(four!.outcomes.map(({ shrunk, ...outcome }) => [outcome, shrunk?.schedule])).toEqual(
      one!.outcomes.map(({ shrunk, ...outcome }) => [outcome, shrunk?.schedule]),
    )
  })
  it('keeps the frames and CPUs that it takes', async () => {
    const { run, exploration } = world((decisions, { frames, cpus }) =>
      frames >= 4 && cpus === 2 ? race(decisions, DEFAULT_RUN_CONFIG) : [],
    )
    const { outcomes } = await explore(exploration, { run, threads: 2 })
    expect(outcomes[0]!.shrunk).toMatchObject({ frames: 4, cpus: 2 })
  })
  it('says that a failure needs no decision, and shrinks the one that does', async () => {
    const always = violation('SpinLock', 10)
    const { run, exploration } = world((decisions, config) => [always, ...race(decisions, config)])
    const { outcomes } = await explore(exploration, { run, threads: 2 })
    const rare = outcomes.find(({ findings }) => findings.length === 2)!
    expect(rare.shrunkFor).toMatchObject({ name: 'DV:DoubleFree' })
    expect(rare.shrunk!.schedule.split(',')).toHaveLength(2)
    const usual = outcomes.find(({ findings }) => findings.length === 1)!
    expect(usual.shrunk).toMatchObject({ schedule: 'none', cpus: 1 })
  })
  it('shrinks a finding once, whatever else comes with it', async () => {
    const { run, exploration } = world((decisions, { seed }) => [
      ...(decisions.length > 0 ? [violation('SpinLock', 10)] : []),
      ...(seed % 3 === 0 ? [violation('Irql', 11)] : []),
    ])
    const { outcomes } = await explore(exploration, { run, threads: 2 })
    expect(outcomes.map(({ shrunk, sameAs }) => [shrunk !== undefined, sameAs])).toEqual([
      [true, undefined],
      [false, 0],
    ])
  })
  it('does not try more seeds of a driver that cannot be loaded', async () => {
    const { exploration } = world(race)
    let runs = 0
    const error = { code: 'syntax', message: 'no', file: 'driver.ts', line: 3 } as const
    const run = async ({ config }: CampaignRun): Promise<RunReport> => (runs++, emptyReport('d', config.seed, error))
    const { outcomes, ran } = await explore(exploration, { run, threads: 4 })
    expect([runs, ran]).toEqual([1, 1])
    expect(outcomes).toEqual([
      {
        outcome: 'error',
        findings: [{ kind: 'error', name: 'syntax', function: '', file: 'driver.ts', line: 3 }],
        seeds: 1,
        firstSeed: 1,
      },
    ])
  })
  it('gives what is known when it is cancelled', async () => {
    const { run, exploration } = world(race, 1_000_000)
    const cancel = new AbortController()
    const seen: ExploreProgress[] = []
    const report = await explore(exploration, {
      run,
      threads: 2,
      signal: cancel.signal,
      onProgress(progress) {
        seen.push(progress)
        if (progress.done === 20) cancel.abort()
      },
    })
    expect(report.cancelled).toBe(true)
    expect(report.ran).toBeLessThan(25)
    expect(report.outcomes[0]).toMatchObject({ firstSeed: 3 })
    expect(report.outcomes[0]!.shrunk).toBeUndefined()
    expect(seen[0]).toEqual({ phase: 'explore', done: 1, total: 1_000_000, failing: 0, runs: 1 })
  })
})
