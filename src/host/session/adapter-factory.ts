import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { DebugAdapter } from '../../debug/adapter/adapter'
import type { AdapterPorts, DriverSource } from '../../debug/adapter/ports'
import type { NdisRequests, RuleView } from '../../shared/dap'
import { readFile } from 'node:fs/promises'
import { exploreInPool } from '../campaign/explore'
import { CONFIGURATION_SUFFIX, configurationName, valuesOf } from '../../shared/configuration'
import { sweepOnPool, SWEPT_RUN_TIMEOUT_MS } from '../campaign/driver-sweep'
import { createRunPool } from '../campaign/run-pool'
import { collectDriver, DriverFilesError, configurationOf } from '../files/driver-files'
import { CaptureFiles } from './packets/capture-files'
import { EngineTables, startRunningEngine } from './running-engine'

export interface AdapterOptions {
  /** The built engine worker, out/node/engine-worker.js; the derived tables lie in out/data. */
  readonly worker: URL
  /** Folder of the examples, whose configuration files then count for `example:` documents. */
  readonly examples?: string
  /** Capture files that are open; shared, so that a window's other requests find them. */
  readonly captures?: CaptureFiles
  readonly send: (message: DebugProtocol.ProtocolMessage) => void
}

interface ApiRow {
  readonly name: string
  readonly kind: string
  readonly category: string
  readonly summary: string
  readonly implemented: boolean
  readonly params: readonly { readonly name: string }[]
}

const folderOf = (worker: URL): string => path.resolve(path.dirname(fileURLToPath(worker)), '../data')

/** Functions for the picker of call breakpoints; callbacks are stopped at by their lines. */
function functionsOf(data: string): NdisRequests['ndis/functions']['body'] {
  const rows = JSON.parse(readFileSync(path.join(data, 'api.json'), 'utf8')) as readonly ApiRow[]
  return {
    functions: rows
      .filter((row) => row.kind !== 'callback')
      .map(({ name, category, summary, implemented, params }) => ({
        name,
        category,
        summary,
        implemented,
        params: params.map((param) => param.name),
      })),
  }
}

const rulesOf = (data: string): NdisRequests['ndis/rules']['body'] => ({
  rules: JSON.parse(readFileSync(path.join(data, 'rules.json'), 'utf8')) as readonly RuleView[],
})

/** Documents without a file: LaunchArguments.program says how they are named. */
const WITHOUT_FILE = /^(example|untitled):/
/** An example, or one of a folder of them: what follows 'example:'. */
const EXAMPLE = /^example:((?:[\w-]+\/)?[\w.-]+\.ts)$/

type Texts = Readonly<Record<string, string>>

/** The configuration that ships with an example; its unsaved text comes in `files` under its name. */
async function shippedConfiguration(uri: string, examples: string | undefined): Promise<string | undefined> {
  const id = EXAMPLE.exec(uri)?.[1]
  if (examples === undefined || id === undefined) return undefined
  return readFile(path.join(examples, configurationName(id)), 'utf8').catch(() => undefined)
}

/** An example and the examples that it imports, by their paths from the folder of examples; unsaved texts come first. */
async function withImports(examples: string, entry: string, overlays: Texts): Promise<Texts> {
  const folder = entry.slice(0, entry.lastIndexOf('/') + 1)
  const beside = Object.entries(overlays)
    .filter(([name]) => name.startsWith(folder))
    .map(([name, text]) => [name.slice(folder.length), text] as const)
  const { files } = await collectDriver(path.join(examples, entry), { overlays: Object.fromEntries(beside) })
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [folder + name, text]))
}

async function textDriver(uri: string, { examples }: AdapterOptions, overlays: Texts): Promise<DriverSource> {
  const entry = Object.keys(overlays).find((name) => !name.endsWith(CONFIGURATION_SUFFIX))
  if (entry === undefined) throw new Error(`${uri} has no text: launch gives it in overlays`)
  const name = configurationName(entry)
  const { [name]: given, ...files } = overlays
  const text = given ?? (await shippedConfiguration(uri, examples))
  const all = EXAMPLE.test(uri) && examples !== undefined ? await withImports(examples, entry, files) : files
  const { keywords, hardware, levels } = configurationOf(name, text, '')
  return { folder: '', uri, entry, files: all, keywords: valuesOf(keywords), hardware, levels }
}

async function fileDriver(program: string, overlays: Texts): Promise<DriverSource> {
  const { keywords, ...source } = await collectDriver(program, { overlays })
  return { ...source, keywords: valuesOf(keywords) }
}

/** Front ends show the message of an error and nothing else of it. */
function withPlace(error: unknown): never {
  if (!(error instanceof DriverFilesError) || error.error.file === undefined) throw error
  const { file, line = 1, column = 1, message } = error.error
  throw new Error(`${file}:${line}:${column}: ${message}`)
}

/** A debug adapter over real engine workers. */
export function createDebugAdapter(options: AdapterOptions): DebugAdapter {
  const { worker, send } = options
  const data = folderOf(worker)
  let tables: EngineTables | undefined
  let functions: NdisRequests['ndis/functions']['body'] | undefined
  let rules: NdisRequests['ndis/rules']['body'] | undefined
  const ports: AdapterPorts = {
    readDriver: (program, overlays) =>
      (WITHOUT_FILE.test(program) ? textDriver(program, options, overlays) : fileDriver(program, overlays)).catch(
        withPlace,
      ),
    startEngine: (start, listener) => startRunningEngine(worker, (tables ??= new EngineTables(data)), start, listener),
    functions: () => (functions ??= functionsOf(data)),
    rules: () => (rules ??= rulesOf(data)),
    sweep: (start) => sweepOnPool(createRunPool({ engineWorker: worker, timeoutMs: SWEPT_RUN_TIMEOUT_MS }), start),
    explore: ({ source: { files, entry }, config, seeds, timeoutMs }, watch) =>
      exploreInPool(
        { driver: entry, run: { files, entry, config }, seeds },
        { engineWorker: worker, timeoutMs, ...watch },
      ),
    captures: options.captures ?? new CaptureFiles(process.cwd()),
  }
  return new DebugAdapter(ports, send)
}
