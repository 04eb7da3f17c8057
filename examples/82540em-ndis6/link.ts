/** The link: NDIS is told of its changes, and while there is none nothing is sent. */
import {
  MediaConnectStateConnected,
  MediaConnectStateDisconnected,
  NDIS_LINK_STATE,
  NDIS_LINK_STATE_REVISION_1,
  NDIS_LOWER_IRQL,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OBJECT_TYPE_STATUS_INDICATION,
  NDIS_RAISE_IRQL_TO_DISPATCH,
  NDIS_SIZEOF_LINK_STATE_REVISION_1,
  NDIS_SIZEOF_STATUS_INDICATION_REVISION_1,
  NDIS_STATUS_INDICATION,
  NDIS_STATUS_INDICATION_REVISION_1,
  NDIS_STATUS_LINK_STATE,
  NDIS_STATUS_MEDIA_DISCONNECTED,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisMIndicateStatusEx,
  NdisPauseFunctionsUnsupported,
  out,
  type KIRQL,
} from 'ndis'
import { DISPATCH_LEVEL, linkStateOf, read, statusIndicationOf, type Adapter } from './adapter'
import { duplexOf, LINK_BITS, linkOf, UNKNOWN_SPEED } from './hardware'
import { REG } from './registers'
import { giveBack, refuseWaiting } from './transmit'

/**
 * Tells NDIS when the link is another one than it was told last. Frames on the ring stay there: the NIC sends them when the cable is
 * back, or the hang check finds them. At or below DISPATCH_LEVEL with no lock held.
 */
export function checkLink(adapter: Adapter): void {
  const OldIrql = out<KIRQL>()
  NDIS_RAISE_IRQL_TO_DISPATCH(OldIrql)
  NdisDprAcquireSpinLock(adapter.SendLock)
  NdisDprAcquireSpinLock(adapter.ReceiveLock)
  const status = adapter.Stopped ? adapter.LinkStatus : read(adapter, REG.STATUS) & LINK_BITS
  const changed = status !== adapter.LinkStatus
  adapter.LinkStatus = status
  NdisDprReleaseSpinLock(adapter.ReceiveLock)
  if (!linkOf(status).Up) refuseWaiting(adapter, NDIS_STATUS_MEDIA_DISCONNECTED)
  giveBack(adapter)
  if (changed) indicateLink(adapter, status)
  NDIS_LOWER_IRQL(OldIrql.value, DISPATCH_LEVEL)
}

function indicateLink(adapter: Adapter, status: number): void {
  const { Up, Speed } = linkOf(status)
  const LinkState = linkStateOf(adapter.Context)
  const state = NDIS_LINK_STATE.at(LinkState)
  state.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  state.Header.Revision = NDIS_LINK_STATE_REVISION_1
  state.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1
  state.MediaConnectState = Up ? MediaConnectStateConnected : MediaConnectStateDisconnected
  state.MediaDuplexState = duplexOf(status)
  state.XmitLinkSpeed = state.RcvLinkSpeed = Up ? Speed : UNKNOWN_SPEED
  state.PauseFunctions = NdisPauseFunctionsUnsupported
  state.AutoNegotiationFlags = 0
  const Indication = statusIndicationOf(adapter.Context)
  const indication = NDIS_STATUS_INDICATION.at(Indication)
  indication.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION
  indication.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1
  indication.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1
  indication.SourceHandle = adapter.Handle
  indication.StatusCode = NDIS_STATUS_LINK_STATE
  indication.StatusBuffer = LinkState
  indication.StatusBufferSize = NDIS_SIZEOF_LINK_STATE_REVISION_1
  NdisMIndicateStatusEx(adapter.Handle, Indication)
}
