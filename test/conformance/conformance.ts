/**
 * The conformance suite: small drivers, grouped by the page of the documentation that says what they must see. Each runs
 * in this process through the library and in the real engine worker; both must end with the same report.
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { findProduct } from '../../src/host/product'
import { runToReport } from '../../src/host/session/engine-host'
import { loadDriver } from '../../src/lib'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'
import type { RunReport } from '../../src/shared/report'
import { shortDriver } from './short-driver'

export interface Case {
  /** What the page says, in our words. */
  readonly says: string
  /**
   * A short driver (short-driver.ts).
   */
  readonly script: string
  readonly config?: Partial<RunConfig>
  /** Lines of debug output; none when left out. */
  readonly output?: readonly string[]
  /** Rules that are broken, in their order; none when left out. */
  readonly violations?: readonly string[]
  /** Name of the bugcheck that ends the run. */
  readonly bugcheck?: string
  /** 'kind xcount' of what is left; nothing when left out. */
  readonly leaks?: readonly string[]
}
/** A page, or a group of pages about one thing, by its key: PV, DDI, NET, NT4, CE, WDM. */
export interface Page {
  readonly page: string
  readonly cases: readonly Case[]
}

/** Enough for every script, and quick to make. */
const MEMORY_BYTES = 8 * 1024 * 1024
function filesOf({ script }: Case): Record<string, string> {
  return shortDriver(script)
}
const configOf = ({ config }: Case): Partial<RunConfig> => ({ memoryBytes: MEMORY_BYTES, ...config })

function inProcess(one: Case): RunReport {
  return loadDriver(filesOf(one), { ...configOf(one), entry: 'driver.ts' }).run()
}
function inWorker(one: Case): Promise<RunReport> {
  const worker = findProduct(import.meta.url).engineWorker
  if (!existsSync(fileURLToPath(worker))) throw new Error('the engine worker is not built: run npm run build first')
  return runToReport({
    worker,
    config: { ...DEFAULT_RUN_CONFIG, ...configOf(one) },
    files: filesOf(one),
    entry: 'driver.ts',
    timeoutMs: 60_000,
  })
}

/** What a case may expect of a report. */
const outcomeOf = (report: RunReport) => ({
  output: report.output,
  violations: report.violations.map(({ rule }) => rule),
  bugcheck: report.bugcheck?.name,
  leaks: report.leaks.map(({ kind, count }) => `${kind} x${count}`),
  error: report.error,
})

/** Real time differs from run to run; nothing else may. */
const withoutRealTime = (report: RunReport): RunReport => ({ ...report, wallMs: 0 })

/** Declares the tests of these pages. */
export function conform(pages: readonly Page[]): void {
  for (const { page, cases } of pages)
    describe(page, () => {
      for (const one of cases)
        test.concurrent(one.says, async () => {
          const working = inWorker(one)
          const report = inProcess(one)
          const { output = [], violations = [], bugcheck, leaks = [] } = one
          expect(outcomeOf(report)).toEqual({ output, violations, bugcheck, leaks, error: undefined })
          expect(withoutRealTime(await working)).toEqual(withoutRealTime(report))
        })
    })
}
