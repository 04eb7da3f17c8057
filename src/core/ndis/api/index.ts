/** The API table: every function, macro and callback of the driver interface, once (DESIGN section 3). */
import { bufferTable } from './buffer.table'
import { configTable } from './config.table'
import { connectionTable } from './connection.table'
import { debugTable } from './debug.table'
import { dmaTable } from './dma.table'
import { filterTable } from './filter.table'
import { interfaceTable } from './interface.table'
import { interlockedTable } from './interlocked.table'
import { intermediateTable } from './intermediate.table'
import { interruptTable } from './interrupt.table'
import { ioTable } from './io.table'
import { irpTable } from './irp.table'
import { listTable } from './list.table'
import { lockTable } from './lock.table'
import { memoryTable } from './memory.table'
import { miniport5Table } from './miniport5.table'
import { miniport6Table } from './miniport6.table'
import { netBufferTable } from './net-buffer.table'
import { netBufferAccessTable } from './net-buffer-access.table'
import { offloadTable } from './offload.table'
import { packetTable } from './packet.table'
import { protocolTable } from './protocol.table'
import { stringTable } from './string.table'
import { switchTable } from './switch.table'
import { systemTable } from './system.table'
import { timerTable } from './timer.table'
import { wfpTable } from './wfp.table'
import type { ApiEntry } from './types'

export type { ApiCategory, ApiEntry, ApiKind, ApiParam, IrqlRange } from './types'
export { callbackType } from './callback-type'
export { cellType } from './cell-type'

const tables: readonly (readonly ApiEntry[])[] = [
  bufferTable,
  configTable,
  connectionTable,
  debugTable,
  dmaTable,
  filterTable,
  interfaceTable,
  interlockedTable,
  intermediateTable,
  interruptTable,
  ioTable,
  irpTable,
  listTable,
  lockTable,
  memoryTable,
  miniport5Table,
  miniport6Table,
  netBufferTable,
  netBufferAccessTable,
  offloadTable,
  packetTable,
  protocolTable,
  stringTable,
  switchTable,
  systemTable,
  timerTable,
  wfpTable,
]

/** Every entry, by name in the order of character codes: the position is the API number of event records. */
export const API: readonly ApiEntry[] = tables.flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

export const apiByName: ReadonlyMap<string, ApiEntry> = new Map(API.map((entry) => [entry.name, entry]))

const numbers: ReadonlyMap<string, number> = new Map(API.map((entry, number) => [entry.name, number]))

/** Number of a function in event records; the same for every run of one build. Throws for a name that is not in the table. */
export const apiNumber = (name: string): number => {
  const number = numbers.get(name)
  if (number === undefined) throw new Error(`${name} is not in the API table: add it to a file of src/core/ndis/api`)
  return number
}
