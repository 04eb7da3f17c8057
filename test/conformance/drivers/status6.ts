// A status indication of NDIS 6, and a notification of a network PnP event, ready to be given.
import {
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OBJECT_TYPE_STATUS_INDICATION,
  NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1,
  NDIS_SIZEOF_STATUS_INDICATION_REVISION_1,
  NDIS_STATUS_INDICATION,
  NDIS_STATUS_MEDIA_SPECIFIC_INDICATION,
  NET_PNP_EVENT_NOTIFICATION,
  NetEventPortActivation,
  storage,
  type NDIS_HANDLE,
  type PNDIS_STATUS_INDICATION,
  type PNET_PNP_EVENT_NOTIFICATION,
} from 'ndis'

const Indication = storage(NDIS_STATUS_INDICATION)
const Event = storage(NET_PNP_EVENT_NOTIFICATION)

export function indication6(SourceHandle: NDIS_HANDLE): PNDIS_STATUS_INDICATION {
  const indication = NDIS_STATUS_INDICATION.at(Indication)
  indication.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION
  indication.Header.Revision = 1
  indication.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1
  indication.SourceHandle = SourceHandle
  indication.StatusCode = NDIS_STATUS_MEDIA_SPECIFIC_INDICATION
  return Indication
}
export function event6(): PNET_PNP_EVENT_NOTIFICATION {
  const event = NET_PNP_EVENT_NOTIFICATION.at(Event)
  event.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  event.Header.Revision = 1
  event.Header.Size = NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1
  event.NetPnPEvent.NetEvent = NetEventPortActivation
  return Event
}
