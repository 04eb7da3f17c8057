/**
 * The library: `import { createMachine, loadDriver } from 'ndis-workbench'` in anyone's test file. Everything runs in the
 * calling thread; no debugger, no worker.
 */
import { Engine } from './script/engine'
import { tables } from './script/tables'
import { DEFAULT_RUN_CONFIG, type RunConfig } from './shared/engine'
import type { RunReport } from './shared/report'

export { createMachine } from './core/machine'
export type { Machine, MachineOptions } from './core/machine'
export type { RunReport, ViolationReport, LeakReport, BugcheckReport } from './shared/report'
export { LoadError } from './script/errors'

export interface LoadedDriver {
  /** Runs DriverEntry, the driver's life and unload, once. */
  run(): RunReport
}

/**
 * Loads a driver from its source: one text, or files by path with `entry`. Throws LoadError with file and line when it
 * cannot be loaded. The first run hardens the language of the whole thread (SES).
 */
export function loadDriver(
  source: string | Readonly<Record<string, string>>,
  options: Partial<RunConfig> & { entry?: string } = {},
): LoadedDriver {
  const { entry = typeof source === 'string' ? 'driver.ts' : Object.keys(source)[0]!, ...config } = options
  const files = typeof source === 'string' ? { [entry]: source } : source
  return new Engine({ config: { ...DEFAULT_RUN_CONFIG, ...config }, files, entry, tables })
}
