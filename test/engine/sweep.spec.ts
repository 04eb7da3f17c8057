/** Sweeps on real threads, and through the debug adapter as a front end asks for them. */
import { afterEach, describe, expect, test } from 'vitest'
import { sweepOnPool } from '../../src/host/campaign/driver-sweep'
import { createRunPool } from '../../src/host/campaign/run-pool'
import { findProduct } from '../../src/host/product'
import { driverOf } from '../../src/script/test-driver'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import type { SweepProgress, SweepReport } from '../../src/shared/sweep'
import { DapSession, DRIVER } from './dap-session'

const { engineWorker } = findProduct(import.meta.url)
const IMPORTS = 'NdisAllocateMemoryWithTagPriority, NdisFreeMemory'
/** The first failure is handled, the second one is not looked at, the third one is waited for without end. */
const THREE = driverOf(
  IMPORTS,
  `const one = NdisAllocateMemoryWithTagPriority(0, 64, 0x31656e6f, 0)
   if (one === 0) return 1
   NdisFreeMemory(one, 0, 0)
   const two = NdisAllocateMemoryWithTagPriority(0, 64, 0x326f7774, 0)
   NdisFreeMemory(two, 0, 0)
   const three = NdisAllocateMemoryWithTagPriority(0, 64, 0x33333333, 0)
   while (three === 0) {}
   NdisFreeMemory(three, 0, 0)`,
)
const outcomes = ({ rows }: SweepReport): readonly string[] => rows.map(({ outcome }) => outcome)

describe('a sweep on threads', () => {
  const options = {
    kind: 'allocations',
    driver: 'driver.ts',
    source: { files: { 'driver.ts': THREE }, entry: 'driver.ts' },
    config: DEFAULT_RUN_CONFIG,
  } as const

  test('goes on behind a run that hangs, and is the same with one thread and with two', async () => {
    const sweepWith = (threads: number): Promise<SweepReport> =>
      sweepOnPool(createRunPool({ engineWorker, threads, timeoutMs: 2000 }), options)
    const [one, two] = [await sweepWith(1), await sweepWith(2)]
    expect(outcomes(one)).toEqual(['handled', 'violated', 'hung'])
    expect(one.rows[1]!.rules).toEqual(['DV:FreeUnallocated'])
    expect({ ...two, wallMs: 0 }).toEqual({ ...one, wallMs: 0 })
  })

  test('ends when it is broken off, although a run hangs', async () => {
    const stop = new AbortController()
    const report = await sweepOnPool(createRunPool({ engineWorker, threads: 2 }), {
      ...options,
      signal: stop.signal,
      onProgress: ({ done }) => void (done === 2 && stop.abort()),
    })
    expect(report.cancelled).toBe(true)
    expect(outcomes(report)).toEqual(['handled', 'violated'])
  })
})

describe('a sweep of the debug adapter', () => {
  let session: DapSession
  afterEach(() => session.close())
  const two = THREE.replace('while (three === 0) {}', 'if (three === 0) return 1')
  const launch = { program: DRIVER, overlays: { 'driver.ts': two } }

  test('answers with its table, tells how it goes on, and a row is launched with its faults', async () => {
    session = new DapSession()
    const report = await session.request<SweepReport>('ndis/sweep', { kind: 'allocations', launch })
    expect(outcomes(report)).toEqual(['handled', 'violated', 'handled'])
    const told = session.events('ndis/sweep') as unknown as SweepProgress[]
    expect(told.at(-1)).toMatchObject({ done: 3, total: 3 })
    expect(told.flatMap(({ row }) => row?.key ?? []).sort()).toEqual(report.rows.map(({ key }) => key).sort())
    await session.launch(two, undefined, { config: { faults: report.rows[1]!.faults } })
    expect(await session.report()).toMatchObject({
      violations: [{ rule: 'DV:FreeUnallocated', line: 7 }],
      faults: [{ key: report.rows[1]!.key, place: { line: 6 } }],
    })
  })

  test('can be cancelled, and says what it does not take', async () => {
    session = new DapSession()
    const hanging = { program: DRIVER, overlays: { 'driver.ts': THREE } }
    const swept = session.ask('ndis/sweep', { kind: 'allocations', launch: hanging })
    await session.event('ndis/sweep', (progress) => progress['done'] === 2)
    const second = await session.ask('ndis/sweep', { kind: 'removal', launch })
    expect(second).toMatchObject({ success: false, message: 'a sweep is going on: ndis/sweep/cancel ends it' })
    await session.request('ndis/sweep/cancel')
    expect(await swept).toMatchObject({ success: true, body: { cancelled: true, handled: 1 } })
    const config = { faults: { removeAt: 0 } }
    const wrong = await session.ask('ndis/sweep', { kind: 'removal', launch: { ...launch, config } })
    expect(wrong).toMatchObject({ success: false })
    expect(wrong['message']).toMatch(/^faults\.removeAt: /)
  })
})
