import { DEFAULT_RUN_CONFIG } from '../../src/shared/engine'
import type { RunReport } from '../../src/shared/report'
import { Engine } from '../../src/script/engine'
import { tables } from '../../src/script/tables'
import { ACTIVATION } from '../../src/core/kernel/cpus'
import { PASSIVE_LEVEL } from '../../src/core/kernel/irql'
import type { RuleFixture } from './fixture'

/** Enough for every driver here, and quick to make. */
const memoryBytes = 4 * 1024 * 1024

/** Runs a driver with what its fixture has around it. */
export function runFixture(
  files: Readonly<Record<string, string>>,
  { config, application, devices, data }: RuleFixture,
): RunReport {
  const engine = new Engine({
    config: { ...DEFAULT_RUN_CONFIG, memoryBytes, ...config },
    files,
    entry: 'driver.ts',
    tables,
    ...(devices && { devices }),
    ...(data && { data }),
  })
  const { driver, kernel, io } = engine.machine
  if (application)
    driver.addPart({
      start: () =>
        kernel.scheduler.queueThread(0, {
          name: 'application',
          kind: ACTIVATION.THREAD,
          irql: PASSIVE_LEVEL,
          run: () => application(io),
        }),
    })
  return engine.run()
}
