import { TICK_NS } from '../clock/clock'
import type { Kernel } from '../kernel/kernel'
import { CONSTANTS } from './constants'

/** One entry of the system's error log. */
export interface ErrorLogEntry {
  readonly handle: number
  /** NDIS_ERROR_CODE_* */
  readonly code: number
  readonly values: readonly number[]
  readonly timeNs: number
  /** Call site that wrote it. */
  readonly site: number
}
export interface ErrorLog {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  /** Oldest first. */
  readonly entries: readonly ErrorLogEntry[]
}

const NAMES = new Map(
  Object.entries(CONSTANTS).flatMap(([name, code]) => (/^NDIS_ERROR_CODE_/.test(name) ? [[code >>> 0, name]] : [])),
)
/** Entries that are kept; later ones are only printed. */
const KEPT = 10_000
const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`

/** The error log (DDI ndiswriteerrorlogentry). What is written is also a line of output: there is no event viewer here. */
export function createErrorLog(k: Kernel): ErrorLog {
  const entries: ErrorLogEntry[] = []
  return {
    entries,
    functions: {
      NdisWriteErrorLogEntry(
        NdisAdapterHandle: number,
        ErrorCode: number,
        NumberOfErrorValues: number,
        ...Values: unknown[]
      ): void {
        k.preempt()
        const code = ErrorCode >>> 0
        const values = Values.slice(0, NumberOfErrorValues >>> 0).map((value) => Number(value) >>> 0)
        const name = NAMES.get(code)
        k.output(
          `Error log, adapter ${hex(NdisAdapterHandle)}: ${[name === undefined ? hex(code) : `${name} (${hex(code)})`, ...values.map(hex)].join(', ')}\n`,
        )
        if (entries.length < KEPT)
          entries.push({ handle: NdisAdapterHandle, code, values, timeNs: k.clock.now() * TICK_NS, site: k.site.s })
      },
    },
  }
}
