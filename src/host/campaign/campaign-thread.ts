import { Worker } from 'node:worker_threads'
import type { CampaignMessage, CampaignRun, CampaignWorkerData } from '../../shared/campaign'
import type { CallSite } from '../../shared/engine'
import { emptyReport } from '../../shared/empty-report'
import type { RunError, RunReport } from '../../shared/report'
import { EVENT_WORD } from '../../shared/rings'
import { EventReader, newEventRing } from '../session/rings'

/** Small, so that it stays in the cache. */
const RING_RECORDS = 8192
/** Heap of a thread, MiB: that of one script and what the engine itself has. */
const HEAP_MB = 768

const OUT_OF_MEMORY: RunError = {
  code: 'out-of-memory',
  message: 'The script used more memory than a driver may have. Look for a list that only grows.',
}
const STOPPED: RunError = { code: 'stopped', message: 'The run was stopped.' }
const timeout = (ms: number): RunError => ({
  code: 'timeout',
  message: `The driver did not come to its end in ${ms / 1000} s of real time; this is its last call.`,
})

/** One thread that runs drivers, one after the other. */
export interface CampaignThread {
  /** One at a time. Resolves in any case: what went wrong is in the report. `timeoutMs` is real time; without one there is no limit. */
  run(run: CampaignRun, timeoutMs?: number): Promise<RunReport>
  /** A run that ended the thread left it of no use. */
  readonly ended: boolean
  /** Ends the thread and the run that is under way. */
  end(error?: RunError): Promise<void>
}

/** @param worker the built campaign worker, out/node/campaign-worker.js. */
export function startCampaignThread(worker: URL): CampaignThread {
  const ring = newEventRing(RING_RECORDS, false)
  const events = new EventReader(ring)
  const workerData: CampaignWorkerData = { ring }
  const thread = new Worker(worker, {
    workerData,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  let sites: readonly CallSite[] = []
  let current: { readonly run: CampaignRun; readonly resolve: (report: RunReport) => void } | undefined
  let why: RunError | undefined
  let isReady: () => void
  // Starting takes long on a busy machine: that is no time of a run.
  const ready = new Promise<void>((resolve) => (isReady = resolve))
  let ended = false

  /** Where the driver called the interface last: near what it was at when it was broken off. */
  function lastPlace(): Partial<RunError> {
    const site = sites[events.newest()?.[EVENT_WORD.SITE] ?? 0]
    return site && site.line > 0 ? { file: site.file, line: site.line, column: site.column } : {}
  }
  function settle(report: RunReport): void {
    const settled = current
    current = undefined
    settled?.resolve(report)
  }
  function brokenOff(error: RunError): void {
    ended = true
    if (!current) return
    const { entry, config } = current.run
    settle(emptyReport(entry, config.seed, { ...lastPlace(), ...error }))
  }
  thread.on('message', (message: CampaignMessage) => {
    if (message.type === 'ready') isReady()
    if (message.type === 'loaded') sites = message.sites
    if (message.type === 'finished') settle(message.report)
  })
  thread.on('error', (error: Error & { code?: string }) => {
    why ??=
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? OUT_OF_MEMORY
        : {
            code: 'engine-failed',
            message: `The engine failed: ${error.message}. This is a fault of the workbench, not of the driver; please report it.`,
          }
    ended = true
    if (process.env['NDIS_WORKBENCH_DEBUG']) console.error(error)
  })
  thread.on('exit', () => brokenOff(why ?? STOPPED))

  async function end(error: RunError = STOPPED): Promise<void> {
    why ??= error
    ended = true
    await thread.terminate()
  }
  return {
    get ended() {
      return ended
    },
    end,
    async run(run, timeoutMs) {
      if (ended || current) throw new Error('a campaign thread runs one driver at a time, until it has ended')
      let limit: NodeJS.Timeout | undefined
      const report = await new Promise<RunReport>((resolve) => {
        current = { run, resolve }
        thread.postMessage(run)
        void ready.then(() => {
          if (timeoutMs !== undefined && current?.run === run)
            limit = setTimeout(() => void end(timeout(timeoutMs)), timeoutMs)
        })
      })
      clearTimeout(limit)
      return report
    },
  }
}
