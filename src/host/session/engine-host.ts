import { Worker } from 'node:worker_threads'
import {
  NO_STOPS,
  type CallBreakpoint,
  type CallSite,
  type CompiledBreakpoint,
  type EngineMessage,
  type EngineNotice,
  type EngineWorkerData,
  type ExceptionFilters,
  type RunConfig,
} from '../../shared/engine'
import type { Keywords } from '../../shared/configuration'
import { emptyReport } from '../../shared/empty-report'
import { WASM_PAGE } from '../../shared/memory-map'
import type { BugcheckReport, RunError, RunReport, ViolationReport } from '../../shared/report'
import { EVENT_WORD } from '../../shared/rings'
import type { CaptureStore } from './capture-store'
import { EventReader, newEventRing, newNoticeRing, NoticeReader } from './rings'
import { SessionLog } from './session-log'

/** Display rate: how often the rings are drained. */
const DRAIN_MS = 33
/** Room for half a second of the fastest driver; without a reader a small ring keeps the cache warm. */
const EVENT_RECORDS = 1 << 20
const UNREAD_RECORDS = 8192
const NOTICE_BYTES = 4 * 1024 * 1024
/** Heap of a script, MiB: beyond it V8 ends the worker. */
const SCRIPT_HEAP_MB = 512
/** Growth of the whole process that is put down to a script's memory outside of its heap (typed arrays). */
const MEMORY_GROWTH_BYTES = 1.5 * 1024 * 1024 * 1024
const WATCH_MS = 50
/** Lines of output that a report has; whoever listens gets all. */
const KEPT_LINES = 100_000

export interface EngineStart {
  readonly worker: URL
  readonly config: RunConfig
  readonly files: Readonly<Record<string, string>>
  readonly entry: string
  /** Stop after loading until begin(). */
  readonly debug: boolean
  readonly compiledBreakpoints?: readonly CompiledBreakpoint[]
  readonly callBreakpoints?: readonly CallBreakpoint[]
  readonly exceptionFilters?: ExceptionFilters
  /** Takes the frames of the NICs; whoever made it closes it. */
  readonly capture?: CaptureStore
  /** EngineWorkerData.inject. */
  readonly inject?: Uint8Array
  /** false: events are counted and hashed, not kept. */
  readonly keepEvents?: boolean
}

export type EngineListener = {
  readonly message?: (message: EngineMessage) => void
  readonly notice?: (notice: EngineNotice) => void
  /** Once, when the worker is gone; `report` says how it went, also when it was killed. */
  readonly exit?: (report: RunReport) => void
}

let started = 0
const OUT_OF_MEMORY: RunError = {
  code: 'out-of-memory',
  message: `The script used more memory than a driver may have (${SCRIPT_HEAP_MB} MiB of objects, 1.5 GiB in all). Look for a list that only grows.`,
}

/** One engine worker with its shared memory. Errors of the worker become a report; nothing here throws because of a driver. */
export class EngineHost {
  readonly name = `ndis-engine-${process.pid}-${++started}`
  readonly memory: SharedArrayBuffer
  readonly log = new SessionLog()
  readonly worker: Worker
  readonly output: string[] = []
  readonly keywords: Keywords
  readonly #options: EngineStart
  readonly #listener: EngineListener
  readonly #events: EventReader
  readonly #notices: NoticeReader
  readonly #timers: NodeJS.Timeout[] = []
  readonly #startTime = performance.now()
  #report: RunReport | undefined
  #error: RunError | undefined
  #ended = false
  #sites: readonly CallSite[] = []
  /** Reported so far, in order. */
  readonly violations: ViolationReport[] = []
  #bugcheck: BugcheckReport | null = null

  constructor(options: EngineStart, listener: EngineListener) {
    this.keywords = options.config.keywords
    this.#options = options
    this.#listener = listener
    const pages = Math.ceil(options.config.memoryBytes / WASM_PAGE)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
    this.memory = memory.buffer as SharedArrayBuffer
    const keep = options.keepEvents !== false
    const ring = newEventRing(keep ? EVENT_RECORDS : UNREAD_RECORDS, keep)
    const notices = newNoticeRing(NOTICE_BYTES)
    this.#events = new EventReader(ring)
    this.#notices = new NoticeReader(notices)
    const workerData: EngineWorkerData = {
      memory,
      ring,
      notices,
      ...(options.capture && { capture: options.capture.ring }),
      ...(options.inject && { inject: options.inject }),
      config: options.config,
      entry: options.entry,
      files: options.files,
      debug: options.debug,
      compiledBreakpoints: options.compiledBreakpoints ?? [],
      callBreakpoints: options.callBreakpoints ?? [],
      exceptionFilters: options.exceptionFilters ?? NO_STOPS,
    }
    this.worker = new Worker(options.worker, {
      name: this.name,
      workerData,
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: SCRIPT_HEAP_MB },
    })
    this.worker.on('message', (message: EngineMessage) => this.#onMessage(message))
    this.worker.on('error', (error: Error & { code?: string }) => this.#onError(error))
    this.worker.on('exit', () => this.#onExit())
    this.#timers.push(setInterval(() => this.drain(), DRAIN_MS))
    this.#watchMemory()
  }

  /** Lets a loaded driver run (debug only). */
  begin(): void {
    this.worker.postMessage({ type: 'start' })
  }

  /** Takes over what the rings hold. A person who looks at a stopped machine sees all of it, so stops call this too. */
  drain(): void {
    if (this.#options.keepEvents !== false) this.#events.drain((words) => this.log.append(words))
    this.#options.capture?.drain()
    for (const notice of this.#notices.read()) {
      if (notice.type === 'output' && this.output.length < KEPT_LINES) this.output.push(notice.text)
      if (notice.type === 'violation') this.violations.push(notice.violation)
      if (notice.type === 'bugcheck') this.#bugcheck = notice.bugcheck
      this.#listener.notice?.(notice)
    }
  }

  /** Ends the worker, running or stopped. */
  async terminate(error: RunError = { code: 'stopped', message: 'The run was stopped.' }): Promise<void> {
    this.#error ??= error
    await this.worker.terminate()
  }

  dispose(): void {
    this.log.dispose()
  }

  #watchMemory(): void {
    const before = process.memoryUsage.rss()
    const watch = setInterval(() => {
      if (process.memoryUsage.rss() - before > MEMORY_GROWTH_BYTES) void this.terminate(OUT_OF_MEMORY)
    }, WATCH_MS)
    this.#timers.push(watch)
  }
  #onMessage(message: EngineMessage): void {
    // A worker let go of to be ended may still come to its end: what counts is that it was stopped.
    if (message.type === 'loaded') this.#sites = message.sites
    if ((message.type === 'finished' || message.type === 'failed') && !this.#error) this.#report = message.report
    this.drain()
    this.#listener.message?.(message)
  }
  #onError(error: Error & { code?: string }): void {
    this.#error ??=
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? OUT_OF_MEMORY
        : {
            code: 'engine-failed',
            message: `The engine failed: ${error.message}. This is a fault of the workbench, not of the driver; please report it.`,
          }
    if (process.env['NDIS_WORKBENCH_DEBUG']) console.error(error)
  }
  #onExit(): void {
    if (this.#ended) return
    this.#ended = true
    this.#timers.forEach(clearInterval)
    this.drain()
    this.#listener.exit?.(this.#report ?? this.#brokenOff())
  }
  #endedBy(): RunError {
    const unknown = 'The engine ended without a report. This is a fault of the workbench; please report it.'
    return this.#error ?? { code: 'engine-failed', message: unknown }
  }
  /** Where the driver called the interface last: near what it was at when it was broken off. */
  #lastPlace(): Partial<RunError> {
    const site = this.#sites[this.#events.newest()?.[EVENT_WORD.SITE] ?? -1]
    return site ? { file: site.file, line: site.line, column: site.column } : {}
  }
  /** The report of a run that could not write its own. */
  #brokenOff(): RunReport {
    const { entry, config } = this.#options
    return {
      ...emptyReport(entry, config.seed, { ...this.#lastPlace(), ...this.#endedBy() }),
      violations: this.violations,
      broken: this.violations.length,
      bugcheck: this.#bugcheck,
      output: this.output,
      calls: this.#events.written,
      events: this.#events.written,
      wallMs: Math.round(performance.now() - this.#startTime),
    }
  }
}

export interface UnattendedRun extends Omit<EngineStart, 'debug' | 'keepEvents'> {
  /** Each line of debug output as it comes. */
  readonly onOutput?: (line: string) => void
  /** Real time, milliseconds, after which the run is broken off. */
  readonly timeoutMs?: number
  /** Breaks the run off. */
  readonly signal?: AbortSignal
}

/** Runs a driver to its end without a debugger. Never rejects because of the driver. */
export function runToReport({ onOutput, timeoutMs, signal, ...options }: UnattendedRun): Promise<RunReport> {
  return new Promise((resolve) => {
    let limit: NodeJS.Timeout | undefined
    const stop = (): void => void host.terminate()
    const host: EngineHost = new EngineHost(
      { ...options, debug: false, keepEvents: false },
      {
        notice(notice) {
          if (notice.type === 'output') onOutput?.(notice.text)
        },
        exit(report) {
          clearTimeout(limit)
          signal?.removeEventListener('abort', stop)
          host.dispose()
          resolve(report)
        },
      },
    )
    signal?.addEventListener('abort', stop)
    if (timeoutMs !== undefined)
      limit = setTimeout(() => {
        const message = `The driver did not come to its end in ${timeoutMs / 1000} s of real time; this is its last call.`
        void host.terminate({ code: 'timeout', message })
      }, timeoutMs)
  })
}
