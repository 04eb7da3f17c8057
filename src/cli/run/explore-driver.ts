import type { DriverFiles } from '../../host/files/driver-files'
import type { RunConfig } from '../../shared/engine'
import { EXPLORED_RUN_MS, type ExploreProgress, type ExploreReport } from '../../shared/explore'
import type { CliIo, ExitCode } from '../io'
import { exploreText } from './explore-text'
import type { RunOptions } from './options'
import type { ReportContext } from './report-text'

/** Explores a driver in threads of their own. Everything that goes wrong with the driver is in the report. */
export type DriverExplorer = (request: {
  /** As the person gave it. */
  readonly driver: string
  readonly source: DriverFiles
  readonly config: RunConfig
  readonly seeds: number
  /** EngineWorkerData.inject. */
  readonly inject?: Uint8Array
  /** Real time for one run, milliseconds. */
  readonly timeoutMs: number
  readonly onProgress: (progress: ExploreProgress) => void
}) => Promise<ExploreReport>

export interface ExploreRequest {
  readonly source: DriverFiles
  readonly config: RunConfig
  readonly seeds: number
  readonly inject?: Uint8Array
}

const PROGRESS_MS = 100
const CLEAR_LINE = '\r\u001b[K'

/** One line on standard error that is written over, when that is a terminal. */
function progressLine(io: CliIo) {
  let last = 0
  return {
    show({ phase, done, total, failing, runs }: ExploreProgress): void {
      const now = performance.now()
      if (io.terminal !== true || now - last < PROGRESS_MS) return
      last = now
      const what = phase === 'explore' ? `seed ${done} of ${total}` : `shrinking outcome ${done + 1} of ${total}`
      io.err(`${CLEAR_LINE}${what} · ${failing} failing · ${runs} runs · Ctrl+C ends it`)
    },
    clear: () => void (last > 0 && io.err(CLEAR_LINE)),
  }
}

/** 2 when a run did not come to its end, or the driver cannot be loaded; 1 when something was found; 0 otherwise. */
function exitCode({ outcomes }: ExploreReport): ExitCode {
  if (outcomes.some(({ outcome }) => outcome === 'error')) return 2
  return outcomes.some(({ findings }) => findings.length > 0) ? 1 : 0
}

/** --explore: many runs, and what came of them. */
export async function exploreDriver(
  request: ExploreRequest,
  { driver, timeoutMs = EXPLORED_RUN_MS, given, json }: RunOptions,
  io: CliIo,
  explore: DriverExplorer,
  context: ReportContext,
): Promise<ExitCode> {
  const progress = progressLine(io)
  const report = await explore({ ...request, driver, timeoutMs, onProgress: progress.show })
  progress.clear()
  io.out(json ? `${JSON.stringify(report, null, 2)}\n` : exploreText(report, given, context))
  return exitCode(report)
}
