import { expect, it } from 'vitest'
import type { ExploreReport } from '../../src/shared/explore'
import type { SweepRow } from '../../src/shared/sweep'
import { emptyReport } from '../../src/shared/empty-report'
import { exploreRows, sweepRow, trialSummary } from './trials'

const site = (line: number) => ({ function: 'MiniportInitialize', file: 'nic/driver.ts', line, column: 3 })
const handled: SweepRow = {
  key: '0badcafe',
  function: 'NdisAllocatePacketPool',
  place: site(12),
  stack: [site(12), site(40)],
  outcome: 'handled',
  rules: [],
  leaks: [],
  message: '',
  faults: { allocations: { stack: '0badcafe' } },
  option: '--fail-alloc stack:0badcafe',
}
const leaked: SweepRow = {
  ...handled,
  outcome: 'leaked',
  rules: ['DV:LeakAtUnload'],
  leaks: [{ kind: 'pool memory', tag: 'Abcd', bytes: 64, count: 1, file: 'nic/driver.ts', line: 9, stack: [] }],
  message: '64 bytes were left behind.',
}

it('a row of a sweep says what failed, what came of it, and how to see it again', () => {
  expect(sweepRow(handled)).toMatchObject({
    outcome: 'handled',
    good: true,
    what: 'NdisAllocatePacketPool',
    found: '',
    story: [],
    replay: { faults: { allocations: { stack: '0badcafe' } } },
    options: '--fail-alloc stack:0badcafe',
  })
  expect(sweepRow(leaked)).toMatchObject({
    good: false,
    found: '64 bytes were left behind.',
    story: ['64 bytes were left behind.', 'Rules: DV:LeakAtUnload', '1 pool memory left behind, from driver.ts:9'],
  })
  expect(sweepRow(handled).places.map(({ text, site: at }) => [text, at.line])).toEqual([
    ['at', 12],
    ['called from', 40],
  ])
  expect(trialSummary([sweepRow(handled), sweepRow(leaked)], 'allocations')).toBe('1 of 2 handled')
})

const finding = {
  kind: 'violation',
  name: 'DV:DoubleFree',
  function: 'NdisFreePacket',
  file: 'driver.ts',
  line: 7,
} as const
const explored: ExploreReport = {
  driver: 'driver.ts',
  firstSeed: 1,
  seeds: 200,
  ran: 200,
  cpus: 2,
  scenario: 'echo',
  outcomes: [
    {
      outcome: 'violations',
      findings: [finding],
      seeds: 3,
      firstSeed: 17,
      shrunkFor: finding,
      shrunk: {
        seed: 17,
        cpus: 2,
        frames: 0,
        schedule: '340@1',
        report: emptyReport('driver.ts', 17, { code: 'stopped', message: '' }),
        from: 24,
        runs: 31,
        complete: true,
      },
    },
    { outcome: 'clean', findings: [], seeds: 197, firstSeed: 1 },
  ],
  cancelled: false,
  runs: 231,
  wallMs: 900,
}

it('an outcome of an exploration is replayed by its schedule, a clean one by its seed', () => {
  const [bad, good] = exploreRows(explored)
  expect(bad).toMatchObject({
    good: false,
    what: '3 seeds',
    found: 'DV:DoubleFree in NdisFreePacket at driver.ts:7',
    replay: { seed: 17, cpus: 2, frames: 0, schedule: '340@1', scenario: 'echo' },
    options: '--seed 17 --cpus 2 --schedule 340@1',
  })
  expect(bad!.story[1]).toMatch(/shrunk from 24 decisions of the scheduler to 0, in 31 runs\.$/)
  expect(good).toMatchObject({ good: true, replay: { seed: 1, cpus: 2, schedule: 'eager' } })
  expect(trialSummary([bad!, good!], 'explore')).toBe('1 failing outcome')
  expect(trialSummary([good!], 'explore')).toBe('clean')
})
