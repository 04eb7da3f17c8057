import type { Kernel } from '../kernel/kernel'
import { eventString, LARGEST_ENTRY } from '../ndis/event-log'
import { LOG_OBJECT } from '../ndis/miniport-log'
import { badHandle } from './handles'
import { hex } from './hex'
import type { RuleFamily } from './rules'

/** The error log, the event log and logs of miniports: what is written where. */
export function logRules(k: Kernel): RuleFamily {
  const { access, objects, space } = k
  const { violation } = k.verifier
  function writeError(handle: number, count: number, given: number): boolean {
    const fn = 'NdisWriteErrorLogEntry'
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
  }
}
