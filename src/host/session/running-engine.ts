import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { EngineListener, EngineStartOptions, RunningEngine } from '../../debug/adapter/ports'
import type { NdisCommand, NdisRequests } from '../../shared/dap'
import type { Keywords } from '../../shared/configuration'
import type { CallSite, EngineSymbols } from '../../shared/engine'
import { keywordText } from '../../shared/keyword-text'
import { TICK_NS } from '../../shared/memory-map'
import { EVENT_NUMBER, EVENT_WORD } from '../../shared/rings'
import { wireEventText } from '../../core/wire/formats/wire-event'
import type { EventRow, NicTable, StructTable } from '../../shared/views'
import { CaptureStore } from './capture-store'
import { PacketViews } from './packets/packet-views'
import { EngineHost } from './engine-host'
import { eventText, type ApiEntryRow } from './event-text'
import { MachineViews } from './machine-views'
import { MemoryViews } from './memory-views'
import { NicViews } from './nic-views'
import { RecordReader } from './record-reader'

const SPECIAL_EVENTS: Readonly<Record<number, string>> = {
  [EVENT_NUMBER.VIOLATION]: 'violation',
  [EVENT_NUMBER.BUGCHECK]: 'bugcheck',
  [EVENT_NUMBER.IRQL]: 'IRQL',
  [EVENT_NUMBER.DPC]: 'DPC',
  [EVENT_NUMBER.INTERRUPT]: 'interrupt',
  [EVENT_NUMBER.TIMER]: 'timer',
  [EVENT_NUMBER.CONFIGURATION]: 'configuration',
  [EVENT_NUMBER.WIRE]: 'wire',
  [EVENT_NUMBER.FAULT]: 'fault',
}

/** The tables that the build derived, read once. */
export class EngineTables {
  readonly structs: ReadonlyMap<string, StructTable>
  readonly apis: ReadonlyMap<string, ApiEntryRow>
  /** Register maps by the name of the device. */
  readonly nics: ReadonlyMap<string, NicTable>
  constructor(data: string) {
    const list = JSON.parse(readFileSync(path.join(data, 'structs.json'), 'utf8')) as StructTable[]
    this.structs = new Map(list.map((table) => [table.name, table]))
    const apis = JSON.parse(readFileSync(path.join(data, 'api.json'), 'utf8')) as ApiEntryRow[]
    this.apis = new Map(apis.map((entry) => [entry.name, entry]))
    const nics = JSON.parse(readFileSync(path.join(data, 'nics.json'), 'utf8')) as NicTable[]
    this.nics = new Map(nics.map((table) => [table.device, table]))
  }
}

interface Loaded {
  readonly machine: MachineViews
  readonly memory: MemoryViews
  readonly nics: NicViews
  readonly symbols: EngineSymbols
}

/** An engine worker with its views, as the debug adapter wants it. */
export function startRunningEngine(
  worker: URL,
  tables: EngineTables,
  options: EngineStartOptions,
  listener: EngineListener,
): RunningEngine {
  let loaded: Loaded | undefined
  const captures = options.config.nics.length > 0 ? new CaptureStore() : undefined
  if (captures) captures.now = () => loaded?.machine.timeNs() ?? 0
  const packets = captures && new PacketViews(captures)
  const host = new EngineHost(
    {
      worker,
      config: options.config,
      files: options.source.files,
      entry: options.source.entry,
      debug: true,
      ...(captures && { capture: captures }),
      compiledBreakpoints: options.compiledBreakpoints,
      callBreakpoints: options.callBreakpoints,
      exceptionFilters: options.exceptionFilters,
    },
    {
      message(message) {
        if (message.type === 'loaded') loaded = views(host, tables, message.symbols, message.sites)
        listener.message(message)
      },
      notice: listener.notice,
      exit: listener.exit,
    },
  )
  const need = (): Loaded => {
    if (!loaded) throw new Error('the driver is not loaded yet')
    return loaded
  }
  const answers: { [C in NdisCommand]?: (args: NdisRequests[C]['args']) => NdisRequests[C]['body'] } = {
    'ndis/pools': () => ({ pools: need().machine.pools() }),
    'ndis/descriptors': ({ pool, start, count }) => need().machine.descriptors(pool, start, count),
    'ndis/locks': () => ({ locks: need().machine.locks() }),
    'ndis/allocations': ({ start, count, filter }) => need().machine.allocations(start, count, filter),
    'ndis/memory': ({ address, count }) => need().memory.memory(address, count),
    'ndis/struct'({ address, struct }) {
      const view = need().memory.struct(struct, address)
      if (!view) throw new Error(`there is no struct named ${struct}`)
      return view
    },
    'ndis/nics': () => ({ nics: need().nics.nics() }),
    'ndis/registers': ({ slot, offsets }) => ({ values: need().nics.registers(slot, offsets) }),
    'ndis/ring': ({ slot, ring, start, count }) => need().nics.ring(slot, ring, start, count),
    'ndis/events': ({ start, count }) => eventRows(host, tables, need(), start, count),
  }
  return {
    name: host.name,
    packets,
    begin: () => host.begin(),
    drain: () => host.drain(),
    terminate: () => host.terminate(),
    dispose() {
      host.dispose()
      packets?.close()
      captures?.close()
    },
    machine: (state) => loaded?.machine.machine(state, host.log.count),
    cpus: () => loaded?.machine.cpus() ?? [],
    view<C extends NdisCommand>(command: C, args: NdisRequests[C]['args']) {
      host.drain()
      return answers[command]?.(args)
    },
    read: (address, count) => {
      const bytes = new Uint8Array(host.memory)
      return address < 0 || address >= bytes.length ? new Uint8Array() : bytes.slice(address, address + count)
    },
    write(address, bytes) {
      const memory = new Uint8Array(host.memory)
      const fitting = bytes.subarray(0, Math.max(0, Math.min(bytes.length, memory.length - address)))
      memory.set(fitting, address)
      return fitting.length
    },
  }
}

function views(host: EngineHost, tables: EngineTables, symbols: EngineSymbols, sites: readonly CallSite[]): Loaded {
  const reader = new RecordReader(host.memory, tables.structs)
  return {
    machine: new MachineViews(reader, symbols.machine, sites),
    memory: new MemoryViews(reader, symbols.machine),
    nics: new NicViews(reader, symbols, tables.nics),
    symbols,
  }
}

const MOST_ROWS = 1000

/** The engine records keywords in the order of their names in upper case. */
function keywordAt(keywords: Keywords, index: number): string {
  const names = Object.keys(keywords).sort((left, right) => (left.toUpperCase() < right.toUpperCase() ? -1 : 1))
  const name = names[index] ?? ''
  return `${name} = ${keywordText(keywords[name])}`
}

/** A fault that was injected: the kinds of EVENT_NUMBER.FAULT. */
const faultText = (kind: number, fn = ''): string =>
  kind === 2 ? 'the hardware is pulled' : kind === 1 ? `${fn} fails: memory is low` : `${fn} fails`

/** Events that are no calls say more than their words do. */
function specialText(host: EngineHost, { symbols }: Loaded, number: number, words: Int32Array): string {
  const values = [...words.subarray(EVENT_WORD.ARGUMENTS)]
  const violation = number === EVENT_NUMBER.VIOLATION ? host.violations[values[0]!] : undefined
  if (violation) return `${violation.rule} in ${violation.function}`
  if (number === EVENT_NUMBER.CONFIGURATION) return keywordAt(host.keywords, values[0]!)
  if (number === EVENT_NUMBER.FAULT) return faultText(values[0]!, symbols.apiNames[values[1]!])
  if (number === EVENT_NUMBER.WIRE) return wireEventText(values[0]!, values[1]!, values[2]!, values[3]!)
  return values.map((word) => `0x${(word >>> 0).toString(16)}`).join(', ')
}

function eventRows(
  host: EngineHost,
  tables: EngineTables,
  loaded: Loaded,
  start: number,
  count: number,
): { total: number; rows: EventRow[] } {
  const { machine, symbols } = loaded
  const rows: EventRow[] = []
  const end = Math.min(host.log.count, start + Math.min(count, MOST_ROWS))
  for (let index = Math.max(0, start); index < end; index++) {
    const words = host.log.at(index)
    if (!words) continue
    const what = words[EVENT_WORD.WHAT]!
    const number = what & 0xffff
    const name = SPECIAL_EVENTS[number] ?? symbols.apiNames[number] ?? `event ${number}`
    const entry = tables.apis.get(name)
    const site = machine.site(words[EVENT_WORD.SITE]!)
    rows.push({
      index,
      timeNs: ((words[EVENT_WORD.CONTEXT]! >>> 8) * 0x1_0000_0000 + (words[EVENT_WORD.TIME]! >>> 0)) * TICK_NS,
      cpu: (what >>> 16) & 0xf,
      irql: (what >>> 20) & 0x1f,
      what: name,
      text: entry ? eventText(words, entry) : specialText(host, loaded, number, words),
      ...(site && { site }),
    })
  }
  return { total: host.log.count, rows }
}
