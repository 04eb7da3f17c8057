/** What NDIS wants to know of a NIC, once at the start and when its link changes. */
import {
  IF_TYPE_ETHERNET_CSMACD,
  MediaConnectStateConnected,
  MediaConnectStateDisconnected,
  MediaDuplexStateFull,
  NDIS_LINK_STATE,
  NDIS_LINK_STATE_REVISION_1,
  NDIS_MAC_OPTION_NO_LOOPBACK,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_OBJECT_TYPE_STATUS_INDICATION,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_SIZEOF_LINK_STATE_REVISION_1,
  NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_STATUS_INDICATION_REVISION_1,
  NDIS_STATUS_INDICATION,
  NDIS_STATUS_INDICATION_REVISION_1,
  NDIS_STATUS_LINK_STATE,
  NdisInterfacePci,
  NdisMedium802_3,
  NdisMIndicateStatusEx,
  NdisMSetMiniportAttributes,
  NdisPhysicalMedium802_3,
  sizeof,
  storage,
  ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PVOID,
} from 'ndis'
import { header } from './header'
import { read, REGISTER } from './registers'
import { MOST_GROUPS, SUPPORTED_OIDS } from './requests'
import { MTU } from './rings'

const GIGABIT = 1_000_000_000n
const MEGABIT = 1_000_000n
const LinkState = storage(NDIS_LINK_STATE)
const Indication = storage(NDIS_STATUS_INDICATION)

/** They come first: with them come the context of all other handlers, and the right to do DMA. */
export function setRegistrationAttributes(Adapter: NDIS_HANDLE, Context: PVOID): NDIS_STATUS {
  return NdisMSetMiniportAttributes(Adapter, {
    RegistrationAttributes: {
      Header: header(
        NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
        NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
        NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
      ),
      MiniportAdapterContext: Context,
      AttributeFlags: NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER,
      InterfaceType: NdisInterfacePci,
    },
  })
}

export function setGeneralAttributes(Adapter: NDIS_HANDLE, Mac: number[]): NDIS_STATUS {
  const Oids = storage(ULONG, SUPPORTED_OIDS.length)
  SUPPORTED_OIDS.forEach((Oid, index) => (ULONG.at(Oids + index * sizeof(ULONG)).value = Oid))
  const { speed, connected } = linkState()
  return NdisMSetMiniportAttributes(Adapter, {
    GeneralAttributes: {
      Header: header(
        NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
        NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
        NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
      ),
      MediaType: NdisMedium802_3,
      PhysicalMediumType: NdisPhysicalMedium802_3,
      MtuSize: MTU,
      MaxXmitLinkSpeed: GIGABIT,
      MaxRcvLinkSpeed: GIGABIT,
      XmitLinkSpeed: speed,
      RcvLinkSpeed: speed,
      MediaConnectState: connected,
      MediaDuplexState: MediaDuplexStateFull,
      LookaheadSize: MTU,
      MacOptions: NDIS_MAC_OPTION_NO_LOOPBACK,
      SupportedPacketFilters:
        NDIS_PACKET_TYPE_DIRECTED |
        NDIS_PACKET_TYPE_MULTICAST |
        NDIS_PACKET_TYPE_ALL_MULTICAST |
        NDIS_PACKET_TYPE_BROADCAST |
        NDIS_PACKET_TYPE_PROMISCUOUS,
      MaxMulticastListSize: MOST_GROUPS,
      MacAddressLength: Mac.length,
      PermanentMacAddress: Mac,
      CurrentMacAddress: Mac,
      IfType: IF_TYPE_ETHERNET_CSMACD,
      IfConnectorPresent: 1,
      SupportedOidList: Oids,
      SupportedOidListLength: SUPPORTED_OIDS.length * sizeof(ULONG),
    },
  })
}

/** [2.3] */
function linkState(): { readonly speed: bigint; readonly connected: number } {
  const status = read(REGISTER.STATUS)
  const connected = status & 1 ? MediaConnectStateConnected : MediaConnectStateDisconnected
  return { speed: BigInt(status >>> 16) * MEGABIT, connected }
}

/** Protocols hear of it: without a link nothing that they send arrives. */
export function indicateLink(Adapter: NDIS_HANDLE): void {
  const { speed, connected } = linkState()
  const state = NDIS_LINK_STATE.at(LinkState)
  Object.assign(
    state.Header,
    header(NDIS_OBJECT_TYPE_DEFAULT, NDIS_LINK_STATE_REVISION_1, NDIS_SIZEOF_LINK_STATE_REVISION_1),
  )
  state.MediaConnectState = connected
  state.MediaDuplexState = MediaDuplexStateFull
  state.XmitLinkSpeed = state.RcvLinkSpeed = speed
  const indication = NDIS_STATUS_INDICATION.at(Indication)
  Object.assign(
    indication.Header,
    header(
      NDIS_OBJECT_TYPE_STATUS_INDICATION,
      NDIS_STATUS_INDICATION_REVISION_1,
      NDIS_SIZEOF_STATUS_INDICATION_REVISION_1,
    ),
  )
  indication.SourceHandle = Adapter
  indication.StatusCode = NDIS_STATUS_LINK_STATE
  indication.StatusBuffer = LinkState
  indication.StatusBufferSize = NDIS_SIZEOF_LINK_STATE_REVISION_1
  NdisMIndicateStatusEx(Adapter, Indication)
}
