import type { Kernel } from '../kernel/kernel'
import { TICKS_PER_MS } from '../clock/clock'
import { layout } from '../memory/layout'
import { ADAPTER_OBJECT } from '../ndis/adapters'
import { constant } from '../ndis/constants'
import type { Ndis6 } from '../ndis/ndis6'
import { checkMustSucceed } from '../ndis/oid-must-succeed'
import { isObject } from '../ndis/object-header'
import { OID_KIND, OID_REQUEST_HEADER } from '../ndis/oid-request'
import type { Station6 } from '../ndis/stack6'
import { NDIS_STATUS_PENDING } from '../ndis/status'
import { badHandle } from './handles'
import { hex } from './hex'
import type { Before, RuleFamily } from './rules'
import type { StationHandles } from './stacks6-handles'
import { createWatch } from './watch'

interface Parts {
  readonly ndis: Ndis6
  readonly handles: StationHandles
}

const METHOD = layout(
  'NDIS_OID_REQUEST',
  'DATA.METHOD_INFORMATION.InputBufferLength',
  'DATA.METHOD_INFORMATION.OutputBufferLength',
)
const INDICATION = layout('NDIS_STATUS_INDICATION', 'SourceHandle', 'StatusBuffer', 'StatusBufferSize')
const INDICATION_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_STATUS_INDICATION'),
  size: constant('NDIS_SIZEOF_STATUS_INDICATION_REVISION_1'),
}
/** SDV NdisTimedOidComplete. */
const OID_TICKS = 12_000 * TICKS_PER_MS

/** OID requests and status indications in the stacks of NDIS 6. */
export function stackOidRules(k: Kernel, { ndis, handles }: Parts): RuleFamily {
  const { violation } = k.verifier
  const { r32 } = k.space
  const { oids, requests } = ndis

  const watch = createWatch(k, OID_TICKS, (limit) => {
    let oldest = Infinity
    oids.forEach(({ heldSince, holder, request, site, direct }) => {
      if (!holder) return
      if (heldSince > limit) return void (oldest = Math.min(oldest, heldSince))
      const who = `${holder.kind === 'filter' ? 'Filter' : 'Miniport'}${direct ? 'Direct' : ''}OidRequest`
      violation(
        'NdisTimedOidComplete',
        who,
        `The OID request ${hex(requests.oid(request))} was not completed in 12 seconds.`,
        { acquired: site },
      )
    })
    return oldest
  })
  /** true: NDIS and the drivers below would touch memory that they may not. */
  function badRequest(fn: string, request: number): boolean {
    if (!isObject(k.space, request, OID_REQUEST_HEADER)) {
      violation(
        'OidRequestHeader',
        fn,
        `Header of the NDIS_OID_REQUEST at ${hex(request)} must have the type NDIS_OBJECT_TYPE_OID_REQUEST, a revision and its size: ${fn} returns NDIS_STATUS_INVALID_PARAMETER.`,
      )
      return false
    }
    const kind = requests.kind(request)
    const bytes =
      kind === OID_KIND.METHOD
        ? Math.max(
            r32(request + METHOD['DATA.METHOD_INFORMATION.InputBufferLength']),
            r32(request + METHOD['DATA.METHOD_INFORMATION.OutputBufferLength']),
          )
        : requests.length(request)
    return bytes !== 0 && !k.access.range(fn, requests.buffer(request), bytes, kind !== OID_KIND.SET)
  }
  const send =
    (fn: string, kind: Station6['kind']): Before =>
    (handle: number, request: number) => {
      if (!handles.station(fn, handle, kind)) return false
      watch.started()
      return badRequest(fn, request)
    }
  const complete =
    (fn: string, kind: Station6['kind']): Before =>
    (handle: number, request: number, status: number) => {
      if (!handles.station(fn, handle, kind)) return false
      if (kind === 'miniport' && oids.find(request)) checkMustSucceed(k, fn, requests.oid(request), status | 0)
      if ((status | 0) === NDIS_STATUS_PENDING)
        violation(
          'NdisOidComplete',
          fn,
          `${fn} is given NDIS_STATUS_PENDING: a request is completed with its final status.`,
        )
      return false
    }
  const clone =
    (fn: string): Before =>
    (handle: number) => {
      if (!ndis.station(handle)) handles.station(fn, handle, 'filter')
      return false
    }
  function indicateStatus(fn: string, handle: number, indication: number): boolean {
    if (!isObject(k.space, indication, INDICATION_HEADER))
      violation(
        'StatusIndicationHeader',
        fn,
        `Header of the NDIS_STATUS_INDICATION at ${hex(indication)} must have the type NDIS_OBJECT_TYPE_STATUS_INDICATION, a revision and its size.`,
      )
    const source = r32(indication + INDICATION.SourceHandle)
    if (fn === 'NdisMIndicateStatusEx' && source !== handle)
      violation(
        'SourceHandle',
        fn,
        `SourceHandle of the NDIS_STATUS_INDICATION at ${hex(indication)} is ${hex(source)}; it must be the MiniportAdapterHandle ${hex(handle)}.`,
      )
    const payload = r32(indication + INDICATION.StatusBuffer)
    const bytes = r32(indication + INDICATION.StatusBufferSize)
    return payload !== 0 && bytes !== 0 && !k.access.range(fn, payload, bytes, false)
  }
  /** Adapters that are gone have a rule of their own (SDV NdisMIndicateStatusEx). */
  function afterHalt(handle: number): boolean {
    const grave = k.objects.find(handle, ADAPTER_OBJECT) ? undefined : k.objects.buried(handle, ADAPTER_OBJECT)
    if (grave)
      violation(
        'NdisMIndicateStatusEx',
        'NdisMIndicateStatusEx',
        `NdisMIndicateStatusEx is called for ${hex(handle)}, an adapter that was halted.`,
        grave,
      )
    return grave !== undefined
  }

  return {
    before: {
      NdisOidRequest: send('NdisOidRequest', 'binding'),
      NdisDirectOidRequest: send('NdisDirectOidRequest', 'binding'),
      NdisFOidRequest: send('NdisFOidRequest', 'filter'),
      NdisFDirectOidRequest: send('NdisFDirectOidRequest', 'filter'),
      NdisMOidRequestComplete: complete('NdisMOidRequestComplete', 'miniport'),
      NdisMDirectOidRequestComplete: complete('NdisMDirectOidRequestComplete', 'miniport'),
      NdisFOidRequestComplete: complete('NdisFOidRequestComplete', 'filter'),
      NdisFDirectOidRequestComplete: complete('NdisFDirectOidRequestComplete', 'filter'),
      NdisAllocateCloneOidRequest: clone('NdisAllocateCloneOidRequest'),
      NdisFreeCloneOidRequest: clone('NdisFreeCloneOidRequest'),
      NdisMNetPnPEvent(handle: number) {
        oids.forEach(({ holder, site }) => {
          if (holder?.kind === 'miniport' && holder.handle === handle)
            violation(
              'NdisMNetPnPEventInOIDRequest',
              'NdisMNetPnPEvent',
              'NdisMNetPnPEvent is called while the miniport has an OID request: it completes that first.',
              { acquired: site },
            )
        })
        return false
      },
      NdisMIndicateStatusEx: (handle: number, indication: number) =>
        afterHalt(handle) ||
        badHandle(k, 'NdisMIndicateStatusEx', handle, ADAPTER_OBJECT) ||
        indicateStatus('NdisMIndicateStatusEx', handle, indication),
      NdisFIndicateStatus: (handle: number, indication: number) =>
        indicateStatus('NdisFIndicateStatus', handle, indication),
    },
  }
}
