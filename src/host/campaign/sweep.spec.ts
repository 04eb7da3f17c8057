import { describe, expect, it } from 'vitest'
import { emptyReport } from '../../shared/empty-report'
import type { FaultPlan, RemovalPoint } from '../../shared/faults'
import type { RunReport } from '../../shared/report'
import { rate } from './rating'
import { sweep } from './sweep'

const { error: _error, ...empty } = emptyReport('d.ts', 1, { code: 'stopped', message: '' })
const clean: RunReport = { ...empty, outcome: 'clean' }
const violation: RunReport['violations'][number] = {
  ...{ rule: 'R', message: 'wrong', function: 'F', file: 'd.ts', line: 3, column: 1 },
  ...{ cpu: 0, irql: 0, timeNs: 0, event: 0, count: 1, stack: [] },
}
const leak = { kind: 'pool memory', tag: '', bytes: 8, count: 1, file: 'd.ts', line: 4, stack: [] }

describe('how a run is rated', () => {
  it.each<[string, Partial<RunReport>, string]>([
    ['nothing found', {}, 'handled'],
    ['a leak', { leaks: [leak] }, 'leaked'],
    ['a violation and a leak', { leaks: [leak], violations: [violation] }, 'violated'],
    ['a bugcheck', { bugcheck: { name: 'B', message: 'm' } as RunReport['bugcheck'] }, 'crashed'],
    ['an engine that failed', { error: { code: 'engine-failed', message: 'm' } }, 'crashed'],
    ['no end in real time', { error: { code: 'timeout', message: 'm' } }, 'hung'],
    ['no end in virtual time', { violations: [{ ...violation, rule: 'ScenarioTimeLimit' }] }, 'hung'],
  ])('%s', (_what, found, outcome) => {
    expect(rate({ ...clean, ...found }, clean).outcome).toBe(outcome)
  })
  it('by what the run without a fault does not do', () => {
    const before = { ...clean, violations: [violation], leaks: [leak] }
    expect(rate(before, before).outcome).toBe('handled')
    expect(rate({ ...before, leaks: [{ ...leak, count: 2 }] }, before).outcome).toBe('leaked')
    expect(rate(before)).toMatchObject({ outcome: 'violated', rules: ['R'], message: 'wrong' })
  })
})

const points: readonly RemovalPoint[] = [1, 4, 9].map((number) => ({
  ...{ number, function: 'NdisX', when: 'call' },
  place: { function: 'f', file: 'd.ts', line: number, column: 1 },
}))
const base = { kind: 'removal', driver: 'd.ts', seed: 1, scenario: 'default' } as const

describe('a sweep', () => {
  it('has its rows in the order of the survey, whichever run ends first, and tells how it goes on', async () => {
    const told: number[] = []
    const run = async ({ removeAt = 0 }: FaultPlan): Promise<RunReport> => {
      await new Promise((resolve) => setTimeout(resolve, 20 - 2 * removeAt))
      return removeAt === 4 ? { ...clean, leaks: [leak] } : { ...clean, survey: { allocations: [], points } }
    }
    const report = await sweep({ ...base, run, onProgress: ({ done }) => told.push(done) })
    expect(report.rows.map(({ key, outcome }) => `${key} ${outcome}`)).toEqual(['1 handled', '4 leaked', '9 handled'])
    expect(report).toMatchObject({ handled: 2, runs: 4, cancelled: false })
    expect(report.rows[1]).toMatchObject({
      option: '--remove-at 4',
      faults: { removeAt: 4 },
      function: 'call of NdisX',
    })
    expect(told).toEqual([0, 0, 1, 2, 3])
  })

  it('keeps the rest of the plan in each run', async () => {
    const plans: FaultPlan[] = []
    const run = (plan: FaultPlan): Promise<RunReport> => {
      plans.push(plan)
      return Promise.resolve({ ...clean, survey: { allocations: [], points } })
    }
    await sweep({ ...base, run, faults: { memory: { bytes: 100 } } })
    expect(plans.map(({ memory, removeAt }) => [memory?.bytes, removeAt])).toEqual([
      [100, undefined],
      [100, 1],
      [100, 4],
      [100, 9],
    ])
  })

  it('that is broken off keeps the rows it has', async () => {
    const stop = new AbortController()
    const run = ({ removeAt }: FaultPlan): Promise<RunReport> => {
      if (removeAt === 4) stop.abort()
      const stopped = { ...clean, error: { code: 'stopped', message: '' } as const }
      return Promise.resolve(stop.signal.aborted ? stopped : { ...clean, survey: { allocations: [], points } })
    }
    const report = await sweep({ ...base, run, signal: stop.signal })
    expect(report).toMatchObject({ cancelled: true, handled: 1, rows: [{ key: '1' }] })
  })

  it('of a driver that cannot be loaded says why', async () => {
    const error = { code: 'syntax', message: 'line 3 is no TypeScript' } as const
    const report = await sweep({ ...base, run: () => Promise.resolve({ ...clean, outcome: 'error', error }) })
    expect(report).toMatchObject({ error: error.message, rows: [], runs: 1 })
  })
})
