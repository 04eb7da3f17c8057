import { FAIL_ALLOC_TAKES, parseFailAlloc } from '../../shared/fault-text'
import { LONGEST_COMPLETION_DELAY, LOW_MEMORY, type FaultPlan } from '../../shared/faults'
import type { SweepKind } from '../../shared/sweep'
import { wholeNumber } from '../arguments'
import { UsageError } from '../io'

export const FAULT_OPTIONS = {
  'fail-alloc': { type: 'string' },
  'low-memory': { type: 'string' },
  completions: { type: 'string' },
  'remove-at': { type: 'string' },
} as const

export const FAULT_HELP = `  --fail-alloc WHICH   which calls that allocate fail, and return what their pages say they return then: N (the Nth),
                       5% (by seed), tag:ABCD, function:NAME or NAME*, stack:KEY (the first from that call stack; KEY+KEY
                       for several); terms with commas between them hold together: function:NdisAllocate*,2
  --fail-alloc sweep   run again and again, so that each distinct call stack that allocates fails once; a table says how
                       the driver took it, and with which WHICH to see it again
  --low-memory BYTES   the driver may have so many bytes at a time (64K, 1M); BYTES@N from its Nth allocation on
  --completions HOW    what NDIS and the workbench's ends give back, such as sends, received frames, OID requests, comes a
                       millisecond later (delayed), or any time up to that, so that it overtakes (unordered); HOW@US:
                       microseconds
  --remove-at N        the hardware is pulled at point N: a callback begins or returns, or the driver calls a function
  --remove-at sweep    the same at each distinct point, as a table
`

export interface GivenFaults {
  /** Left out when no option asks for faults. */
  readonly faults?: FaultPlan
  readonly sweep?: SweepKind
}
type Values = { readonly [name in keyof typeof FAULT_OPTIONS]?: string | undefined }

const MOST = 1_000_000_000
const TICKS_PER_US = 10
const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 * 1024 }

function allocations(text: string): FaultPlan {
  try {
    return { allocations: parseFailAlloc(text) }
  } catch (thrown) {
    if (thrown instanceof RangeError)
      throw new UsageError(`--fail-alloc takes sweep, or ${FAIL_ALLOC_TAKES}: ${thrown.message}`)
    throw thrown
  }
}

function memory(text: string): FaultPlan {
  const [, digits = '', unit = '', from] = /^(\d+)([KM]?)(?:@(\d+))?$/i.exec(text) ?? []
  const bytes = digits === '' ? Infinity : Number(digits) * UNITS[unit.toUpperCase()]!
  if (bytes > LOW_MEMORY.most)
    throw new UsageError(`--low-memory takes bytes, such as 65536, 64K or 1M, or 64K@10, not '${text}'`)
  if (from === undefined) return { memory: { bytes } }
  return { memory: { bytes, from: wholeNumber('--low-memory BYTES@N', from, { min: 1, max: MOST, fallback: 1 }) } }
}

function completions(text: string): FaultPlan {
  const [how, microseconds] = text.split('@')
  if (how !== 'delayed' && how !== 'unordered')
    throw new UsageError(`--completions takes delayed or unordered, or unordered@200, not '${text}'`)
  if (microseconds === undefined) return { completions: { order: how } }
  const range = { min: 1, max: LONGEST_COMPLETION_DELAY / TICKS_PER_US, fallback: 1 }
  return {
    completions: { order: how, ticks: TICKS_PER_US * wholeNumber(`--completions ${how}@`, microseconds, range) },
  }
}

/** @throws UsageError */
export function givenFaults(values: Values): GivenFaults {
  const fail = values['fail-alloc']
  const remove = values['remove-at']
  const sweeps = [
    ...(fail === 'sweep' ? ['allocations' as const] : []),
    ...(remove === 'sweep' ? ['removal' as const] : []),
  ]
  if (sweeps.length > 1) throw new UsageError('--fail-alloc sweep and --remove-at sweep are two sweeps: one at a time')
  const faults: FaultPlan = {
    ...(fail !== undefined && fail !== 'sweep' && allocations(fail)),
    ...(values['low-memory'] !== undefined && memory(values['low-memory'])),
    ...(values.completions !== undefined && completions(values.completions)),
    ...(remove !== undefined &&
      remove !== 'sweep' && { removeAt: wholeNumber('--remove-at', remove, { min: 1, max: MOST, fallback: 1 }) }),
  }
  return { ...(Object.keys(faults).length > 0 && { faults }), ...(sweeps[0] && { sweep: sweeps[0] }) }
}
