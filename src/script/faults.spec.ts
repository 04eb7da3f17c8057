import { describe, expect, it } from 'vitest'
import type { FaultPlan } from '../shared/faults'
import type { RunReport } from '../shared/report'
import { driverOf, runScript } from './test-driver'

/** 'Abcd' */
const TAG = 0x64636241
const IMPORTS = 'NdisAllocateMemoryWithTag, NdisAllocateMemoryWithTagPriority, NdisFreeMemory, DbgPrint, out'
/** Five blocks by two functions; prints which it got, frees what it got. */
const FIVE = driverOf(
  IMPORTS,
  `const got: number[] = []
   const one = (Tag: number) => { const p = NdisAllocateMemoryWithTagPriority(0, 100, Tag, 0); got.push(p); return p }
   const cell = out<number>()
   one(${TAG}); one(${TAG}); one(0x31323334)
   got.push(NdisAllocateMemoryWithTag(cell, 100, ${TAG}) === 0 ? cell.value : 0)
   one(${TAG})
   DbgPrint(got.map((p) => (p === 0 ? '-' : '+')).join('') + '\\n')
   for (const p of got) if (p !== 0) NdisFreeMemory(p, 0, 0)`,
)
const run = (faults: FaultPlan, source = FIVE, seed = 1): RunReport => runScript(source, { faults, seed })
const got = (faults: FaultPlan, seed?: number): string | undefined => run(faults, FIVE, seed).output[0]

describe('allocations that fail', () => {
  it('the Nth one, with its documented result, and the report says where', () => {
    const report = run({ allocations: { nth: 2 } })
    expect(report).toMatchObject({
      outcome: 'clean',
      output: ['+-+++'],
      faults: [
        {
          kind: 'allocation',
          function: 'NdisAllocateMemoryWithTagPriority',
          place: { function: 'one', file: 'driver.ts', line: 4 },
          stack: [{ function: 'one' }, { function: 'DriverEntry', line: 6 }],
        },
      ],
    })
    expect(report).not.toHaveProperty('survey')
  })

  it.each<[string, FaultPlan['allocations'], string]>([
    ['nothing, beyond the last', { nth: 6 }, '+++++'],
    ['those of a tag', { tag: 'Abcd' }, '--+--'],
    ['the Nth of a tag', { tag: 'Abcd', nth: 3 }, '+++-+'],
    ['those of a function', { function: 'NdisAllocateMemoryWithTag' }, '+++-+'],
    ['those of functions by the beginning of their names', { function: 'NdisAllocateMemory*' }, '-----'],
    ['all', { share: 1 }, '-----'],
    ['none', { share: 0 }, '+++++'],
  ])('%s', (_what, allocations, expected) => {
    expect(got({ allocations })).toBe(expected)
  })

  it('a share by seed: the same seed the same ones', () => {
    const half = (seed: number): string | undefined => got({ allocations: { share: 0.5 } }, seed)
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
    expect(seeds.map(half)).toEqual(seeds.map(half))
    expect(new Set(seeds.map(half)).size).toBeGreaterThan(2)
  })

  it('the first one from a call stack: a survey names them', () => {
    const { survey } = run({ survey: true })
    const sites = survey!.allocations
    expect(sites.map(({ function: fn, within, count, stack }) => [fn, within, count, stack[0]!.line])).toEqual([
      ['NdisAllocateMemoryWithTagPriority', 'DriverEntry', 1, 4],
      ['NdisAllocateMemoryWithTagPriority', 'DriverEntry', 1, 4],
      ['NdisAllocateMemoryWithTagPriority', 'DriverEntry', 1, 4],
      ['NdisAllocateMemoryWithTag', 'DriverEntry', 1, 7],
      ['NdisAllocateMemoryWithTagPriority', 'DriverEntry', 1, 4],
    ])
    expect(sites.map(({ key }) => got({ allocations: { stack: key } }))).toEqual([
      '-++++',
      '+-+++',
      '++-++',
      '+++-+',
      '++++-',
    ])
    expect(got({ allocations: { stack: `${sites[1]!.key}+${sites[3]!.key}` } })).toBe('+-+-+')
  })

  it('in a loop only once', () => {
    const source = driverOf(
      IMPORTS,
      `for (let i = 0; i < 3; i++) {
         const p = NdisAllocateMemoryWithTagPriority(0, 8, ${TAG}, 0)
         DbgPrint(p === 0 ? 'no\\n' : 'yes\\n')
         if (p !== 0) NdisFreeMemory(p, 0, 0)
       }`,
    )
    const [site] = run({ survey: true }, source).survey!.allocations
    expect(site!.count).toBe(3)
    expect(run({ allocations: { stack: site!.key } }, source).output).toEqual(['no', 'yes', 'yes'])
  })

  it('leaves the run as it is when the plan has nothing for it', () => {
    const plain = runScript(FIVE)
    expect(run({ allocations: { nth: 99 }, survey: true }).traceHash).toBe(plain.traceHash)
    expect(plain).not.toHaveProperty('faults')
  })

  it('by call stacks that do not tell what a callback runs on top of', () => {
    // The DPC's allocation interrupts whatever runs: its stack is its own each time.
    const source = driverOf(
      `${IMPORTS}, KDPC, KeInitializeDpc, KeInsertQueueDpc, KeRaiseIrql, KeLowerIrql, DISPATCH_LEVEL, storage`,
      `const dpc = storage(KDPC)
       const routine = () => {
         const p = NdisAllocateMemoryWithTagPriority(0, 8, ${TAG}, 0)
         if (p !== 0) NdisFreeMemory(p, 0, 0)
       }
       KeInitializeDpc(dpc, routine, 0)
       KeInsertQueueDpc(dpc, 0, 0)
       DbgPrint('one\\n')
       KeInsertQueueDpc(dpc, 0, 0)
       DbgPrint('two\\n')`,
    )
    const report = run({ survey: true }, source)
    expect(report.outcome).toBe('clean')
    expect(report.survey!.allocations).toMatchObject([{ count: 2, stack: [{ function: 'routine' }] }])
  })
})

describe('functions that allocate at times', () => {
  const retreat = `ExAllocatePoolWithTag, ExFreePoolWithTag, NonPagedPool, POOL_RAISE_IF_ALLOCATION_FAILURE, DbgPrint`
  it('raise what they raise when memory is short', () => {
    const source = driverOf(
      retreat,
      `ExFreePoolWithTag(ExAllocatePoolWithTag(NonPagedPool | POOL_RAISE_IF_ALLOCATION_FAILURE, 8, ${TAG}), ${TAG})`,
    )
    expect(runScript(source).outcome).toBe('clean')
    expect(run({ allocations: { nth: 1 } }, source).bugcheck).toMatchObject({
      name: 'KMODE_EXCEPTION_NOT_HANDLED',
      line: 3,
    })
  })
})

describe('low memory', () => {
  it('a driver has so many bytes at a time', () => {
    const report = run({ memory: { bytes: 350 } })
    expect(report.output).toEqual(['+++--'])
    expect(report.faults).toMatchObject([{ kind: 'low memory' }, { kind: 'low memory' }])
    expect(report.outcome).toBe('clean')
  })
  it('from an allocation on', () => {
    expect(got({ memory: { bytes: 0, from: 4 } })).toBe('+++--')
  })
  it('what is freed may be taken again', () => {
    const source = driverOf(
      IMPORTS,
      `for (let i = 0; i < 9; i++) NdisFreeMemory(NdisAllocateMemoryWithTagPriority(0, 300, ${TAG}, 0), 0, 0)`,
    )
    expect(run({ memory: { bytes: 350 } }, source)).toMatchObject({ outcome: 'clean', faults: [] })
  })
})
