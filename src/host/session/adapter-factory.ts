import { readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DebugProtocol } from '@vscode/debugprotocol'
import { DebugAdapter } from '../../debug/adapter/adapter'
import type { AdapterPorts, DriverSource } from '../../debug/adapter/ports'
import type { NdisRequests } from '../../shared/dap'
import { collectDriver } from '../files/driver-files'
import { EngineTables, startRunningEngine } from './running-engine'

export interface AdapterOptions {
  /** The built engine worker, out/node/engine-worker.js; the derived tables lie in out/data. */
  readonly worker: URL
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

/** Documents without a file: LaunchArguments.program says how they are named. */
const WITHOUT_FILE = /^(example|untitled):/

function textDriver(uri: string, files: Readonly<Record<string, string>>): DriverSource {
  const [entry] = Object.keys(files)
  if (entry === undefined) throw new Error(`${uri} has no text: launch gives it in overlays`)
  return { folder: '', uri, entry, files }
}

/** A debug adapter over real engine workers. */
export function createDebugAdapter({ worker, send }: AdapterOptions): DebugAdapter {
  const data = folderOf(worker)
  let tables: EngineTables | undefined
  let functions: NdisRequests['ndis/functions']['body'] | undefined
  const ports: AdapterPorts = {
    readDriver: (program, overlays) =>
      WITHOUT_FILE.test(program)
        ? Promise.resolve(textDriver(program, overlays))
        : collectDriver(program, { overlays }),
    startEngine: (options, listener) =>
      startRunningEngine(worker, (tables ??= new EngineTables(data)), options, listener),
    functions: () => (functions ??= functionsOf(data)),
  }
  return new DebugAdapter(ports, send)
}
