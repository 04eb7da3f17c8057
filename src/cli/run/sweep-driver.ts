import type { DriverFiles } from '../../host/files/driver-files'
import type { RunPool } from '../../host/campaign/run-pool'
import { sweepOnPool, SWEPT_RUN_TIMEOUT_MS } from '../../host/campaign/driver-sweep'
import type { RunConfig } from '../../shared/engine'
import type { SweepKind } from '../../shared/sweep'
import { UsageError, type CliIo, type ExitCode } from '../io'
import type { RunOptions } from './options'
import type { Style } from './style'
import { sweepText } from './sweep-text'

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
  const { options, kind, source, config, style, name } = request
  refuseOptions(options)
  const shown = io.colors && !options.json
  // Ctrl+C ends the sweep, not its table; a second one ends us.
  const interrupt = new AbortController()
  const onInterrupt = (): void => interrupt.abort()
  process.once('SIGINT', onInterrupt)
  const report = await sweepOnPool(request.pool(options.timeoutMs ?? SWEPT_RUN_TIMEOUT_MS), {
    kind,
    driver: options.driver,
    source,
    config,
    signal: interrupt.signal,
    onProgress: ({ done, total }) => {
      if (shown) io.err(`\r${done} of ${total}\u001b[K`)
    },
  })
  process.removeListener('SIGINT', onInterrupt)
  if (shown) io.err('\r\u001b[K')
  io.out(options.json ? `${JSON.stringify(report, null, 2)}\n` : sweepText(report, name, style))
  if (report.error !== undefined) return 2
  const good = report.plain.outcome === 'handled' && report.handled === report.rows.length
  return good && !report.cancelled ? 0 : 1
}
