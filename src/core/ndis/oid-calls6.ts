import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { isMerged, mergeSets, rememberSet } from './merged-sets'
import { doubleCompletion } from './oid-completions'
import type { Ndis6 } from './ndis6'
import { isObject } from './object-header'
import { OID_KIND, OID_REQUEST_BYTES, OID_REQUEST_HEADER } from './oid-request'
import type { BindingStation, Station6 } from './stack6'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

/** OID requests of protocols and filter modules, and how they are completed (DDI ndisoidrequest ...). */
export function createOidCalls6(k: Kernel, ndis: Ndis6) {
  const { space, preempt, pool, site, log } = k
  const { u8 } = space
  const { oids, requests, records } = ndis
  /** Clones that are out. */
  const clones = new Set<number>()

  function station(handle: number, kind: Station6['kind']): Station6 | undefined {
    const found = ndis.station(handle)
    return found?.kind === kind ? found : undefined
  }
  /** Sets that NDIS merges over all bindings of an adapter. */
  function merged(binding: BindingStation, request: number): number | undefined {
    const oid = requests.oid(request)
    const length = requests.length(request)
    if (requests.kind(request) !== OID_KIND.SET || !isMerged(oid, length)) return undefined
    const buffer = requests.buffer(request)
    const value = u8.slice(buffer, buffer + length)
    const all = mergeSets(binding, binding.stack.bindings, oid, value)
    const own = records.allocate(OID_REQUEST_BYTES + all.length)
    if (own === 0) return NDIS_STATUS_RESOURCES
    u8.set(all, own + OID_REQUEST_BYTES)
    requests.build(own, OID_KIND.SET, oid, own + OID_REQUEST_BYTES, all.length)
    const finish = (status: number): void => {
      requests.setDone(request, status === NDIS_STATUS_SUCCESS ? length : 0)
      requests.setNeeded(request, requests.needed(own))
      records.free(own)
      if (status === NDIS_STATUS_SUCCESS) rememberSet(binding, oid, value)
    }
    const status = oids.send(binding.stack, undefined, own, false, (late) => {
      finish(late)
      binding.end.oidComplete(request, late, false)
    })
    if (status !== NDIS_STATUS_PENDING) finish(status)
    return status
  }
  function send(fn: string, from: Station6 | undefined, request: number, direct: boolean): number {
    if (!from) return NDIS_STATUS_FAILURE
    if (!isObject(space, request, OID_REQUEST_HEADER)) return NDIS_STATUS_INVALID_PARAMETER
    if (oids.find(request)) {
      k.verifier.violation(
        'OidRequestInUse',
        fn,
        `${fn} sends the request at 0x${request.toString(16)} again while it is pending.`,
        { acquired: oids.find(request)!.site },
      )
      return NDIS_STATUS_FAILURE
    }
    if (from.kind === 'binding' && !direct) {
      const own = merged(from, request)
      if (own !== undefined) return own
    }
    return oids.send(from.stack, from, request, direct)
  }
  function complete(fn: string, from: Station6 | undefined, request: number, status: number, direct: boolean): void {
    if (!from) return
    if (
      status === NDIS_STATUS_SUCCESS &&
      requests.kind(request) === OID_KIND.QUERY &&
      requests.done(request) > requests.length(request)
    )
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.OID_REQUEST_INVALID_BUFFER, from.stack.adapter.handle, request],
        `An OID request is completed with ${requests.done(request)} bytes written into a buffer of ${requests.length(request)}.`,
      )
    if (oids.complete(from, request, status, direct)) return
    k.verifier.violation(
      doubleCompletion(k.cpus),
      fn,
      `The OID request at 0x${request.toString(16)} is completed, and it is not pending here: completed already, or never received.`,
    )
    k.bugcheck(
      'BUGCODE_NDIS_DRIVER',
      [NDIS_BUGCHECK.INVALID_OID_COMPLETION, from.stack.adapter.handle, request],
      'An OID request is completed that is not pending.',
    )
  }

  type Kind = Station6['kind']
  const sends =
    (fn: string, kind: Kind, direct: boolean) =>
    (handle: number, request: number): number => {
      preempt()
      return send(fn, station(handle, kind), request, direct)
    }
  const cancels =
    (kind: Kind, direct: boolean) =>
    (handle: number, requestId: number): void => {
      preempt()
      const from = station(handle, kind)
      if (from) oids.cancel(from, requestId, direct)
    }
  const completes =
    (fn: string, kind: Kind, direct: boolean) =>
    (handle: number, request: number, status: number): void => {
      preempt()
      complete(fn, station(handle, kind), request, status | 0, direct)
    }
  return {
    NdisOidRequest: sends('NdisOidRequest', 'binding', false),
    NdisDirectOidRequest: sends('NdisDirectOidRequest', 'binding', true),
    NdisFOidRequest: sends('NdisFOidRequest', 'filter', false),
    NdisFDirectOidRequest: sends('NdisFDirectOidRequest', 'filter', true),
    NdisCancelOidRequest: cancels('binding', false),
    NdisCancelDirectOidRequest: cancels('binding', true),
    NdisFCancelOidRequest: cancels('filter', false),
    NdisFCancelDirectOidRequest: cancels('filter', true),
    NdisMOidRequestComplete: completes('NdisMOidRequestComplete', 'miniport', false),
    NdisMDirectOidRequestComplete: completes('NdisMDirectOidRequestComplete', 'miniport', true),
    NdisFOidRequestComplete: completes('NdisFOidRequestComplete', 'filter', false),
    NdisFDirectOidRequestComplete: completes('NdisFDirectOidRequestComplete', 'filter', true),
    /** The clone shares the buffers; its SourceReserved is the filter's (DDI ndisallocatecloneoidrequest). */
    NdisAllocateCloneOidRequest(
      _SourceHandle: number,
      OidRequest: number,
      PoolTag: number,
      ClonedOidRequest: OutParam,
    ): number {
      preempt()
      const clone = pool.allocate(OID_REQUEST_BYTES, PoolTag, OWNER_DRIVER, site.s, log.index())
      k.cells.put32(ClonedOidRequest, clone)
      if (clone === 0) return NDIS_STATUS_RESOURCES
      u8.copyWithin(clone, OidRequest, OidRequest + OID_REQUEST_BYTES)
      clones.add(clone)
      return NDIS_STATUS_SUCCESS
    },
    NdisFreeCloneOidRequest(_SourceHandle: number, Request: number): void {
      preempt()
      if (!clones.has(Request))
        return k.verifier.violation(
          'InvalidHandle',
          'NdisFreeCloneOidRequest',
          `NdisFreeCloneOidRequest was given 0x${(Request >>> 0).toString(16)}, which is no clone of NdisAllocateCloneOidRequest.`,
        )
      const flight = oids.find(Request)
      if (flight)
        return k.verifier.violation(
          'OidRequestInUse',
          'NdisFreeCloneOidRequest',
          `The clone at 0x${Request.toString(16)} is freed while it is pending: it stays, so that it can be completed.`,
          { acquired: flight.site },
        )
      clones.delete(Request)
      pool.free(Request, site.s)
    },
  }
}
