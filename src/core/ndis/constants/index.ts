/** Every constant and enumerator of the driver interface by name, with the values of ndis.h for 32-bit x86. */
import { enumConstants } from './enum.table'
import { flagConstants } from './flags.table'
import { ioConstants } from './io.table'
import { irqlConstants } from './irql.table'
import { kernelConstants } from './kernel.table'
import { objectConstants } from './object.table'
import { oidConstants } from './oid.table'
import { sizeConstants } from './size.table'
import { statusConstants } from './status.table'
import { wdmConstants } from './wdm.table'

const tables = [
  statusConstants,
  irqlConstants,
  objectConstants,
  sizeConstants,
  flagConstants,
  oidConstants,
  enumConstants,
  kernelConstants,
  ioConstants,
  wdmConstants,
]

export const CONSTANTS: Readonly<Record<string, number>> = Object.freeze(Object.assign({}, ...tables))

if (Object.keys(CONSTANTS).length !== tables.reduce((sum, table) => sum + Object.keys(table).length, 0))
  throw new Error('two tables of constants have a name in common')

/** The value of a constant. Throws for a name that is not there. */
export const constant = (name: string): number => {
  const value = CONSTANTS[name]
  if (value === undefined) throw new Error(`no constant ${name}`)
  return value
}
