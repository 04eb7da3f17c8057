// A protocol of NDIS 6.20 that binds to every Ethernet adapter; a driver says what it does beside that.
import {
  DRIVER_OBJECT,
  NDIS_BIND_PARAMETERS,
  NDIS_EVENT,
  NDIS_OBJECT_TYPE_OID_REQUEST,
  NDIS_OBJECT_TYPE_OPEN_PARAMETERS,
  NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS,
  NDIS_OID_REQUEST,
  NDIS_OID_REQUEST_REVISION_1,
  NDIS_OPEN_PARAMETERS,
  NDIS_OPEN_PARAMETERS_REVISION_1,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_RECEIVE_FLAGS_RESOURCES,
  NDIS_SIZEOF_OID_REQUEST_REVISION_1,
  NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisCloseAdapterEx,
  NdisDeregisterProtocolDriver,
  NdisInitializeEvent,
  NdisMedium802_3,
  NdisOidRequest,
  NdisOpenAdapterEx,
  NdisRegisterProtocolDriver,
  NdisRequestQueryInformation,
  NdisRequestSetInformation,
  NdisReturnNetBufferLists,
  NdisSetEvent,
  NdisWaitEvent,
  OID_GEN_CURRENT_PACKET_FILTER,
  OID_GEN_VENDOR_ID,
  out,
  sizeof,
  storage,
  UINT,
  ULONG,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BIND_PARAMETERS,
  type PNDIS_OID_REQUEST,
  type PNET_BUFFER_LIST,
  type PVOID,
} from 'ndis'

/** What a driver puts in place of the usual; members of NDIS_PROTOCOL_DRIVER_CHARACTERISTICS. */
export interface Protocol6 {
  /** The binding is open; at PASSIVE_LEVEL. */
  readonly bound?: (binding: NDIS_HANDLE) => void
  /** It is about to be closed; at PASSIVE_LEVEL. */
  readonly unbinding?: (binding: NDIS_HANDLE) => void
  readonly unload?: () => void
  readonly handlers?: object
}

const Done = storage(NDIS_EVENT)
const Media = storage(UINT)
const Selected = storage(UINT)
const Parameters = storage(NDIS_OPEN_PARAMETERS)
const Request = storage(NDIS_OID_REQUEST)
const Answer = storage(ULONG)
const Protocol = out<NDIS_HANDLE>()
const Binding = out<NDIS_HANDLE>()
let last: NDIS_STATUS = NDIS_STATUS_SUCCESS

/** The protocol, and its binding as soon as the open is called. */
export const protocolHandle6 = () => Protocol.value
export const binding6 = () => Binding.value

/** Ends what is pending: an open, a close, a request. */
export function ended6(Status: NDIS_STATUS): void {
  last = Status
  NdisSetEvent(Done)
}
/** The status of a call that NDIS may have made pending. */
export function wait6(call: () => NDIS_STATUS): NDIS_STATUS {
  NdisInitializeEvent(Done)
  const Status = call()
  if (Status !== NDIS_STATUS_PENDING) return Status
  NdisWaitEvent(Done, 0)
  return last
}
/** An NDIS_OPEN_PARAMETERS for the adapter that is announced. */
export function openParameters6(BindParameters: PNDIS_BIND_PARAMETERS): PVOID {
  UINT.at(Media).value = NdisMedium802_3
  const parameters = NDIS_OPEN_PARAMETERS.at(Parameters)
  parameters.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS
  parameters.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1
  parameters.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1
  parameters.AdapterName = NDIS_BIND_PARAMETERS.at(BindParameters).AdapterName
  parameters.MediumArray = Media
  parameters.MediumArraySize = 1
  parameters.SelectedMediumIndex = Selected
  return Parameters
}
/** Opens without waiting. */
export const openLater6 = (BindContext: NDIS_HANDLE, BindParameters: PNDIS_BIND_PARAMETERS): NDIS_STATUS =>
  NdisOpenAdapterEx(Protocol.value, 0x60, openParameters6(BindParameters), BindContext, Binding)
export const open6 = (BindContext: NDIS_HANDLE, BindParameters: PNDIS_BIND_PARAMETERS): NDIS_STATUS =>
  wait6(() => openLater6(BindContext, BindParameters))
export const close6 = (): NDIS_STATUS => wait6(() => NdisCloseAdapterEx(Binding.value))

/** A question to the miniport, ready to be sent. */
export function question6(): PNDIS_OID_REQUEST {
  const request = NDIS_OID_REQUEST.at(Request)
  request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST
  request.Header.Revision = NDIS_OID_REQUEST_REVISION_1
  request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1
  request.RequestType = NdisRequestQueryInformation
  request.DATA.QUERY_INFORMATION.Oid = OID_GEN_VENDOR_ID
  request.DATA.QUERY_INFORMATION.InformationBuffer = Answer
  request.DATA.QUERY_INFORMATION.InformationBufferLength = sizeof(ULONG)
  return Request
}

/** Lets frames in that are meant for everybody. */
export function listen6(): NDIS_STATUS {
  const Oid = question6()
  const request = NDIS_OID_REQUEST.at(Oid)
  request.RequestType = NdisRequestSetInformation
  request.DATA.SET_INFORMATION.Oid = OID_GEN_CURRENT_PACKET_FILTER
  ULONG.at(Answer).value = NDIS_PACKET_TYPE_BROADCAST
  return wait6(() => NdisOidRequest(Binding.value, Oid))
}

export function protocol6(DriverObject: PDRIVER_OBJECT, of: Protocol6): NDIS_STATUS {
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => {
    NdisDeregisterProtocolDriver(Protocol.value)
    of.unload?.()
  }
  return NdisRegisterProtocolDriver(
    0,
    {
      Header: {
        Type: NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS,
        Revision: NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
        Size: NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
      },
      MajorNdisVersion: 6,
      MinorNdisVersion: 20,
      Name: NDIS_STRING_CONST('BARE6'),
      BindAdapterHandlerEx(_Context: NDIS_HANDLE, BindContext: NDIS_HANDLE, BindParameters: PNDIS_BIND_PARAMETERS) {
        const Status = open6(BindContext, BindParameters)
        if (Status === NDIS_STATUS_SUCCESS) of.bound?.(Binding.value)
        return Status
      },
      UnbindAdapterHandlerEx() {
        of.unbinding?.(Binding.value)
        close6()
        return NDIS_STATUS_SUCCESS
      },
      OpenAdapterCompleteHandlerEx: (_Context: NDIS_HANDLE, Status: NDIS_STATUS) => ended6(Status),
      CloseAdapterCompleteHandlerEx: () => ended6(NDIS_STATUS_SUCCESS),
      NetPnPEventHandler: () => NDIS_STATUS_SUCCESS,
      OidRequestCompleteHandler: (_Context: NDIS_HANDLE, _Request: PNDIS_OID_REQUEST, Status: NDIS_STATUS) =>
        ended6(Status),
      StatusHandlerEx: () => undefined,
      ReceiveNetBufferListsHandler(
        _Context: NDIS_HANDLE,
        Lists: PNET_BUFFER_LIST,
        _Port: number,
        _Count: number,
        Flags: number,
      ) {
        if ((Flags & NDIS_RECEIVE_FLAGS_RESOURCES) === 0) NdisReturnNetBufferLists(Binding.value, Lists, 0)
      },
      SendNetBufferListsCompleteHandler: () => undefined,
      ...of.handlers,
    },
    Protocol,
  )
}
