/**
 * A filter driver of NDIS 6 (LWF): counts what passes, and looks at OID requests on their way
 *
 * It stands between the protocols and the miniport. Lists that it does not own it passes on, in both directions, and their
 * completions back; OID requests it passes as clones, as filters must. While it is paused nothing passes. Where you bring
 * no miniport, the workbench puts a loopback NIC below, and its own protocol above.
 */
import {
  DbgPrint,
  NDIS_FILTER_ATTRIBUTES,
  NDIS_FILTER_ATTRIBUTES_REVISION_1,
  NDIS_FILTER_CHARACTERISTICS_REVISION_2,
  NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES,
  NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
  NDIS_OID_REQUEST,
  NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisAcquireSpinLock,
  NdisAllocateCloneOidRequest,
  NdisAllocateSpinLock,
  NdisFCancelOidRequest,
  NdisFCancelSendNetBufferLists,
  NdisFDeregisterFilterDriver,
  NdisFDevicePnPEventNotify,
  NdisFIndicateReceiveNetBufferLists,
  NdisFIndicateStatus,
  NdisFNetPnPEvent,
  NdisFOidRequest,
  NdisFOidRequestComplete,
  NdisFRegisterFilterDriver,
  NdisFreeCloneOidRequest,
  NdisFreeSpinLock,
  NdisFReturnNetBufferLists,
  NdisFSendNetBufferLists,
  NdisFSendNetBufferListsComplete,
  NdisFSetAttributes,
  NdisReleaseSpinLock,
  NdisRequestQueryInformation,
  NdisRequestSetInformation,
  NET_BUFFER_LIST,
  DRIVER_OBJECT,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_OID_REQUEST,
  type PNDIS_STATUS_INDICATION,
  type PNET_BUFFER_LIST,
  type PNET_DEVICE_PNP_EVENT,
  type PNET_PNP_EVENT_NOTIFICATION,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'

const TAG = 0x36544c46 // 'FLT6'

/** A filter module: this filter over one adapter. Its number is its FilterModuleContext. */
interface Module {
  readonly Context: number
  readonly Handle: NDIS_HANDLE
  Down: number
  Up: number
  Requests: number
}

let FilterDriverHandle: NDIS_HANDLE = 0
const Lock = storage(NDIS_SPIN_LOCK)
const modules = new Map<number, Module>()
/** The request that each clone stands for. */
const originals = new Map<PNDIS_OID_REQUEST, PNDIS_OID_REQUEST>()
let nextContext = 1

export function DriverEntry(DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  DRIVER_OBJECT.at(DriverObject).DriverUnload = DriverUnload
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisFRegisterFilterDriver(
    DriverObject,
    0,
    {
      Header: {
        Type: NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS,
        Revision: NDIS_FILTER_CHARACTERISTICS_REVISION_2,
        Size: NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1,
      },
      MajorNdisVersion: 6,
      MinorNdisVersion: 20,
      FriendlyName: NDIS_STRING_CONST('Counting filter'),
      UniqueName: NDIS_STRING_CONST('{5cbf81bd-5055-47cd-9055-a76b2b4e3697}'),
      ServiceName: NDIS_STRING_CONST('counter'),
      AttachHandler: FilterAttach,
      DetachHandler: FilterDetach,
      RestartHandler: FilterRestart,
      PauseHandler: FilterPause,
      SendNetBufferListsHandler: FilterSendNetBufferLists,
      SendNetBufferListsCompleteHandler: FilterSendNetBufferListsComplete,
      CancelSendNetBufferListsHandler: FilterCancelSendNetBufferLists,
      ReceiveNetBufferListsHandler: FilterReceiveNetBufferLists,
      ReturnNetBufferListsHandler: FilterReturnNetBufferLists,
      OidRequestHandler: FilterOidRequest,
      OidRequestCompleteHandler: FilterOidRequestComplete,
      CancelOidRequestHandler: FilterCancelOidRequest,
      StatusHandler: FilterStatus,
      DevicePnPEventNotifyHandler: FilterDevicePnPEventNotify,
      NetPnPEventHandler: FilterNetPnPEvent,
    },
    Handle,
  )
  FilterDriverHandle = Handle.value
  if (Status !== NDIS_STATUS_SUCCESS) NdisFreeSpinLock(Lock)
  return Status
}

function DriverUnload(_DriverObject: PDRIVER_OBJECT): void {
  NdisFDeregisterFilterDriver(FilterDriverHandle)
  NdisFreeSpinLock(Lock)
}

function FilterAttach(
  NdisFilterHandle: NDIS_HANDLE,
  _FilterDriverContext: NDIS_HANDLE,
  _AttachParameters: PVOID,
): NDIS_STATUS {
  const module: Module = { Context: nextContext++, Handle: NdisFilterHandle, Down: 0, Up: 0, Requests: 0 }
  const Attributes = storage(NDIS_FILTER_ATTRIBUTES)
  const attributes = NDIS_FILTER_ATTRIBUTES.at(Attributes)
  attributes.Header.Type = NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES
  attributes.Header.Revision = NDIS_FILTER_ATTRIBUTES_REVISION_1
  attributes.Header.Size = NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1
  const Status = NdisFSetAttributes(NdisFilterHandle, module.Context, Attributes)
  if (Status === NDIS_STATUS_SUCCESS) modules.set(module.Context, module)
  return Status
}

function FilterDetach(FilterModuleContext: PVOID): void {
  const module = modules.get(FilterModuleContext)
  if (module) DbgPrint('filter: %u lists down, %u up, %u requests\n', module.Down, module.Up, module.Requests)
  modules.delete(FilterModuleContext)
}

const FilterRestart = (_FilterModuleContext: PVOID): NDIS_STATUS => NDIS_STATUS_SUCCESS

/** Nothing to wait for: this filter keeps no list, so whatever passed it is not its own. */
const FilterPause = (_FilterModuleContext: PVOID): NDIS_STATUS => NDIS_STATUS_SUCCESS

function count(FilterModuleContext: PVOID, List: PNET_BUFFER_LIST, direction: 'Down' | 'Up'): Module | undefined {
  const module = modules.get(FilterModuleContext)
  if (!module) return undefined
  let lists = 0
  for (let at = List; at !== 0; at = NET_BUFFER_LIST.at(at).Next) lists++
  NdisAcquireSpinLock(Lock)
  module[direction] += lists
  NdisReleaseSpinLock(Lock)
  return module
}

function FilterSendNetBufferLists(
  FilterModuleContext: PVOID,
  NetBufferList: PNET_BUFFER_LIST,
  PortNumber: number,
  SendFlags: number,
): void {
  const module = count(FilterModuleContext, NetBufferList, 'Down')
  if (module) NdisFSendNetBufferLists(module.Handle, NetBufferList, PortNumber, SendFlags)
}

function FilterSendNetBufferListsComplete(
  FilterModuleContext: PVOID,
  NetBufferList: PNET_BUFFER_LIST,
  SendCompleteFlags: number,
): void {
  const module = modules.get(FilterModuleContext)
  if (module) NdisFSendNetBufferListsComplete(module.Handle, NetBufferList, SendCompleteFlags)
}

function FilterCancelSendNetBufferLists(FilterModuleContext: PVOID, CancelId: PVOID): void {
  const module = modules.get(FilterModuleContext)
  if (module) NdisFCancelSendNetBufferLists(module.Handle, CancelId)
}

function FilterReceiveNetBufferLists(
  FilterModuleContext: PVOID,
  NetBufferLists: PNET_BUFFER_LIST,
  PortNumber: number,
  NumberOfNetBufferLists: number,
  ReceiveFlags: number,
): void {
  const module = count(FilterModuleContext, NetBufferLists, 'Up')
  if (module)
    NdisFIndicateReceiveNetBufferLists(module.Handle, NetBufferLists, PortNumber, NumberOfNetBufferLists, ReceiveFlags)
}

function FilterReturnNetBufferLists(
  FilterModuleContext: PVOID,
  NetBufferLists: PNET_BUFFER_LIST,
  ReturnFlags: number,
): void {
  const module = modules.get(FilterModuleContext)
  if (module) NdisFReturnNetBufferLists(module.Handle, NetBufferLists, ReturnFlags)
}

/** A request goes on as a clone; the original is completed when the clone comes back, now or later. */
function FilterOidRequest(FilterModuleContext: PVOID, OidRequest: PNDIS_OID_REQUEST): NDIS_STATUS {
  const module = modules.get(FilterModuleContext)!
  const Clone = out<PNDIS_OID_REQUEST>()
  const Status = NdisAllocateCloneOidRequest(module.Handle, OidRequest, TAG, Clone)
  if (Status !== NDIS_STATUS_SUCCESS) return Status
  NdisAcquireSpinLock(Lock)
  module.Requests++
  originals.set(Clone.value, OidRequest)
  NdisReleaseSpinLock(Lock)
  NDIS_OID_REQUEST.at(Clone.value).RequestId = OidRequest
  const Answer = NdisFOidRequest(module.Handle, Clone.value)
  if (Answer === NDIS_STATUS_PENDING) return NDIS_STATUS_PENDING
  finishRequest(module, Clone.value)
  return Answer
}

function FilterOidRequestComplete(FilterModuleContext: PVOID, Clone: PNDIS_OID_REQUEST, Status: NDIS_STATUS): void {
  const module = modules.get(FilterModuleContext)!
  const Original = finishRequest(module, Clone)
  if (Original !== 0) NdisFOidRequestComplete(module.Handle, Original, Status)
}

/** Carries the answer from the clone to the original and frees the clone; the original. */
function finishRequest(module: Module, Clone: PNDIS_OID_REQUEST): PNDIS_OID_REQUEST {
  NdisAcquireSpinLock(Lock)
  const Original = originals.get(Clone) ?? 0
  originals.delete(Clone)
  NdisReleaseSpinLock(Lock)
  if (Original === 0) return 0
  const from = NDIS_OID_REQUEST.at(Clone).DATA
  const to = NDIS_OID_REQUEST.at(Original).DATA
  switch (NDIS_OID_REQUEST.at(Original).RequestType) {
    case NdisRequestSetInformation:
      to.SET_INFORMATION.BytesRead = from.SET_INFORMATION.BytesRead
      to.SET_INFORMATION.BytesNeeded = from.SET_INFORMATION.BytesNeeded
      break
    case NdisRequestQueryInformation:
    default:
      to.QUERY_INFORMATION.BytesWritten = from.QUERY_INFORMATION.BytesWritten
      to.QUERY_INFORMATION.BytesNeeded = from.QUERY_INFORMATION.BytesNeeded
  }
  NdisFreeCloneOidRequest(module.Handle, Clone)
  return Original
}

function FilterCancelOidRequest(FilterModuleContext: PVOID, RequestId: PVOID): void {
  const module = modules.get(FilterModuleContext)
  if (module) NdisFCancelOidRequest(module.Handle, RequestId)
}

function FilterStatus(FilterModuleContext: PVOID, StatusIndication: PNDIS_STATUS_INDICATION): void {
  const module = modules.get(FilterModuleContext)
  if (module) NdisFIndicateStatus(module.Handle, StatusIndication)
}

function FilterDevicePnPEventNotify(FilterModuleContext: PVOID, NetDevicePnPEvent: PNET_DEVICE_PNP_EVENT): void {
  const module = modules.get(FilterModuleContext)
  if (module) NdisFDevicePnPEventNotify(module.Handle, NetDevicePnPEvent)
}

function FilterNetPnPEvent(
  FilterModuleContext: PVOID,
  NetPnPEventNotification: PNET_PNP_EVENT_NOTIFICATION,
): NDIS_STATUS {
  const module = modules.get(FilterModuleContext)
  return module ? NdisFNetPnPEvent(module.Handle, NetPnPEventNotification) : NDIS_STATUS_SUCCESS
}
