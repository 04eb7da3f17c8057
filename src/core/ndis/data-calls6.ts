import { NDIS_BUGCHECK } from '../kernel/bugcheck'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { createClaims6 } from './claim6'
import type { Ndis6 } from './ndis6'
import type { Station6 } from './stack6'
import { NDIS_STATUS_FAILURE } from './status'

const INDICATION = layout('NDIS_STATUS_INDICATION', 'StatusCode', 'StatusBuffer', 'StatusBufferSize')
const MOST_STATUS_BYTES = 0x8000_0000

/** How drivers of NDIS 6 hand lists to NDIS: miniports, protocols and filter modules (DDI). */
export function createDataCalls6(k: Kernel, ndis: Ndis6) {
  const { preempt } = k
  const { r32 } = k.space
  const { path } = ndis
  const claims = createClaims6(k, ndis.ways)
  /** The station behind a handle of the kind that a function takes. */
  function at(handle: number, kind: Station6['kind']): Station6 | undefined {
    const station = ndis.station(handle)
    return station?.kind === kind ? station : undefined
  }
  const send = (fn: string, kind: Station6['kind']) => (handle: number, list: number, port: number, flags: number) => {
    preempt()
    const from = at(handle, kind)
    if (!from) return
    const chain = claims.ownOrHeld(fn, from, list, false)
    if (chain === 0) return
    path.send(from, chain, port, flags)
  }
  const complete = (fn: string, kind: Station6['kind']) => (handle: number, list: number, flags: number) => {
    preempt()
    const from = at(handle, kind)
    const chain = from ? claims.held(fn, from, list, false) : 0
    if (from && chain !== 0) path.complete(from, chain, flags)
  }
  const indicate =
    (fn: string, kind: Station6['kind']) =>
    (handle: number, list: number, port: number, _count: number, flags: number) => {
      preempt()
      const from = at(handle, kind)
      const chain = from ? claims.ownOrHeld(fn, from, list, true) : 0
      if (from && chain !== 0) path.indicate(from, chain, port, claims.count(chain), flags)
    }
  const giveBack = (fn: string, kind: Station6['kind']) => (handle: number, list: number, flags: number) => {
    preempt()
    const from = at(handle, kind)
    const chain = from ? claims.held(fn, from, list, true) : 0
    if (!from || chain === 0) return
    if (from.kind === 'binding') from.held -= claims.count(chain)
    path.returned(from, chain, flags)
  }
  const cancel = (kind: Station6['kind']) => (handle: number, cancelId: number) => {
    preempt()
    const from = at(handle, kind)
    if (from) path.cancelSend(from, cancelId)
  }
  const status = (kind: Station6['kind']) => (handle: number, indication: number) => {
    preempt()
    const from = at(handle, kind)
    if (!from) return
    // Sizes from 2 GiB on are no sizes: somebody subtracted too much.
    const payload = r32(indication + INDICATION.StatusBuffer)
    const bytes = r32(indication + INDICATION.StatusBufferSize)
    if ((payload === 0 && bytes !== 0) || bytes >= MOST_STATUS_BYTES)
      k.bugcheck(
        'BUGCODE_NDIS_DRIVER',
        [NDIS_BUGCHECK.STATUS_INDICATION_INVALID_BUFFER, r32(indication + INDICATION.StatusCode), from.handle, payload],
        `A status indication says ${bytes} bytes at 0x${payload.toString(16)}.`,
      )
    path.status(from, indication)
  }
  const netPnP = (kind: Station6['kind']) => (handle: number, notification: number) => {
    preempt()
    const from = at(handle, kind)
    return from ? path.netPnPEvent(from, notification) : NDIS_STATUS_FAILURE
  }

  return {
    NdisSendNetBufferLists: send('NdisSendNetBufferLists', 'binding'),
    NdisFSendNetBufferLists: send('NdisFSendNetBufferLists', 'filter'),
    NdisMSendNetBufferListsComplete: complete('NdisMSendNetBufferListsComplete', 'miniport'),
    NdisFSendNetBufferListsComplete: complete('NdisFSendNetBufferListsComplete', 'filter'),
    NdisMIndicateReceiveNetBufferLists: indicate('NdisMIndicateReceiveNetBufferLists', 'miniport'),
    NdisFIndicateReceiveNetBufferLists: indicate('NdisFIndicateReceiveNetBufferLists', 'filter'),
    NdisReturnNetBufferLists: giveBack('NdisReturnNetBufferLists', 'binding'),
    NdisFReturnNetBufferLists: giveBack('NdisFReturnNetBufferLists', 'filter'),
    NdisCancelSendNetBufferLists: cancel('binding'),
    NdisFCancelSendNetBufferLists: cancel('filter'),
    NdisMIndicateStatusEx: status('miniport'),
    NdisFIndicateStatus: status('filter'),
    NdisMNetPnPEvent: netPnP('miniport'),
    NdisFNetPnPEvent: netPnP('filter'),
    NdisFDevicePnPEventNotify(NdisFilterHandle: number, NetDevicePnPEvent: number): void {
      preempt()
      const from = at(NdisFilterHandle, 'filter')
      if (from) path.devicePnPEvent(from, from.stack, NetDevicePnPEvent)
    },
  }
}
