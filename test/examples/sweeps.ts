/** Sweeps of examples in this thread: no worker threads, and so no time limit but the scenario's own. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { sweep } from '../../src/host/campaign/sweep'
import { collectDriver } from '../../src/host/files/driver-files'
import type { ScenarioName } from '../../src/core/scenario/names'
import { loadDriver, type LoadOptions } from '../../src/lib'
import { valuesOf } from '../../src/shared/configuration'
import { runConfig } from '../../src/shared/run-config'
import type { SweepKind, SweepReport } from '../../src/shared/sweep'
import { FILES } from './matrix'

const EXAMPLES = path.resolve(import.meta.dirname, '../../examples')
const MEMORY_BYTES = 8 * 1024 * 1024
/** A small echo: everything that allocates for traffic has its turn. */
const FRAMES = 8
/** A sweep is up to a hundred runs. */
const TIMEOUT_MS = 240_000

export function sweepOf(
  entry: string,
  kind: SweepKind,
  scenario: ScenarioName,
  options: LoadOptions = {},
  files: Readonly<Record<string, string>> = FILES,
): Promise<SweepReport> {
  const run = { entry, scenario, frames: FRAMES, memoryBytes: MEMORY_BYTES, ...options }
  return sweep({
    kind,
    driver: entry,
    seed: 1,
    scenario,
    run: (faults) => Promise.resolve(loadDriver(files, { ...run, faults }).run()),
  })
}

/** What is not handled, in words that say how to see it again. */
export const unhandled = ({ rows, plain }: SweepReport): readonly string[] => [
  ...(plain.outcome === 'handled' ? [] : [`without a fault: ${plain.outcome}: ${plain.message}`]),
  ...rows
    .filter(({ outcome }) => outcome !== 'handled')
    .map(({ outcome, option, function: fn, place, rules, message }) =>
      [`${option}: ${fn} at ${place.file}:${place.line}: ${outcome}`, ...rules, message].join(', '),
    ),
]

/** Declares a test: the driver, with what stands in its configuration file, handles all of it, and there is something to handle. */
export function handlesAll(entry: string, kind: SweepKind, scenario: ScenarioName, least: number): void {
  test(
    `${entry}: ${kind}, ${scenario}`,
    async () => {
      const { files, keywords, hardware, levels } = await collectDriver(entry, { cwd: EXAMPLES })
      const { nics, keywords: values } = runConfig({ keywords: valuesOf(keywords), hardware, levels }, {})
      const report = await sweepOf(entry, kind, scenario, { nics, keywords: values }, files)
      expect(unhandled(report)).toEqual([])
      expect(report.rows.length).toBeGreaterThanOrEqual(least)
    },
    TIMEOUT_MS,
  )
}
