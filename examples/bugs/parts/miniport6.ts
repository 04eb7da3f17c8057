// A miniport of NDIS 6.20 that does nothing but what it must; a driver of this folder says what it does beside that.
import {
  bytes,
  FIELD_OFFSET,
  IF_TYPE_ETHERNET_CSMACD,
  MediaConnectStateConnected,
  MediaDuplexStateFull,
  NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
  NdisMDeregisterMiniportDriver,
  NdisMedium802_3,
  NdisMRegisterMiniportDriver,
  NdisMSendNetBufferListsComplete,
  NdisMSetMiniportAttributes,
  OID_GEN_CURRENT_PACKET_FILTER,
  out,
  sizeof,
  storage,
  ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNET_BUFFER_LIST,
  type PUNICODE_STRING,
} from 'ndis'

/** What a driver puts in place of the usual; members of NDIS_MINIPORT_DRIVER_CHARACTERISTICS. */
export interface Miniport6 {
  /** In MiniportInitializeEx, the attributes set; what it gives is the status, SUCCESS when nothing. */
  readonly initialize?: (adapter: NDIS_HANDLE) => NDIS_STATUS | void
  readonly halt?: () => void
  readonly unload?: () => void
  readonly flags?: number
  readonly handlers?: object
}

let Adapter: NDIS_HANDLE = 0
const MAC_ADDRESS = [2, 0, 0, 0, 0, 6]

function setAttributes(flags: number): NDIS_STATUS {
  const Registration = storage(NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES)
  const registration = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES.at(Registration)
  registration.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES
  registration.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1
  registration.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1
  registration.MiniportAdapterContext = storage(ULONG)
  registration.AttributeFlags = flags
  const Status = NdisMSetMiniportAttributes(Adapter, Registration)
  if (Status !== NDIS_STATUS_SUCCESS) return Status
  const Oids = storage(ULONG)
  ULONG.at(Oids).value = OID_GEN_CURRENT_PACKET_FILTER
  const General = storage(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES)
  const general = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES.at(General)
  general.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES
  general.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1
  general.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1
  general.MediaType = NdisMedium802_3
  general.MtuSize = 1500
  general.LookaheadSize = 1500
  general.MaxXmitLinkSpeed = general.MaxRcvLinkSpeed = general.XmitLinkSpeed = general.RcvLinkSpeed = 1_000_000_000n
  general.MediaConnectState = MediaConnectStateConnected
  general.MediaDuplexState = MediaDuplexStateFull
  general.SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST
  general.MacAddressLength = MAC_ADDRESS.length
  for (const member of ['CurrentMacAddress', 'PermanentMacAddress'])
    bytes(General + FIELD_OFFSET(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, member), 6).set(MAC_ADDRESS)
  general.IfType = IF_TYPE_ETHERNET_CSMACD
  general.SupportedOidList = Oids
  general.SupportedOidListLength = sizeof(ULONG)
  return NdisMSetMiniportAttributes(Adapter, General)
}

export function miniport6(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING, of: Miniport6): NDIS_STATUS {
  const Driver = out<NDIS_HANDLE>()
  return NdisMRegisterMiniportDriver(
    DriverObject,
    RegistryPath,
    0,
    {
      Header: {
        Type: NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
        Revision: NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
        Size: NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
      },
      MajorNdisVersion: 6,
      MinorNdisVersion: 20,
      InitializeHandlerEx(MiniportAdapterHandle: NDIS_HANDLE) {
        Adapter = MiniportAdapterHandle
        const Status = setAttributes(of.flags ?? NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK)
        if (Status !== NDIS_STATUS_SUCCESS) return Status
        return of.initialize?.(MiniportAdapterHandle) ?? NDIS_STATUS_SUCCESS
      },
      HaltHandlerEx: of.halt ?? (() => undefined),
      UnloadHandler() {
        of.unload?.()
        NdisMDeregisterMiniportDriver(Driver.value)
      },
      PauseHandler: () => NDIS_STATUS_SUCCESS,
      RestartHandler: () => NDIS_STATUS_SUCCESS,
      OidRequestHandler: () => NDIS_STATUS_NOT_SUPPORTED,
      CancelOidRequestHandler: () => undefined,
      SendNetBufferListsHandler: (_Context: NDIS_HANDLE, Lists: PNET_BUFFER_LIST) =>
        NdisMSendNetBufferListsComplete(Adapter, Lists, 0),
      CancelSendHandler: () => undefined,
      ReturnNetBufferListsHandler: () => undefined,
      CheckForHangHandlerEx: () => 0,
      ResetHandlerEx: () => NDIS_STATUS_SUCCESS,
      DevicePnPEventNotifyHandler: () => undefined,
      ShutdownHandlerEx: () => undefined,
      ...of.handlers,
    },
    Driver,
  )
}
