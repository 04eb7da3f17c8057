/** A campaign worker: many runs in one thread, so that the language is hardened and the tables are compiled once. See src/shared/campaign.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import { createSharedMemory } from '../core/machine'
import { tables } from '../script/tables'
import { Engine } from '../script/engine'
import { LoadError } from '../script/errors'
import { lockDown } from '../script/sandbox'
import type { CampaignCommand, CampaignMessage, CampaignRun, CampaignWorkerData } from '../shared/campaign'
import { emptyReport } from '../shared/empty-report'
import type { RunReport } from '../shared/report'
import { RING, RING_HEADER_WORDS } from '../shared/rings'

const port = parentPort
if (!port) throw new Error('a campaign worker runs in a worker thread')
const { ring } = workerData as CampaignWorkerData
const header = new Int32Array(ring.buffer, 0, RING_HEADER_WORDS)
const send = (message: CampaignMessage): void => port.postMessage(message)

let memory: WebAssembly.Memory | undefined
/** Zeroed memory of `bytes`, eight at a time. A run of the same size gets the same one: V8 holds on to those that are dropped. */
function memoryOf(bytes: number): WebAssembly.Memory {
  if (memory?.buffer.byteLength === bytes) new Float64Array(memory.buffer).fill(0)
  else memory = createSharedMemory(bytes)
  return memory
}

/** Texts of the driver whose call sites the host has. */
let known: string | undefined
function tellSites({ files, entry }: CampaignRun, engine: Engine): void {
  const texts = JSON.stringify([entry, files])
  if (texts === known) return
  known = texts
  send({ type: 'loaded', sites: engine.sites })
}

function load(run: CampaignRun): Engine {
  header[RING.WRITE] = 0
  const { config, files, entry, inject } = run
  return new Engine({
    config,
    files,
    entry,
    tables,
    memory: memoryOf(config.memoryBytes),
    ring,
    ...(inject && { inject }),
  })
}

function report(run: CampaignRun): RunReport {
  const started = performance.now()
  try {
    const engine = load(run)
    tellSites(run, engine)
    return { ...engine.run(), wallMs: Math.round((performance.now() - started) * 100) / 100 }
  } catch (thrown) {
    if (!(thrown instanceof LoadError)) throw thrown
    return emptyReport(run.entry, run.config.seed, thrown.toRunError())
  }
}

lockDown()
port.on('message', (run: CampaignCommand) => send({ type: 'finished', report: report(run) }))
send({ type: 'ready' })
