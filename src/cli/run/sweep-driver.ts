import type { DriverFiles } from '../../host/files/driver-files'
import type { RunPool } from '../../host/campaign/run-pool'
import { sweep } from '../../host/campaign/sweep'
import type { RunConfig } from '../../shared/engine'
import type { SweepKind } from '../../shared/sweep'
import { UsageError, type CliIo, type ExitCode } from '../io'
import type { RunOptions } from './options'
import type { Style } from './style'
import { sweepText } from './sweep-text'

/** Real time that one run of a sweep may take, milliseconds, when nobody says. */
const RUN_TIMEOUT_MS = 30_000

export interface SweepRequest {
  readonly options: RunOptions
  readonly kind: SweepKind
  readonly source: DriverFiles
  readonly config: RunConfig
  /** Of a time limit for each run, milliseconds. */
  readonly pool: (timeoutMs: number) => RunPool
  readonly style: Style
  readonly name: (file: string) => string
}

/** What says something about one run says nothing about many. */
function refuseOptions({ in: capture, out, sarif, junit }: RunOptions): void {
  for (const [option, value] of Object.entries({ '--in': capture, '--out': out, '--sarif': sarif, '--junit': junit }))
    if (value !== undefined) throw new UsageError(`${option} is of one run: it does not go with a sweep`)
}

/** Runs a driver once for each fault of a kind and prints the table. */
export async function sweepDriver(request: SweepRequest, io: CliIo): Promise<ExitCode> {
  const { options, kind, source, style, name } = request
  refuseOptions(options)
  const { faults, ...config } = request.config
  const pool = request.pool(options.timeoutMs ?? RUN_TIMEOUT_MS)
  const stop = new AbortController()
  // Ctrl+C ends the sweep, not its table; a second one ends us.
  const onInterrupt = (): void => {
    stop.abort()
    void pool.close()
  }
  process.once('SIGINT', onInterrupt)
  const report = await sweep({
    kind,
    driver: options.driver,
    seed: config.seed,
    scenario: config.scenario,
    ...(faults && { faults }),
    signal: stop.signal,
    run: (plan) => pool.run({ files: source.files, entry: source.entry, config: { ...config, faults: plan } }),
    onProgress: ({ done, total }) => {
      if (io.colors && !options.json) io.err(`\r${done} of ${total}\u001b[K`)
    },
  })
  process.removeListener('SIGINT', onInterrupt)
  await pool.close()
  if (io.colors && !options.json) io.err('\r\u001b[K')
  io.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : sweepText(report, name, style))
  if (report.error !== undefined) return 2
  const good = report.plain.outcome === 'handled' && report.handled === report.rows.length
  return good && !report.cancelled ? 0 : 1
}
