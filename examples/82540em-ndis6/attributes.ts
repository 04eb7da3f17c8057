/** What NDIS is told of an adapter when it is initialized. */
import {
  FIELD_OFFSET,
  IF_TYPE_ETHERNET_CSMACD,
  bytes,
  MediaConnectStateConnected,
  MediaConnectStateDisconnected,
  NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA,
  NDIS_MAC_OPTION_FULL_DUPLEX,
  NDIS_MAC_OPTION_NO_LOOPBACK,
  NDIS_MAC_OPTION_TRANSFERS_NOT_PEND,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER,
  NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE,
  NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NdisInterfacePci,
  NdisMedium802_3,
  NdisMSetMiniportAttributes,
  NdisPhysicalMedium802_3,
  NET_IF_ACCESS_BROADCAST,
  NET_IF_CONNECTION_DEDICATED,
  NET_IF_DIRECTION_SENDRECEIVE,
  sizeof,
  storage,
  ULONG,
  type NDIS_STATUS,
} from 'ndis'
import { MAX_MULTICAST, MTU, type Adapter } from './adapter'
import { SUPPORTED_STATISTICS } from './counters'
import { duplexOf, linkOf, SUPPORTED_FILTERS, UNKNOWN_SPEED } from './hardware'
import { SUPPORTED_OIDS } from './oids'

const HANG_CHECK_SECONDS = 4
const FASTEST = 1_000_000_000n
const Registration = storage(NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES)
const General = storage(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES)
const Oids = storage(ULONG, SUPPORTED_OIDS.length)

export function setRegistrationAttributes(adapter: Adapter): NDIS_STATUS {
  const registration = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES.at(Registration)
  registration.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES
  registration.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1
  registration.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1
  registration.MiniportAdapterContext = adapter.Context
  registration.AttributeFlags =
    NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE |
    NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER |
    NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK
  registration.CheckForHangTimeInSeconds = HANG_CHECK_SECONDS
  registration.InterfaceType = NdisInterfacePci
  return NdisMSetMiniportAttributes(adapter.Handle, Registration)
}

export function setGeneralAttributes(adapter: Adapter): NDIS_STATUS {
  SUPPORTED_OIDS.forEach((Oid, index) => (ULONG.at(Oids + index * sizeof(ULONG)).value = Oid))
  const link = linkOf(adapter.LinkStatus)
  const general = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES.at(General)
  general.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES
  general.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1
  general.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1
  general.MediaType = NdisMedium802_3
  general.PhysicalMediumType = NdisPhysicalMedium802_3
  general.MtuSize = MTU
  general.MaxXmitLinkSpeed = general.MaxRcvLinkSpeed = FASTEST
  general.XmitLinkSpeed = general.RcvLinkSpeed = link.Up ? link.Speed : UNKNOWN_SPEED
  general.MediaConnectState = link.Up ? MediaConnectStateConnected : MediaConnectStateDisconnected
  general.MediaDuplexState = duplexOf(adapter.LinkStatus)
  general.LookaheadSize = MTU
  general.MacOptions =
    NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA |
    NDIS_MAC_OPTION_TRANSFERS_NOT_PEND |
    NDIS_MAC_OPTION_NO_LOOPBACK |
    NDIS_MAC_OPTION_FULL_DUPLEX
  general.SupportedPacketFilters = SUPPORTED_FILTERS
  general.MaxMulticastListSize = MAX_MULTICAST
  general.MacAddressLength = 6
  const at = (member: string): number => General + FIELD_OFFSET(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, member)
  bytes(at('CurrentMacAddress'), 6).set(adapter.CurrentAddress)
  bytes(at('PermanentMacAddress'), 6).set(adapter.PermanentAddress)
  general.AccessType = NET_IF_ACCESS_BROADCAST
  general.DirectionType = NET_IF_DIRECTION_SENDRECEIVE
  general.ConnectionType = NET_IF_CONNECTION_DEDICATED
  general.IfType = IF_TYPE_ETHERNET_CSMACD
  general.IfConnectorPresent = true
  general.SupportedStatistics = SUPPORTED_STATISTICS
  general.SupportedOidList = Oids
  general.SupportedOidListLength = SUPPORTED_OIDS.length * sizeof(ULONG)
  return NdisMSetMiniportAttributes(adapter.Handle, General)
}
