import { describe, expect, test } from 'vitest'
import { loadDriver } from '../../src/lib'
import type { FaultPlan } from '../../src/shared/faults'
import type { NicModel } from '../../src/core/nic/names'
import type { RunReport } from '../../src/shared/report'
import { FILES, findings } from './matrix'
import { handlesAll } from './sweeps'

const MEMORY_BYTES = 8 * 1024 * 1024
const run = (entry: string, seed: number, faults?: FaultPlan, nic?: NicModel): RunReport =>
  loadDriver(FILES, {
    ...{ entry, seed, cpus: 2, frames: 16, memoryBytes: MEMORY_BYTES },
    ...(faults && { faults }),
    // What a NIC receives has to come from somewhere.
    ...(nic ? { nics: [nic], scenario: 'echo' } : { scenario: 'lifecycle' }),
  }).run()

const STACKS = [
  '12-ndis6-protocol.ts',
  '13-ndis6-filter.ts',
  '14-ndis6-stack.ts',
  '16-ndis5-protocol.ts',
  '17-ndis5-stack.ts',
]
const DRIVERS: readonly (readonly [entry: string, nic: NicModel | undefined])[] = [
  ...STACKS.map((entry) => [entry, undefined] as const),
  ['11-ndis6-miniport.ts', undefined],
  ['15-ndis5-miniport.ts', undefined],
  ['18-82540em-ndis6.ts', '82540EM'],
  ['19-82540em-ndis5.ts', '82540EM'],
]

describe('what comes back late or out of order', () => {
  test.each(DRIVERS)('%s takes it', (entry, nic) => {
    for (const seed of [1, 2, 3]) {
      const [plain, delayed, unordered] = [
        run(entry, seed, undefined, nic),
        run(entry, seed, { completions: { order: 'delayed' } }, nic),
        run(entry, seed, { completions: { order: 'unordered' } }, nic),
      ]
      expect([plain, delayed, unordered].flatMap(findings)).toEqual([])
      expect(new Set([plain, delayed, unordered].map(({ traceHash }) => traceHash)).size).toBe(3)
    }
  })
})

describe('a share of the allocations fails', () => {
  test.each([...STACKS, '11-ndis6-miniport.ts', '15-ndis5-miniport.ts'])('%s takes it', (entry) => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const report = run(entry, seed, { allocations: { share: 0.2 } })
      expect(findings(report)).toEqual([])
    }
  })
})

describe('the hardware goes', () => {
  handlesAll('18-82540em-ndis6.ts', 'removal', 'default', 90)
  handlesAll('20-teaching-nic.ts', 'removal', 'echo', 70)
  handlesAll('15-ndis5-miniport.ts', 'removal', 'echo', 40)
  handlesAll('10-configuration.ts', 'removal', 'lifecycle', 15)
  handlesAll('11-ndis6-miniport.ts', 'removal', 'lifecycle', 50)
  handlesAll('13-ndis6-filter.ts', 'removal', 'lifecycle', 30)
  handlesAll('17-ndis5-stack.ts', 'removal', 'default', 60)
  handlesAll('19-82540em-ndis5.ts', 'removal', 'default', 60)
})
