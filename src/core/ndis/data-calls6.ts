import type { Kernel } from '../kernel/kernel'
import { createClaims6 } from './claim6'
import type { Ndis6 } from './ndis6'
import type { Station6 } from './stack6'

/** How drivers of NDIS 6 hand lists to NDIS: miniports, protocols and filter modules (DDI). */
export function createDataCalls6(k: Kernel, ndis: Ndis6) {
  const { preempt } = k
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
    if (ndis.ways.isOut(chain)) path.pass(from, chain, port, flags)
    else path.send(from, chain, port, flags)
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
    if (from) path.status(from, indication)
  }
  const netPnP = (kind: Station6['kind']) => (handle: number, notification: number) => {
    preempt()
    const from = at(handle, kind)
    return from ? path.netPnPEvent(from, notification) : 0
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
