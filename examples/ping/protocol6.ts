/** ping as a protocol driver of NDIS 6: binds to every adapter, and moves the frames of a pinger. */
import {
  bytes,
  DbgPrint,
  KeQueryPerformanceCounter,
  LARGE_INTEGER,
  NDIS_DEFAULT_PORT_NUMBER,
  NDIS_BIND_PARAMETERS,
  NDIS_EVENT,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OBJECT_TYPE_OID_REQUEST,
  NDIS_OBJECT_TYPE_OPEN_PARAMETERS,
  NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS,
  NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS,
  NDIS_OID_REQUEST,
  NDIS_OID_REQUEST_REVISION_1,
  NDIS_OPEN_PARAMETERS,
  NDIS_OPEN_PARAMETERS_REVISION_1,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_OID_REQUEST_REVISION_1,
  NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NDIS_TEST_RECEIVE_CANNOT_PEND,
  NDIS_TIMER_CHARACTERISTICS,
  NDIS_TIMER_CHARACTERISTICS_REVISION_1,
  NdisAcquireSpinLock,
  NdisAllocateMdl,
  NdisAllocateMemoryWithTagPriority,
  NdisAllocateNetBufferAndNetBufferList,
  NdisAllocateNetBufferListPool,
  NdisAllocateSpinLock,
  NdisAllocateTimerObject,
  NdisCancelTimerObject,
  NdisCloseAdapterEx,
  NdisDeregisterProtocolDriver,
  NdisFreeMdl,
  NdisFreeMemory,
  NdisFreeNetBufferList,
  NdisFreeNetBufferListPool,
  NdisFreeSpinLock,
  NdisFreeTimerObject,
  NdisGetDataBuffer,
  NdisInitializeEvent,
  NdisMedium802_3,
  NdisOidRequest,
  NdisOpenAdapterEx,
  NdisRegisterProtocolDriver,
  NdisReleaseSpinLock,
  NdisRequestQueryInformation,
  NdisRequestSetInformation,
  NdisReturnNetBufferLists,
  NdisSendNetBufferLists,
  NdisSetEvent,
  NdisSetTimerObject,
  NdisWaitEvent,
  NET_BUFFER,
  NET_BUFFER_LIST,
  NET_BUFFER_LIST_POOL_PARAMETERS,
  NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NET_PNP_EVENT_NOTIFICATION,
  NetEventPause,
  NetEventRestart,
  NormalPoolPriority,
  OID_802_3_CURRENT_ADDRESS,
  OID_GEN_CURRENT_PACKET_FILTER,
  out,
  sizeof,
  storage,
  UCHAR,
  UINT,
  DRIVER_OBJECT,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PMDL,
  type PNDIS_BIND_PARAMETERS,
  type PNDIS_OID_REQUEST,
  type PNET_BUFFER,
  type PNET_BUFFER_LIST,
  type PNET_PNP_EVENT_NOTIFICATION,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import type { Bytes } from './frames'
import { createPinger, type Pinger } from './pinger'

const TAG = 0x474e4950 // 'PING'
const MOST_FRAME_BYTES = 1514
/** Fifty milliseconds, in units of 100 ns; negative, since it is relative. */
const INTERVAL = -500_000n

/** A binding to one adapter; its number is its ProtocolBindingContext. */
interface Binding {
  readonly Context: number
  Handle: NDIS_HANDLE
  Timer: NDIS_HANDLE
  Pinger: Pinger
  Running: boolean
  /** Set when a pending open, close or request is over, with its status. */
  readonly Done: PVOID
  Status: NDIS_STATUS
  /** Lists that NDIS has. */
  Sends: number
}

const print = (text: string): void => void DbgPrint('%s\n', text)

let ProtocolHandle: NDIS_HANDLE = 0
let Pool: NDIS_HANDLE = 0
/** Guards the bindings with their pingers, and the gathered bytes of a received frame. */
const Lock = storage(NDIS_SPIN_LOCK)
const Gathered = storage(UCHAR, MOST_FRAME_BYTES)
const Frequency = storage(LARGE_INTEGER)
const bindings = new Map<number, Binding>()
let nextContext = 1
/** What each list that is out needs when it comes back. */
const sent = new Map<PNET_BUFFER_LIST, { binding: Binding; Mdl: PMDL; Data: PVOID }>()

export function DriverEntry(DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  Pool = allocatePool()
  if (Pool === 0) {
    NdisFreeSpinLock(Lock)
    return NDIS_STATUS_RESOURCES
  }
  DRIVER_OBJECT.at(DriverObject).DriverUnload = DriverUnload
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisRegisterProtocolDriver(
    0,
    {
      Header: {
        Type: NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS,
        Revision: NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
        Size: NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2,
      },
      MajorNdisVersion: 6,
      MinorNdisVersion: 20,
      Name: NDIS_STRING_CONST('PING'),
      BindAdapterHandlerEx: ProtocolBindAdapterEx,
      UnbindAdapterHandlerEx: ProtocolUnbindAdapterEx,
      OpenAdapterCompleteHandlerEx: (Context, Status) => complete(Context, Status),
      CloseAdapterCompleteHandlerEx: (Context) => complete(Context, NDIS_STATUS_SUCCESS),
      NetPnPEventHandler: ProtocolNetPnPEvent,
      OidRequestCompleteHandler: (Context, _OidRequest, Status) => complete(Context, Status),
      StatusHandlerEx: () => undefined,
      ReceiveNetBufferListsHandler: ProtocolReceiveNetBufferLists,
      SendNetBufferListsCompleteHandler: ProtocolSendNetBufferListsComplete,
    },
    Handle,
  )
  ProtocolHandle = Handle.value
  if (Status !== NDIS_STATUS_SUCCESS) cleanUp()
  return Status
}

function DriverUnload(_DriverObject: PDRIVER_OBJECT): void {
  NdisDeregisterProtocolDriver(ProtocolHandle)
  cleanUp()
}

function cleanUp(): void {
  NdisFreeNetBufferListPool(Pool)
  NdisFreeSpinLock(Lock)
}

function allocatePool(): NDIS_HANDLE {
  const Parameters = storage(NET_BUFFER_LIST_POOL_PARAMETERS)
  const parameters = NET_BUFFER_LIST_POOL_PARAMETERS.at(Parameters)
  parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1
  parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1
  parameters.fAllocateNetBuffer = 1
  parameters.PoolTag = TAG
  return NdisAllocateNetBufferListPool(0, Parameters)
}

/** Whatever was pending at a binding is over. */
function complete(Context: PVOID, Status: NDIS_STATUS): void {
  const binding = bindings.get(Context)
  if (!binding) return
  binding.Status = Status
  NdisSetEvent(binding.Done)
}

/** The status of a call that may have been pending. */
function wait(binding: Binding, Status: NDIS_STATUS): NDIS_STATUS {
  if (Status !== NDIS_STATUS_PENDING) return Status
  NdisWaitEvent(binding.Done, 0)
  return binding.Status
}

function ProtocolBindAdapterEx(
  _ProtocolDriverContext: NDIS_HANDLE,
  BindContext: NDIS_HANDLE,
  BindParameters: PNDIS_BIND_PARAMETERS,
): NDIS_STATUS {
  const Parameters = storage(NDIS_OPEN_PARAMETERS)
  const Media = storage(UINT)
  const Selected = storage(UINT)
  UINT.at(Media).value = NdisMedium802_3
  const parameters = NDIS_OPEN_PARAMETERS.at(Parameters)
  parameters.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS
  parameters.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1
  parameters.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1
  // The first member behind the sections of the bind parameters names the adapter.
  parameters.AdapterName = NDIS_BIND_PARAMETERS.at(BindParameters).AdapterName
  parameters.MediumArray = Media
  parameters.MediumArraySize = 1
  parameters.SelectedMediumIndex = Selected

  const binding: Binding = {
    Context: nextContext++,
    Handle: 0,
    Timer: 0,
    Pinger: createPinger([], 0, print),
    Running: false,
    Done: storage(NDIS_EVENT),
    Status: NDIS_STATUS_SUCCESS,
    Sends: 0,
  }
  bindings.set(binding.Context, binding)
  NdisInitializeEvent(binding.Done)
  const Handle = out<NDIS_HANDLE>()
  const Status = wait(binding, NdisOpenAdapterEx(ProtocolHandle, binding.Context, Parameters, BindContext, Handle))
  if (Status !== NDIS_STATUS_SUCCESS) {
    bindings.delete(binding.Context)
    return Status
  }
  binding.Handle = Handle.value
  binding.Timer = allocateTimer(binding)
  if (binding.Timer === 0) {
    closeBinding(binding)
    return NDIS_STATUS_RESOURCES
  }
  binding.Pinger = createPinger(readAddress(binding), binding.Context - 1, print)
  return NDIS_STATUS_SUCCESS
}

function ProtocolUnbindAdapterEx(_UnbindContext: NDIS_HANDLE, ProtocolBindingContext: PVOID): NDIS_STATUS {
  const binding = bindings.get(ProtocolBindingContext)
  if (!binding) return NDIS_STATUS_SUCCESS
  setPacketFilter(binding, 0)
  NdisFreeTimerObject(binding.Timer)
  closeBinding(binding)
  return NDIS_STATUS_SUCCESS
}

function closeBinding(binding: Binding): void {
  NdisInitializeEvent(binding.Done)
  wait(binding, NdisCloseAdapterEx(binding.Handle))
  bindings.delete(binding.Context)
}

/** A timer that moves the pinger on; its context is the binding's. */
function allocateTimer(binding: Binding): NDIS_HANDLE {
  const Characteristics = storage(NDIS_TIMER_CHARACTERISTICS)
  const characteristics = NDIS_TIMER_CHARACTERISTICS.at(Characteristics)
  characteristics.Header.Type = NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS
  characteristics.Header.Revision = NDIS_TIMER_CHARACTERISTICS_REVISION_1
  characteristics.Header.Size = NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1
  characteristics.AllocationTag = TAG
  characteristics.TimerFunction = (_SystemSpecific1, FunctionContext) => {
    const pinging = bindings.get(FunctionContext)
    if (pinging) tick(pinging)
  }
  characteristics.FunctionContext = binding.Context
  const Timer = out<NDIS_HANDLE>()
  const Status = NdisAllocateTimerObject(binding.Handle, Characteristics, Timer)
  return Status === NDIS_STATUS_SUCCESS ? Timer.value : 0
}

/** Sends an OID request and waits for its end. PASSIVE_LEVEL. */
function request(binding: Binding, type: number, Oid: number, Buffer: PVOID, length: number): NDIS_STATUS {
  const Request = storage(NDIS_OID_REQUEST)
  const oid = NDIS_OID_REQUEST.at(Request)
  oid.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST
  oid.Header.Revision = NDIS_OID_REQUEST_REVISION_1
  oid.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1
  oid.RequestType = type
  oid.PortNumber = NDIS_DEFAULT_PORT_NUMBER
  // A query and a set have these members at the same places.
  oid.DATA.QUERY_INFORMATION.Oid = Oid
  oid.DATA.QUERY_INFORMATION.InformationBuffer = Buffer
  oid.DATA.QUERY_INFORMATION.InformationBufferLength = length
  NdisInitializeEvent(binding.Done)
  return wait(binding, NdisOidRequest(binding.Handle, Request as PNDIS_OID_REQUEST))
}

function readAddress(binding: Binding): number[] {
  const Buffer = storage(UINT, 2)
  const Status = request(binding, NdisRequestQueryInformation, OID_802_3_CURRENT_ADDRESS, Buffer, 6)
  return Status === NDIS_STATUS_SUCCESS ? Array.from(bytes(Buffer, 6)) : [0x02, 0, 0, 0, 0, 0]
}

function setPacketFilter(binding: Binding, filter: number): void {
  const Buffer = storage(UINT)
  UINT.at(Buffer).value = filter
  request(binding, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, Buffer, sizeof(UINT))
}

/** A binding begins paused: it may send from NetEventRestart on, and must have its sends back when it answers NetEventPause. */
function ProtocolNetPnPEvent(
  ProtocolBindingContext: PVOID,
  NetPnPEventNotification: PNET_PNP_EVENT_NOTIFICATION,
): NDIS_STATUS {
  const binding = bindings.get(ProtocolBindingContext)
  if (!binding) return NDIS_STATUS_SUCCESS
  switch (NET_PNP_EVENT_NOTIFICATION.at(NetPnPEventNotification).NetPnPEvent.NetEvent) {
    case NetEventRestart:
      setPacketFilter(binding, NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST)
      binding.Running = true
      // The binding runs when this has returned.
      NdisSetTimerObject(binding.Timer, INTERVAL, 0, 0)
      break
    case NetEventPause: {
      NdisAcquireSpinLock(Lock)
      binding.Running = false
      NdisInitializeEvent(binding.Done)
      const pending = binding.Sends > 0
      NdisReleaseSpinLock(Lock)
      NdisCancelTimerObject(binding.Timer)
      if (pending) NdisWaitEvent(binding.Done, 0)
      break
    }
  }
  return NDIS_STATUS_SUCCESS
}

/** Units of 100 ns since some time. */
const now = (): number =>
  Number((KeQueryPerformanceCounter(Frequency) * 10_000_000n) / LARGE_INTEGER.at(Frequency).QuadPart)

function tick(binding: Binding): void {
  NdisAcquireSpinLock(Lock)
  const frames = binding.Pinger.tick(now())
  // A pause first clears Running, then cancels: with the lock held it cannot come in between.
  if (binding.Running && !binding.Pinger.done) NdisSetTimerObject(binding.Timer, INTERVAL, 0, 0)
  NdisReleaseSpinLock(Lock)
  for (const frame of frames) sendFrame(binding, frame)
}

function sendFrame(binding: Binding, frame: Bytes): void {
  const Data = NdisAllocateMemoryWithTagPriority(binding.Handle, frame.length, TAG, NormalPoolPriority)
  if (Data === 0) return
  bytes(Data, frame.length).set(frame)
  const Mdl = NdisAllocateMdl(binding.Handle, Data, frame.length)
  const List = Mdl === 0 ? 0 : NdisAllocateNetBufferAndNetBufferList(Pool, 0, 0, Mdl, 0, frame.length)
  if (List === 0) {
    if (Mdl !== 0) NdisFreeMdl(Mdl)
    NdisFreeMemory(Data, 0, 0)
    return
  }
  NET_BUFFER_LIST.at(List).SourceHandle = binding.Handle
  NdisAcquireSpinLock(Lock)
  const running = binding.Running
  if (running) binding.Sends++
  sent.set(List, { binding, Mdl, Data })
  NdisReleaseSpinLock(Lock)
  if (running) NdisSendNetBufferLists(binding.Handle, List, NDIS_DEFAULT_PORT_NUMBER, 0)
  else freeFrame(List)
}

function freeFrame(List: PNET_BUFFER_LIST): Binding | undefined {
  NdisAcquireSpinLock(Lock)
  const frame = sent.get(List)
  sent.delete(List)
  NdisReleaseSpinLock(Lock)
  if (!frame) return undefined
  NdisFreeNetBufferList(List)
  NdisFreeMdl(frame.Mdl)
  NdisFreeMemory(frame.Data, 0, 0)
  return frame.binding
}

function ProtocolSendNetBufferListsComplete(
  _ProtocolBindingContext: PVOID,
  NetBufferList: PNET_BUFFER_LIST,
  _SendCompleteFlags: number,
): void {
  for (let List = NetBufferList; List !== 0;) {
    const Next = NET_BUFFER_LIST.at(List).Next
    const binding = freeFrame(List)
    if (binding) {
      NdisAcquireSpinLock(Lock)
      binding.Sends--
      const last = binding.Sends === 0 && !binding.Running
      NdisReleaseSpinLock(Lock)
      if (last) NdisSetEvent(binding.Done)
    }
    List = Next
  }
}

function ProtocolReceiveNetBufferLists(
  ProtocolBindingContext: PVOID,
  NetBufferLists: PNET_BUFFER_LIST,
  _PortNumber: number,
  _NumberOfNetBufferLists: number,
  ReceiveFlags: number,
): void {
  const binding = bindings.get(ProtocolBindingContext)
  if (!binding) return
  const answers: Bytes[] = []
  for (let List = NetBufferLists; List !== 0; List = NET_BUFFER_LIST.at(List).Next)
    for (let Frame = NET_BUFFER_LIST.at(List).FirstNetBuffer; Frame !== 0; Frame = NET_BUFFER.at(Frame).Next)
      answers.push(...receiveFrame(binding, Frame))
  // With NDIS_RECEIVE_FLAGS_RESOURCES they go back by themselves when this returns.
  if (!NDIS_TEST_RECEIVE_CANNOT_PEND(ReceiveFlags)) NdisReturnNetBufferLists(binding.Handle, NetBufferLists, 0)
  for (const answer of answers) sendFrame(binding, answer)
}

/** What is to be sent because of a frame. Its bytes are gathered when they do not lie in one piece. */
function receiveFrame(binding: Binding, Frame: PNET_BUFFER): readonly Bytes[] {
  const { DataLength } = NET_BUFFER.at(Frame)
  if (DataLength > MOST_FRAME_BYTES) return []
  NdisAcquireSpinLock(Lock)
  const Data = NdisGetDataBuffer(Frame, DataLength, Gathered, 1, 0)
  const answers = Data === 0 ? [] : binding.Pinger.receive(Array.from(bytes(Data, DataLength)), now())
  NdisReleaseSpinLock(Lock)
  return answers
}
