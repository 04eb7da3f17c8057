/** The engine worker: one machine, one driver. Started by URL with EngineWorkerData; see src/shared/engine.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { tables } from '../script/tables'
import { Engine } from '../script/engine'
import { LoadError } from '../script/errors'
import { lockDown } from '../script/sandbox'
import {
  ENGINE_CONTROL,
  type EngineControl,
  type InjectedFrames,
  type WireChange,
  type EngineMessage,
  type EngineWorkerData,
} from '../shared/engine'
import { emptyReport } from '../shared/empty-report'
import type { RunError } from '../shared/report'
import { createCaptureWriter } from './capture-writer'
import { createNoticeWriter } from './notice-writer'

const port = parentPort
if (!port) throw new Error('the engine worker runs in a worker thread')
const data = workerData as EngineWorkerData
const notice = createNoticeWriter(data.notices)
const send = (message: EngineMessage): void => port.postMessage(message)
const started = performance.now()

const fail = (error: RunError): void => {
  const report = emptyReport(data.entry, data.config.seed, error)
  send({ type: 'failed', error, report: { ...report, wallMs: performance.now() - started } })
}

function load(): Engine {
  return new Engine({
    config: data.config,
    files: data.files,
    entry: data.entry,
    tables,
    memory: data.memory as WebAssembly.Memory,
    ring: data.ring,
    ...(data.capture && { capture: createCaptureWriter(data.capture) }),
    ...(data.inject && { inject: data.inject }),
    compiledBreakpoints: data.compiledBreakpoints,
    callBreakpoints: data.callBreakpoints,
    exceptionFilters: data.exceptionFilters,
    onOutput: (text, site) => notice({ type: 'output', text, site }),
    onLog: (text, breakpoint) => notice({ type: 'log', text, breakpoint }),
    onViolation: (violation) => notice({ type: 'violation', violation }),
    onBugcheck: (bugcheck) => notice({ type: 'bugcheck', bugcheck }),
  })
}

/** '' for done, else why not. */
function outcomeOf(act: () => void): string {
  try {
    act()
    return ''
  } catch (thrown) {
    if (thrown instanceof RangeError) return thrown.message
    throw thrown
  }
}
function inject({ machine }: Engine, { slot, data }: InjectedFrames): void {
  machine.wiring.arrive(slot, Uint8Array.from(Buffer.from(data, 'base64')))
}
function changeLink({ machine }: Engine, { slot, change }: WireChange): void {
  machine.wiring.control(slot, change)
}

/** What the host evaluates through the inspector while the machine runs or stands still. */
function exposeControl(engine: Engine): void {
  const control: EngineControl = {
    setCallBreakpoints: (text) => JSON.stringify(engine.setCallBreakpoints(JSON.parse(text))),
    setExceptionFilters(text) {
      engine.setExceptionFilters(JSON.parse(text))
      return 'true'
    },
    stopReason: () => JSON.stringify(engine.stopReason()),
    mute(muted) {
      engine.machine.kernel.verifier.muted = muted
      return 'true'
    },
    inject: (text) => outcomeOf(() => inject(engine, JSON.parse(text))),
    wire: (text) => outcomeOf(() => changeLink(engine, JSON.parse(text))),
  }
  Object.defineProperty(globalThis, ENGINE_CONTROL, { value: control })
}

function run(engine: Engine): void {
  const report = engine.run()
  send({ type: 'finished', report: { ...report, wallMs: Math.round((performance.now() - started) * 100) / 100 } })
}

try {
  const engine = load()
  exposeControl(engine)
  lockDown()
  send({
    type: 'loaded',
    modules: engine.modules,
    sites: engine.sites,
    callBreakpoints: engine.callBreakpoints,
    symbols: engine.symbols,
  })
  if (data.debug)
    port.once('message', () => {
      run(engine)
      port.close()
    })
  else run(engine)
} catch (thrown) {
  if (thrown instanceof LoadError) fail(thrown.toRunError())
  else throw thrown
}
