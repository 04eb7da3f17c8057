import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { LiveCell } from '../memory/cell'
import type { Adapter } from './adapters'
import type { HandlerCalls } from './handler-calls'
import type { NdisRecords } from './ndis-record'
import type { Serial } from './serial'
import type { RequestDone } from './stack5'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** OID requests of one miniport of NDIS 3 to 5: one at a time (PV MiniportQueryInformation, MiniportSetInformation). */
export interface Requester5 {
  ask(set: boolean, oid: number, buffer: number, length: number, done: RequestDone): void
  /** NdisMQueryInformationComplete, NdisMSetInformationComplete; false when no such request is pending. */
  complete(set: boolean, status: number): boolean
  /** The request that the miniport works on; undefined when there is none. */
  current(): PendingRequest5 | undefined
  free(): void
}

export interface PendingRequest5 {
  readonly set: boolean
  readonly oid: number
  /** Bytes of its buffer. */
  readonly length: number
  /** BytesWritten or BytesRead as it is now. */
  readonly bytes: number
  /** When the miniport got it, ticks. */
  readonly since: number
}

interface Request {
  readonly set: boolean
  readonly oid: number
  readonly buffer: number
  readonly length: number
  readonly done: RequestDone
  since: number
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
  let cells = records.allocate(8)
  let current: Request | undefined

  function finish(request: Request, status: number): void {
    current = undefined
    const bytes = k.space.r32(cells)
    if (status === NDIS_STATUS_SUCCESS && bytes > request.length)
      k.verifier.violation(
        'OidBytesWritten',
        request.set ? 'MiniportSetInformation' : 'MiniportQueryInformation',
        `The OID 0x${request.oid.toString(16).padStart(8, '0')} is done with ${bytes} bytes, but its buffer has ${request.length}: what does not fit is NDIS_STATUS_BUFFER_TOO_SHORT with BytesNeeded.`,
      )
    request.done(status, k.space.r32(cells), k.space.r32(cells + 4))
    serial.whenFree(adapter, pump)
  }
  function pump(): void {
    if (current || queue.length === 0) return
    if (!serial.enter(adapter)) return serial.whenFree(adapter, pump)
    const request = queue.shift()!
    if (cells === 0) cells = records.allocate(8)
    if (cells === 0) {
      serial.leave(adapter)
      request.done(NDIS_STATUS_RESOURCES, 0, 0)
      return pump()
    }
    current = request
    request.since = k.clock.now()
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
    if (status === NDIS_STATUS_PENDING) return
    if (current === request) return finish(request, status)
    const complete = set ? 'NdisMSetInformationComplete' : 'NdisMQueryInformationComplete'
    k.verifier.violation(
      'NdisOidDoubleComplete',
      set ? 'MiniportSetInformation' : 'MiniportQueryInformation',
      `The handler returned 0x${(status >>> 0).toString(16)} for a request that it has completed with ${complete}: after that it must return NDIS_STATUS_PENDING.`,
    )
  }
  return {
    ask(set, oid, buffer, length, done) {
      queue.push({ set, oid, buffer, length, done, since: 0 })
      pump()
    },
    complete(set, status) {
      if (current?.set !== set) return false
      finish(current, status)
      return true
    },
    current: () =>
      current && {
        set: current.set,
        oid: current.oid,
        length: current.length,
        bytes: k.space.r32(cells),
        since: current.since,
      },
    free() {
      if (cells !== 0) records.free(cells)
    },
  }
}
