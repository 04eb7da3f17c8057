/** The pool of a campaign: real threads, each with many runs. */
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createRunPool, type RunPool } from '../../src/host/campaign/run-pool'
import { collectDriver } from '../../src/host/files/driver-files'
import { findProduct } from '../../src/host/product'
import { runToReport } from '../../src/host/session/engine-host'
import { driverOf } from '../../src/script/test-driver'
import type { CampaignRun } from '../../src/shared/campaign'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'

const { engineWorker, examples } = findProduct(import.meta.url)
let pool: RunPool
afterEach(() => pool.close())

const runOf = (text: string, config: Partial<RunConfig> = {}): CampaignRun => ({
  files: { 'driver.ts': text },
  entry: 'driver.ts',
  config: { ...DEFAULT_RUN_CONFIG, ...config },
})
const { files, entry } = await collectDriver(path.join(examples, '14-ndis6-stack.ts'))
const stackRun = (config: Partial<RunConfig> = {}): CampaignRun => ({
  files,
  entry,
  config: { ...DEFAULT_RUN_CONFIG, ...config },
})
const endless = driverOf('DbgPrint', 'for (;;) DbgPrint("again\\n")')

describe('a run pool', () => {
  test('runs are the same as each in a worker of its own, whatever ran before in the thread', async () => {
    pool = createRunPool({ engineWorker, threads: 2 })
    const runs = [1, 2, 3, 4].map((seed) => stackRun({ seed, cpus: 2, scenario: 'stress', frames: 8 }))
    const alone = await Promise.all(runs.map((run) => runToReport({ worker: engineWorker, ...run })))
    const pooled = await Promise.all([...runs, ...runs].map(pool.run))
    expect(pooled.map((report) => ({ ...report, wallMs: 0 }))).toEqual(
      [...alone, ...alone].map((report) => ({ ...report, wallMs: 0 })),
    )
    expect(new Set(pooled.map(({ traceHash }) => traceHash)).size).toBe(4)
  })
  test('a run that does not end is broken off where it is, and the next ones run', async () => {
    pool = createRunPool({ engineWorker, threads: 1, timeoutMs: 1500 })
    const [first, second] = await Promise.all([pool.run(runOf(endless)), pool.run(stackRun())])
    expect(first).toMatchObject({ outcome: 'error', error: { code: 'timeout', file: 'driver.ts', line: 3 } })
    expect(second.outcome).toBe('clean')
  })
  test('a driver that cannot be loaded is told in its report', async () => {
    pool = createRunPool({ engineWorker, threads: 1 })
    expect(await pool.run(runOf('export function DriverEntry( {'))).toMatchObject({ error: { code: 'syntax' } })
    expect((await pool.run(stackRun())).outcome).toBe('clean')
  })
  test('close breaks off what runs and what waits', async () => {
    pool = createRunPool({ engineWorker, threads: 1 })
    const runs = [runOf(endless), stackRun()].map(pool.run)
    setTimeout(() => void pool.close(), 500)
    const codes = (await Promise.all(runs)).map(({ error }) => error?.code)
    expect([...codes, (await pool.run(stackRun())).error?.code]).toEqual(['stopped', 'stopped', 'stopped'])
  })
})
