import { availableParallelism } from 'node:os'
import type { CampaignRun } from '../../shared/campaign'
import { emptyReport } from '../../shared/empty-report'
import type { RunReport } from '../../shared/report'
import { startCampaignThread, type CampaignThread } from './campaign-thread'

export interface RunPoolOptions {
  /** The built engine worker, out/node/engine-worker.js; the campaign worker lies beside it. */
  readonly engineWorker: URL
  /** Threads; one a processor core when left out. They are started as they are needed. */
  readonly threads?: number
  /** Real time for one run, milliseconds, after which it is broken off with the error 'timeout'; without end when left out. */
  readonly timeoutMs?: number
}

/** Runs of a campaign on all processor cores. */
export interface RunPool {
  readonly threads: number
  /**
   * Runs a driver on a fresh machine as soon as a thread is free; in the order in which they were asked for. Never rejects: what goes
   * wrong with the driver is in the report, and after close() that is the error 'stopped'. A run is the same run in any pool.
   */
  run(run: CampaignRun): Promise<RunReport>
  /** Breaks off what runs and what waits. */
  close(): Promise<void>
}

interface Waiting {
  readonly run: CampaignRun
  readonly resolve: (report: RunReport) => void
}

/** Runs after which a thread is replaced: each driver leaves compiled code behind that V8 gives back late. */
const RUNS_OF_A_THREAD = 2000

export function createRunPool({ engineWorker, timeoutMs, threads = availableParallelism() }: RunPoolOptions): RunPool {
  const worker = new URL('campaign-worker.js', engineWorker)
  const live = new Set<CampaignThread>()
  const idle: { readonly thread: CampaignThread; readonly runs: number }[] = []
  const waiting: Waiting[] = []
  let closed = false

  function refuse({ run: { entry, config }, resolve }: Waiting): void {
    resolve(emptyReport(entry, config.seed, { code: 'stopped', message: 'The run was stopped.' }))
  }
  function newThread() {
    const thread = startCampaignThread(worker)
    live.add(thread)
    return { thread, runs: 0 }
  }
  async function work({ run, resolve }: Waiting): Promise<void> {
    const { thread, runs } = idle.pop() ?? newThread()
    resolve(await thread.run(run, timeoutMs))
    if (thread.ended || runs + 1 >= RUNS_OF_A_THREAD) {
      live.delete(thread)
      void thread.end()
    } else idle.push({ thread, runs: runs + 1 })
    next()
  }
  function next(): void {
    while (!closed && waiting.length > 0 && (idle.length > 0 || live.size < threads)) void work(waiting.shift()!)
  }

  return {
    threads,
    run: (run) =>
      new Promise((resolve) => {
        if (closed) return refuse({ run, resolve })
        waiting.push({ run, resolve })
        next()
      }),
    async close() {
      closed = true
      waiting.splice(0).forEach(refuse)
      await Promise.all([...live].map((thread) => thread.end()))
    },
  }
}
