/**
 * An example driver in every scenario, on one CPU and on four, with many seeds: clean, always. `npm run matrix` runs them on two CPUs besides,
 * all with 200 seeds.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ScenarioName } from '../../src/core/scenario/names'
import { SCENARIO_NAMES } from '../../src/shared/scenarios'
import type { RunReport } from '../../src/shared/report'
import { loadDriver, type LoadOptions } from '../../src/lib'

const FOLDER = path.resolve(import.meta.dirname, '../../examples')
/** Every example with its parts, by paths from the folder of examples. */
export const FILES = Object.fromEntries(
  readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, readFileSync(path.join(FOLDER, file), 'utf8')]),
)
/** Seeds of the whole matrix, in every scenario; undefined: the usual part of it. */
const WHOLE = process.env['MATRIX_SEEDS'] === undefined ? undefined : Number(process.env['MATRIX_SEEDS'])
/** Seeds of a scenario with traffic; without any there is less to be interleaved. */
const SEEDS = 50
const SEEDS_OF: Partial<Record<ScenarioName, number>> = { default: 10, shutdown: 10 }
const CPUS = WHOLE === undefined ? [1, 4] : [1, 2, 4]
/** Enough that sends queue up, packets run out and everything overlaps. */
const FRAMES = 16
const MEMORY_BYTES = 4 * 1024 * 1024
/** A case is up to 50 runs, seconds on a quiet machine; of the whole matrix 200. */
const TIMEOUT_MS = WHOLE === undefined ? 240_000 : 3_600_000

/** What is wrong with a run, in words that name the seed to run it again with. */
export function findings({ seed, violations, bugcheck, leaks, error }: RunReport): string[] {
  return [
    ...violations.map(({ rule, message, file, line }) => `${rule} at ${file}:${line}: ${message}`),
    ...leaks.map(({ kind, count, file, line }) => `leak of ${count} ${kind} from ${file}:${line}`),
    ...(bugcheck ? [`${bugcheck.name}: ${bugcheck.message}`] : []),
    ...(error ? [`${error.code}: ${error.message}`] : []),
  ].map((text) => `seed ${seed}: ${text}`)
}

/** Declares the tests of one example, by the name of its file. `seeds`: fewer than fifty; `others`: NICs, for instance. */
export function cleanInEveryScenario(
  entry: string,
  seeds = SEEDS,
  others: LoadOptions = {},
  scenarios: readonly ScenarioName[] = SCENARIO_NAMES,
): void {
  describe(entry, () => {
    for (const cpus of CPUS)
      test.each(scenarios)(
        `%s on ${cpus} CPU${cpus === 1 ? '' : 's'}`,
        (scenario) => {
          const found: string[] = []
          for (let seed = 1; seed <= (WHOLE ?? Math.min(seeds, SEEDS_OF[scenario] ?? SEEDS)); seed++) {
            const options = { entry, scenario, seed, cpus, frames: FRAMES, memoryBytes: MEMORY_BYTES, ...others }
            found.push(...findings(loadDriver(FILES, options).run()))
          }
          expect(found).toEqual([])
        },
        TIMEOUT_MS,
      )
  })
}
