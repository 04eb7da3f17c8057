import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import type { Adapter } from './adapters'
import type { HandlerCalls } from './handler-calls'
import type { NdisRecords } from './ndis-record'
import type { Serial } from './serial'
import type { RequestDone } from './stack5'
import { NDIS_STATUS_PENDING } from './status'

/** OID requests of one miniport of NDIS 3 to 5: one at a time (PV MiniportQueryInformation, MiniportSetInformation). */
export interface Requester5 {
  ask(set: boolean, oid: number, buffer: number, length: number, done: RequestDone): void
  /** NdisMQueryInformationComplete, NdisMSetInformationComplete; false when no such request is pending. */
  complete(set: boolean, status: number): boolean
  free(): void
}

interface Request {
  readonly set: boolean
  readonly oid: number
  readonly buffer: number
  readonly length: number
  readonly done: RequestDone
}

export interface Requester5Parts {
  readonly serial: Serial
  readonly calls: HandlerCalls
  readonly records: NdisRecords
  readonly adapter: Adapter
}

export function createRequester5(k: Kernel, { serial, calls, records, adapter }: Requester5Parts): Requester5 {
  const queue: Request[] = []
  /** BytesWritten or BytesRead, and BytesNeeded: they stay valid until the request is over. */
  const cells = records.allocate(8)
  let current: Request | undefined

  function finish(request: Request, status: number): void {
    current = undefined
    request.done(status, k.space.r32(cells), k.space.r32(cells + 4))
    serial.whenFree(adapter, pump)
  }
  function pump(): void {
    if (current || queue.length === 0) return
    if (!serial.enter(adapter)) return serial.whenFree(adapter, pump)
    const request = queue.shift()!
    current = request
    k.space.w32(cells, 0)
    k.space.w32(cells + 4, 0)
    const { set, oid, buffer, length } = request
    const status = calls.callAt(
      DISPATCH_LEVEL,
      adapter.handlers[set ? 'SetInformationHandler' : 'QueryInformationHandler']!,
      set ? 'MiniportSetInformation' : 'MiniportQueryInformation',
      [adapter.context, oid, buffer, length, new LiveCell(k, cells, 'u32'), new LiveCell(k, cells + 4, 'u32')],
    )
    serial.leave(adapter)
    if (status !== NDIS_STATUS_PENDING && current === request) finish(request, status)
  }
  return {
    ask(set, oid, buffer, length, done) {
      queue.push({ set, oid, buffer, length, done })
      pump()
    },
    complete(set, status) {
      if (current?.set !== set) return false
      finish(current, status)
      return true
    },
    free: () => records.free(cells),
  }
}
