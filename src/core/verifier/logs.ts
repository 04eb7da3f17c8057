import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapters } from '../ndis/adapters'
import type { DriverLife } from '../ndis/driver'
import { eventString, LARGEST_ENTRY } from '../ndis/event-log'
import { LOG_OBJECT } from '../ndis/miniport-log'
import { NDIS_STATUS_SUCCESS } from '../ndis/status'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** Callbacks in which an adapter initializes. */
const INITIALIZE = new Set(['MiniportInitialize', 'MINIPORT_INITIALIZE'])

/** The error log, the event log and logs of miniports: what is written where, and an entry that must be written (WriteErrorLog). */
export function logRules(k: Kernel, driver: DriverLife, adapters: Adapters): RuleFamily {
  const { access, objects, space } = k
  const { violation } = k.verifier
  /** Adapters that got no shared memory while they initialize and have not said so. */
  const silent = new Set<number>()

  driver.returned.push((entry, result) => {
    if (!INITIALIZE.has(entry)) return
    if (silent.size > 0 && (Number(result ?? 0) | 0) !== NDIS_STATUS_SUCCESS)
      violation(
        'WriteErrorLog',
        entry === 'MiniportInitialize' ? entry : 'MiniportInitializeEx',
        'Initialization fails because there was no shared memory, and no entry of the error log (NdisWriteErrorLogEntry) says so.',
      )
    silent.clear()
  })
  function writeError(handle: number, count: number, given: number): boolean {
    const fn = 'NdisWriteErrorLogEntry'
    silent.delete(handle)
    if (!objects.at(handle))
      violation('InvalidHandle', fn, `${fn} was given ${hex(Number(handle))}, which is no adapter.`)
    if (count >>> 0 !== given)
      violation(
        'ErrorLogValues',
        fn,
        `${fn} is told of ${count >>> 0} values and given ${given}: in C it would read ${count >>> 0 > given ? 'what lies behind them on the stack' : 'only the first of them'}.`,
      )
    return false
  }
  function writeEvent(count: number, list: number, size: number, data: number): boolean {
    const fn = 'NdisWriteEventLogEntry'
    if (data && size >>> 0 > 0 && !access.range(fn, data, size >>> 0, false)) return true
    const strings = list ? Math.min(count & 0xffff, LARGEST_ENTRY >> 1) : 0
    if (strings > 0 && !access.range(fn, list, 4 * strings, false)) return true
    return Array.from({ length: strings }, (_unused, i) => space.r32(list + 4 * i)).some(
      (text) =>
        !access.range(fn, text, 2, false) || !access.range(fn, text, 2 * eventString(k, text).length + 2, false),
    )
  }
  return {
    before: {
      NdisWriteErrorLogEntry: (handle: number, _code: number, count: number, ...values: unknown[]) =>
        writeError(handle, count, values.length),
      NdisWriteEventLogEntry: (
        _handle: number,
        _code: number,
        _unique: number,
        count: number,
        list: number,
        size: number,
        data: number,
      ) => writeEvent(count, list, size, data),
      NdisMWriteLogData: (handle: number, buffer: number, size: number) =>
        badHandle(k, 'NdisMWriteLogData', handle, LOG_OBJECT) ||
        (size >>> 0 > 0 && !access.range('NdisMWriteLogData', buffer >>> 0, size >>> 0, false)),
      NdisMFlushLog: (handle: number) => badHandle(k, 'NdisMFlushLog', handle, LOG_OBJECT),
      NdisMCloseLog: (handle: number) => badHandle(k, 'NdisMCloseLog', handle, LOG_OBJECT),
    },
    after: {
      NdisMAllocateSharedMemory(
        _result: unknown,
        handle: number,
        _length: number,
        _cached: unknown,
        VirtualAddress: OutParam,
      ) {
        if (adapters.find(handle)?.phase === 'initializing' && k.cells.get32(VirtualAddress) === 0) silent.add(handle)
      },
    },
  }
}
