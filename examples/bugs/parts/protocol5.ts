// A protocol of NDIS 5 that binds to every Ethernet adapter; a driver of this folder says what it does beside that.
import {
  DRIVER_OBJECT,
  NDIS_EVENT,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PROTOCOL_CHARACTERISTICS,
  NDIS_REQUEST,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisCloseAdapter,
  NdisDeregisterProtocol,
  NdisInitializeEvent,
  NdisMedium802_3,
  NdisOpenAdapter,
  NdisRegisterProtocol,
  NdisRequest,
  NdisRequestSetInformation,
  NdisSend,
  NdisSetEvent,
  NdisWaitEvent,
  OID_GEN_CURRENT_PACKET_FILTER,
  out,
  sizeof,
  storage,
  UINT,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PVOID,
} from 'ndis'

/** What a driver puts in place of the usual. */
export interface Protocol5 {
  /** The binding is open; at PASSIVE_LEVEL. */
  readonly bound?: (binding: NDIS_HANDLE) => void
  /** The open failed. */
  readonly refused?: (Status: NDIS_STATUS) => void
  /** What it can speak to: Ethernet, unless it says otherwise. */
  readonly medium?: number
  /** It is about to be closed; at PASSIVE_LEVEL. */
  readonly unbinding?: (binding: NDIS_HANDLE) => void
  readonly unload?: () => void
  /** Members of NDIS_PROTOCOL_CHARACTERISTICS. */
  readonly handlers?: object
}

const Done = storage(NDIS_EVENT)
const Medium = storage(UINT)
const Information = storage(UINT)
const Request = storage(NDIS_REQUEST)
let last: NDIS_STATUS = NDIS_STATUS_SUCCESS

const Protocol = out<NDIS_HANDLE>()
const Binding = out<NDIS_HANDLE>()
/** The protocol, and its binding as soon as the open is called. */
export const protocolHandle5 = () => Protocol.value
export const binding5 = () => Binding.value

/** Ends what is pending: an open, a close, a request, a send. */
export function ended5(Status: NDIS_STATUS): void {
  last = Status
  NdisSetEvent(Done)
}
/** The status of a call that NDIS, or the miniport, may have made pending. */
export function wait5(call: (Status: { value: NDIS_STATUS }) => void): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  NdisInitializeEvent(Done)
  call(Status)
  if (Status.value !== NDIS_STATUS_PENDING) return Status.value
  NdisWaitEvent(Done, 0)
  return last
}
/** Sends a packet and waits for its end. */
export const send5 = (binding: NDIS_HANDLE, Packet: PNDIS_PACKET): NDIS_STATUS =>
  wait5((Status) => NdisSend(Status, binding, Packet))

/** Asks or tells the miniport, and waits; the request can be looked at afterwards. */
export function request5(binding: NDIS_HANDLE, type: number, Oid: number, Buffer: PVOID, Length: number): NDIS_STATUS {
  const request = NDIS_REQUEST.at(Request)
  request.RequestType = type
  request.DATA.QUERY_INFORMATION.Oid = Oid
  request.DATA.QUERY_INFORMATION.InformationBuffer = Buffer
  request.DATA.QUERY_INFORMATION.InformationBufferLength = Length
  return wait5((Status) => NdisRequest(Status, binding, Request))
}
export const lastRequest5 = () => NDIS_REQUEST.at(Request)

/** Lets frames in: all that are meant for everybody, unless a driver says more. */
export function listen5(binding: NDIS_HANDLE, filter: number = NDIS_PACKET_TYPE_BROADCAST): NDIS_STATUS {
  UINT.at(Information).value = filter
  return request5(binding, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, Information, sizeof(UINT))
}

export function protocol5(DriverObject: PDRIVER_OBJECT, of: Protocol5): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  UINT.at(Medium).value = of.medium ?? NdisMedium802_3
  NdisRegisterProtocol(
    Status,
    Protocol,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 0,
      Name: NDIS_STRING_CONST('BUGS'),
      BindAdapterHandler(Result, _BindContext, DeviceName) {
        Result.value = wait5((Open) =>
          NdisOpenAdapter(Open, out(), Binding, out(), Medium, 1, Protocol.value, 0x60, DeviceName, 0, 0),
        )
        if (Result.value === NDIS_STATUS_SUCCESS) of.bound?.(Binding.value)
        else of.refused?.(Result.value)
      },
      UnbindAdapterHandler(Result) {
        of.unbinding?.(Binding.value)
        Result.value = wait5((Close) => NdisCloseAdapter(Close, Binding.value))
      },
      OpenAdapterCompleteHandler: (_Context, OpenStatus) => ended5(OpenStatus),
      CloseAdapterCompleteHandler: (_Context, CloseStatus) => ended5(CloseStatus),
      RequestCompleteHandler: (_Context, _Request, RequestStatus) => ended5(RequestStatus),
      ResetCompleteHandler: (_Context, ResetStatus) => ended5(ResetStatus),
      SendCompleteHandler: (_Context, _Packet, SendStatus) => ended5(SendStatus),
      TransferDataCompleteHandler: () => undefined,
      ReceiveHandler: () => NDIS_STATUS_SUCCESS,
      ReceiveCompleteHandler: () => undefined,
      StatusHandler: () => undefined,
      StatusCompleteHandler: () => undefined,
      PnPEventHandler: () => NDIS_STATUS_SUCCESS,
      ...of.handlers,
    },
    sizeof(NDIS_PROTOCOL_CHARACTERISTICS),
  )
  if (Status.value !== NDIS_STATUS_SUCCESS) return Status.value
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => {
    NdisDeregisterProtocol(Status, Protocol.value)
    of.unload?.()
  }
  return NDIS_STATUS_SUCCESS
}
