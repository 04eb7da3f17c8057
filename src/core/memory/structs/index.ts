/** Every struct table by the name of its type: those that drivers see, and NDIS's own records (system.table.ts). */
import { ioStructs } from './io.table'
import { kernelStructs } from './kernel.table'
import { lockStructs } from './lock.table'
import { lookasideStructs } from './lookaside.table'
import { miniport5Structs } from './miniport5.table'
import { miniport6Structs } from './miniport6.table'
import { netBufferInfoStructs } from './net-buffer-info.table'
import { netBufferStructs } from './net-buffer.table'
import { objectStructs } from './object.table'
import { packetStructs } from './packet.table'
import { protocol5Structs } from './protocol5.table'
import { protocol6Structs } from './protocol6.table'
import { resourceStructs } from './resource.table'
import { SYSTEM_TABLES } from './system.table'
import { timerStructs } from './timer.table'
import { wdmStructs } from './wdm.table'
import type { StructTable } from './types'

const tables: readonly StructTable[] = [
  ...kernelStructs,
  ...ioStructs,
  ...resourceStructs,
  ...packetStructs,
  ...lockStructs,
  ...lookasideStructs,
  ...timerStructs,
  ...wdmStructs,
  ...netBufferStructs,
  ...netBufferInfoStructs,
  ...objectStructs,
  ...miniport5Structs,
  ...protocol5Structs,
  ...miniport6Structs,
  ...protocol6Structs,
  ...SYSTEM_TABLES,
]

export const STRUCTS: ReadonlyMap<string, StructTable> = new Map(tables.map((table) => [table.name, table]))

if (STRUCTS.size !== tables.length) throw new Error('two struct tables have the same name')

/** Table of the struct that a pointer type points at: structOfPointer('PNDIS_PACKET') is NDIS_PACKET. */
const byPointerName: ReadonlyMap<string, StructTable> = new Map(
  tables.flatMap((table) => table.pointerNames.map((name) => [name, table] as const)),
)
export const structOfPointer = (ctype: string): StructTable | undefined => byPointerName.get(ctype)
