import type { Kernel } from '../kernel/kernel'
import { structOfPointer } from '../memory/structs'
import { apiByName, cellType, type ApiParam } from '../ndis/api'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'

const BY_VALUE: ReadonlySet<string> = new Set(['NDIS_STRING', 'PROCESSOR_NUMBER'])
/** Bytes of the cells that out parameters take; all others are pointers and words of four. */
const CELL_BYTES: Readonly<Record<string, number>> = { BOOLEAN: 1, UCHAR: 1, KIRQL: 1, USHORT: 2 }

interface Check {
  readonly index: number
  readonly bytes: number
  readonly optional: boolean
  /** An out parameter: a cell of the script, which needs no check, or an address. */
  readonly cell: boolean
}

/** `sizes` overrides the bytes of a struct of which some versions have only a part. */
function checkFor(param: ApiParam, index: number, sizes: Readonly<Record<string, number>>): Check | undefined {
  const optional = param.optional === true
  if (param.direction !== 'in') return { index, bytes: CELL_BYTES[cellType(param)!] ?? 4, optional, cell: true }
  // A small struct that C passes by value is its address to a script.
  const struct = structOfPointer(BY_VALUE.has(param.type) ? `P${param.type}` : param.type)
  return struct && { index, bytes: sizes[struct.name] ?? struct.size, optional, cell: false }
}

/** The same for all machines: what was found out once, by the sizes that the caller overrides. */
const known = new WeakMap<Readonly<Record<string, number>>, Map<string, readonly Check[]>>()
function checksOf(name: string, sizes: Readonly<Record<string, number>>): readonly Check[] {
  const byName = known.get(sizes) ?? new Map<string, readonly Check[]>()
  known.set(sizes, byName)
  const found = byName.get(name)
  if (found) return found
  const checks = (apiByName.get(name)?.params ?? []).flatMap((param, index) => checkFor(param, index, sizes) ?? [])
  byName.set(name, checks)
  return checks
}

/**
 * Parameters that point at memory are checked before the call: whatever a driver passes, NDIS touches only what the driver
 * may touch. The checks come from the API table.
 */
export function pointerRules(
  k: Kernel,
  functions: readonly string[],
  sizes: Readonly<Record<string, number>>,
): RuleFamily {
  const tooShort = (address: number, bytes: number): boolean =>
    k.shadow.firstBad(address, bytes) >= 0 && k.access.reachesNdis(address, bytes)
  function bad(fn: string, check: Check, value: unknown): boolean {
    if (check.optional && (value === 0 || value === null || value === undefined)) return false
    if (check.cell && typeof value === 'object' && value !== null) return false
    const address = Number(value) >>> 0
    // What is too short for its struct must not be written to as if it were long enough, even where C says "in".
    if (address === value)
      return !k.access.range(fn, address, check.bytes, check.cell) || tooShort(address, check.bytes)
    k.verifier.violation('InvalidPointer', fn, `${fn} was given ${String(value)} where it takes an address.`)
    return k.fault(address, check.cell, `${fn} was given ${String(value)}, which is no address (${hex(address)}).`)
  }
  const before = Object.create(null) as Record<string, Before>
  for (const name of functions) {
    const checks = checksOf(name, sizes)
    if (checks.length > 0)
      before[name] = (...args: readonly unknown[]) => checks.some((check) => bad(name, check, args[check.index]))
  }
  return { before }
}
