import type { Kernel } from '../core/kernel/kernel'
import type { Cell } from '../core/memory/cell'
import { SCALAR_SIZE, type ScalarKind } from './cells'
import { compileView } from './view-class'

/** A scalar type of ndis.h as scripts see it: its size, and a cell live on kernel memory. */
export interface ScalarTypeObject {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** A cell whose value is read and written at the address, checked. */
  at(address: number): Cell<number | bigint | boolean>
}

export function scalarType(k: Kernel, name: string, kind: ScalarKind): ScalarTypeObject {
  const size = SCALAR_SIZE[kind]
  const at = compileView(k, name, size, [{ name: 'value', offset: 0, access: kind }])
  return { name, size, at: at as ScalarTypeObject['at'] }
}
