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
export type { Keywords, KeywordValue } from './shared/configuration'
export type { RunReport, ViolationReport, LeakReport, BugcheckReport } from './shared/report'
export { LoadError } from './script/errors'

export interface LoadedDriver {
  /** Runs DriverEntry, the driver's life and unload, once. */
  run(): RunReport
}

export interface LoadOptions extends Partial<RunConfig> {
  /** The file to begin with, when there are several; the first one if left out. */
  readonly entry?: string
  /** Each line of debug output as it comes, without its line end; the report has them all. */
  readonly onOutput?: (line: string) => void
}

/**
 * Loads a driver from its source: one text, or files by path with `entry`. Throws LoadError with file and line when it
 * cannot be loaded, RangeError for a keyword that does not fit its type. The first run hardens the language of the whole thread (SES).
 */
export function loadDriver(source: string | Readonly<Record<string, string>>, options: LoadOptions = {}): LoadedDriver {
  const { entry = typeof source === 'string' ? 'driver.ts' : Object.keys(source)[0]!, onOutput, ...config } = options
  const files = typeof source === 'string' ? { [entry]: source } : source
  return new Engine({
    config: { ...DEFAULT_RUN_CONFIG, ...config },
    files,
    entry,
    tables,
    ...(onOutput && { onOutput }),
  })
}
