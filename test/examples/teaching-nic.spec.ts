import { expect, test } from 'vitest'
import { loadDriver } from '../../src/lib'
import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import { cleanInEveryScenario, FILES, findings } from './matrix'

const ENTRY = '20-teaching-nic.ts'
/** A NIC is more work for the machine than a loopback: fewer seeds for the same time. */
const SEEDS = 20
const FRAMES = 1000

cleanInEveryScenario(ENTRY, SEEDS, { nics: ['teaching'] })

test.each([1, 4])('a bad line and a cable that is pulled twice do not trouble the driver, on %i CPUs', (cpus) => {
  const pulls = [
    { atNs: 3_000_000, forNs: 2_000_000 },
    { atNs: 9_000_000, forNs: 500_000 },
  ]
  const link = { ...DEFAULT_RUN_CONFIG.link, loss: 0.01, duplicate: 0.01, reorder: 0.02, corrupt: 0.01, pulls }
  const config = { entry: ENTRY, nics: ['teaching'] as const, scenario: 'echo', frames: FRAMES, cpus, link }
  const report = loadDriver(FILES, config).run()
  expect(findings(report)).toEqual([])
  // What went out while the cable was pulled failed; of the others some were lost, and some came back twice.
  const { sent, received, dropped } = report.frames
  expect(sent + dropped).toBe(FRAMES)
  expect(Math.min(sent, dropped)).toBeGreaterThan(FRAMES / 4)
  expect(received / sent).toBeGreaterThan(0.9)
  expect(received / sent).toBeLessThan(1.1)
})
