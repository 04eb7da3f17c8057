import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapters } from './adapters'
import { constant } from './constants'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

export const LOG_OBJECT = 'miniport log'
/** 'NDlg' */
const LOG_TAG = 0x676c444e
const NDIS_STATUS_BUFFER_OVERFLOW = constant('NDIS_STATUS_BUFFER_OVERFLOW')

interface Log {
  readonly adapter: number
  readonly size: number
  /** Bytes written since the last flush, the last `size` of them in the ring. */
  written: number
}

export interface MiniportLogs {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  /** What an application would read now, oldest first; undefined when there is no such log. */
  read(LogHandle: number): Uint8Array | undefined
}

/** Log files of miniports (DDI ndismcreatelog, ndismwritelogdata): rings of bytes, one an adapter, read by an application. */
export function createMiniportLogs(k: Kernel, adapters: Adapters): MiniportLogs {
  const { space, objects, preempt } = k
  const logs = new Map<number, Log>()
  return {
    read(handle) {
      const log = logs.get(handle)
      if (!log) return undefined
      const length = Math.min(log.written, log.size)
      return Uint8Array.from({ length }, (_unused, i) => space.r8(handle + ((log.written - length + i) % log.size)))
    },
    functions: {
      NdisMCreateLog(MiniportAdapterHandle: number, Size: number, LogHandle: OutParam): number {
        preempt()
        k.cells.put32(LogHandle, 0)
        const taken = [...logs.values()].some((log) => log.adapter === MiniportAdapterHandle)
        if (taken || !adapters.find(MiniportAdapterHandle)) return NDIS_STATUS_FAILURE
        const handle = objects.create(LOG_OBJECT, LOG_TAG, Size >>> 0)
        if (handle === 0) return NDIS_STATUS_RESOURCES
        logs.set(handle, { adapter: MiniportAdapterHandle, size: Size >>> 0, written: 0 })
        k.cells.put32(LogHandle, handle)
        return NDIS_STATUS_SUCCESS
      },
      NdisMWriteLogData(LogHandle: number, LogBuffer: number, LogBufferSize: number): number {
        preempt()
        const log = logs.get(LogHandle)
        if (!log) return NDIS_STATUS_FAILURE
        const size = LogBufferSize >>> 0
        if (size > log.size) return NDIS_STATUS_BUFFER_OVERFLOW
        for (let i = 0; i < size; i++) space.w8(LogHandle + ((log.written + i) % log.size), space.r8(LogBuffer + i))
        log.written += size
        return NDIS_STATUS_SUCCESS
      },
      NdisMFlushLog(LogHandle: number): void {
        const log = logs.get(LogHandle)
        if (log) log.written = 0
        preempt()
      },
      NdisMCloseLog(LogHandle: number): void {
        logs.delete(LogHandle)
        objects.destroy(LogHandle)
        preempt()
      },
    },
  }
}
