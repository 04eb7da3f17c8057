import type { Kernel } from '../kernel/kernel'
import { constant } from './constants'
import { NDIS_STATUS_SUCCESS } from './status'

const NDIS_STATUS_BUFFER_TOO_SHORT = constant('NDIS_STATUS_BUFFER_TOO_SHORT')
/** MAX_EVENT_LOG_DATA_SIZE: bytes of the strings, with their terminators, and of the data, padded to words. */
export const LARGEST_ENTRY = constant('MAX_EVENT_LOG_DATA_SIZE')

/** One entry of the system's event log. */
export interface EventLogEntry {
  readonly code: number
  readonly unique: number
  readonly strings: readonly string[]
  readonly data: Uint8Array
}
export interface SystemEventLog {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  /** Oldest first. */
  readonly entries: readonly EventLogEntry[]
}
const KEPT = 10_000

/** Zero-terminated UTF-16 at the address; more than an entry may hold is not read. */
export function eventString(k: Kernel, address: number): string {
  let text = ''
  for (let at = address; 2 * text.length <= LARGEST_ENTRY && at + 2 <= k.shadow.base; at += 2) {
    const unit = k.space.r16(at)
    if (unit === 0) break
    text += String.fromCharCode(unit)
  }
  return text
}

/** The event log (DDI ndiswriteeventlogentry). What is written is also a line of output. */
export function createSystemEventLog(k: Kernel): SystemEventLog {
  const entries: EventLogEntry[] = []
  return {
    entries,
    functions: {
      NdisWriteEventLogEntry(
        _LogHandle: number,
        EventCode: number,
        UniqueEventValue: number,
        NumStrings: number,
        StringsList: number,
        DataSize: number,
        Data: number,
      ): number {
        k.preempt()
        const size = DataSize >>> 0
        const count = StringsList ? NumStrings & 0xffff : 0
        if (((size + 3) & ~3) > LARGEST_ENTRY || 2 * count > LARGEST_ENTRY) return NDIS_STATUS_BUFFER_TOO_SHORT
        const strings = Array.from({ length: count }, (_unused, i) => eventString(k, k.space.r32(StringsList + 4 * i)))
        const bytes = strings.reduce((sum, text) => sum + 2 * (text.length + 1), 0) + ((size + 3) & ~3)
        if (bytes > LARGEST_ENTRY) return NDIS_STATUS_BUFFER_TOO_SHORT
        const data = Data ? k.space.u8.slice(Data, Data + size) : new Uint8Array()
        const words = [`0x${(EventCode >>> 0).toString(16)}`, `${UniqueEventValue >>> 0}`, ...strings]
        k.output(`Event log: ${words.join(', ')}${data.length > 0 ? `, ${data.length} bytes` : ''}\n`)
        if (entries.length < KEPT)
          entries.push({ code: EventCode >>> 0, unique: UniqueEventValue >>> 0, strings, data })
        return NDIS_STATUS_SUCCESS
      },
    },
  }
}
