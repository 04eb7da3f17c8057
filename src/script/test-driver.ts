import { DEFAULT_RUN_CONFIG, type RunConfig } from '../shared/engine'
import type { RunReport } from '../shared/report'
import { Engine, type EngineOptions } from './engine'
import { tables } from './tables'

/** For specs: runs one script text in process and gives the report. Throws LoadError when it cannot be loaded. */
export function runScript(
  source: string,
  config: Partial<RunConfig> = {},
  options: Partial<EngineOptions> = {},
): RunReport {
  return new Engine({
    config: { ...DEFAULT_RUN_CONFIG, ...config },
    files: { 'driver.ts': source },
    entry: 'driver.ts',
    tables,
    ...options,
  }).run()
}

/** A driver whose DriverEntry is the given statements; `imports` are names of 'ndis'. The statements begin on line 3. */
export const driverOf = (imports: string, statements: string): string =>
  `import { ${imports} } from 'ndis'\nexport function DriverEntry() {\n${statements}\nreturn 0\n}\n`
