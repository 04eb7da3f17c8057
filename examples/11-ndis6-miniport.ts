/**
 * A complete NDIS 6 miniport: a software-only NIC whose cable ends in itself
 *
 * What is sent comes back as received frames. There is no hardware below, so that the driver shows what every miniport of
 * NDIS 6 does: registration and attributes, the pause and restart of its flow of data, sends that are completed later,
 * received lists that come back later, OID requests, reset, halt, unload. Try `--scenario echo`, `stress`, `lifecycle`.
 */
import {
  bytes,
  FIELD_OFFSET,
  IF_TYPE_ETHERNET_CSMACD,
  MediaConnectStateConnected,
  MediaDuplexStateFull,
  NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK,
  NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
  NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
  NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
  NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS,
  NDIS_OID_REQUEST,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL,
  NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL,
  NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
  NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
  NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_STATISTICS_INFO_REVISION_1,
  NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1,
  NDIS_SPIN_LOCK,
  NDIS_STATISTICS_INFO,
  NDIS_STATISTICS_INFO_REVISION_1,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_DATA,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_PAUSED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NDIS_TIMER_CHARACTERISTICS,
  NDIS_TIMER_CHARACTERISTICS_REVISION_1,
  NdisAcquireSpinLock,
  NdisAllocateMemoryWithTagPriority,
  NdisAllocateNetBufferAndNetBufferList,
  NdisAllocateNetBufferListPool,
  NdisAllocateMdl,
  NdisAllocateSpinLock,
  NdisAllocateTimerObject,
  NdisCancelTimerObject,
  NdisCopyFromNetBufferToNetBuffer,
  NdisFreeMdl,
  NdisFreeMemory,
  NdisFreeNetBufferList,
  NdisFreeNetBufferListPool,
  NdisFreeSpinLock,
  NdisFreeTimerObject,
  NdisMDeregisterMiniportDriver,
  NdisMedium802_3,
  NdisMIndicateReceiveNetBufferLists,
  NdisMPauseComplete,
  NdisMRegisterMiniportDriver,
  NdisMSendNetBufferListsComplete,
  NdisMSetMiniportAttributes,
  NdisPhysicalMedium802_3,
  NdisReleaseSpinLock,
  NdisRequestQueryInformation,
  NdisRequestQueryStatistics,
  NdisRequestSetInformation,
  NdisSetTimerObject,
  NdisZeroMemory,
  NET_BUFFER,
  NET_BUFFER_LIST,
  NET_BUFFER_LIST_POOL_PARAMETERS,
  NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NormalPoolPriority,
  OID_802_3_CURRENT_ADDRESS,
  OID_802_3_MAXIMUM_LIST_SIZE,
  OID_802_3_MULTICAST_LIST,
  OID_802_3_PERMANENT_ADDRESS,
  OID_GEN_CURRENT_LOOKAHEAD,
  OID_GEN_CURRENT_PACKET_FILTER,
  OID_GEN_LINK_PARAMETERS,
  OID_GEN_RCV_OK,
  OID_GEN_RECEIVE_BLOCK_SIZE,
  OID_GEN_RECEIVE_BUFFER_SPACE,
  OID_GEN_STATISTICS,
  OID_GEN_TRANSMIT_BLOCK_SIZE,
  OID_GEN_TRANSMIT_BUFFER_SPACE,
  OID_GEN_VENDOR_DESCRIPTION,
  OID_GEN_VENDOR_DRIVER_VERSION,
  OID_GEN_VENDOR_ID,
  OID_GEN_XMIT_OK,
  OID_PNP_SET_POWER,
  out,
  sizeof,
  storage,
  UCHAR,
  ULONG,
  type BOOLEAN,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PMDL,
  type PNDIS_OID_REQUEST,
  type PNET_BUFFER,
  type PNET_BUFFER_LIST,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'

const TAG = 0x36504d4c // 'LMP6'
const MTU = 1500
const FRAME_BYTES = MTU + 14
const MAC_ADDRESS = [0x02, 0x00, 0x00, 0x00, 0x00, 0x06]
const MOST_MULTICAST = 32
/** Frames that may be on their way up at a time: what the NIC's memory would hold. */
const RECEIVE_BUFFERS = 64
/** Lists that one tick of the NIC sends. */
const LISTS_A_TICK = 16
/** A tick of the NIC: 100 microseconds, in units of 100 ns; negative, since it is relative. */
const TICK = -1000n
const VENDOR = 'Loopback miniport'
const SUPPORTED_OIDS = [
  OID_GEN_CURRENT_PACKET_FILTER,
  OID_GEN_CURRENT_LOOKAHEAD,
  OID_GEN_TRANSMIT_BUFFER_SPACE,
  OID_GEN_RECEIVE_BUFFER_SPACE,
  OID_GEN_TRANSMIT_BLOCK_SIZE,
  OID_GEN_RECEIVE_BLOCK_SIZE,
  OID_GEN_VENDOR_ID,
  OID_GEN_VENDOR_DESCRIPTION,
  OID_GEN_VENDOR_DRIVER_VERSION,
  OID_GEN_XMIT_OK,
  OID_GEN_RCV_OK,
  OID_GEN_STATISTICS,
  OID_GEN_LINK_PARAMETERS,
  OID_802_3_PERMANENT_ADDRESS,
  OID_802_3_CURRENT_ADDRESS,
  OID_802_3_MULTICAST_LIST,
  OID_802_3_MAXIMUM_LIST_SIZE,
  OID_PNP_SET_POWER,
]

/** A receive buffer of the NIC: a list with its NET_BUFFER, an MDL, and room for one frame. */
interface ReceiveBuffer {
  readonly List: PNET_BUFFER_LIST
  readonly Mdl: PMDL
  readonly Data: PVOID
}

/** What a driver in C keeps in its adapter context. */
interface Adapter {
  Handle: NDIS_HANDLE
  Pool: NDIS_HANDLE
  Timer: NDIS_HANDLE
  /** All of them, to free them; those that are not on their way up. */
  readonly Buffers: ReceiveBuffer[]
  readonly Free: ReceiveBuffer[]
  readonly ByList: Map<PNET_BUFFER_LIST, ReceiveBuffer>
  /** Lists to send, in their order. */
  readonly Queue: PNET_BUFFER_LIST[]
  /** Lists that one tick took and did not complete yet. */
  Sending: number
  Running: boolean
  Pausing: boolean
  PacketFilter: number
  Multicast: number[][]
  Sent: number
  Received: number
}

let DriverHandle: NDIS_HANDLE = 0
/** Guards everything of the adapter. It lies in the driver's image, as a lock must lie in nonpaged memory. */
const Lock = storage(NDIS_SPIN_LOCK)
const Context = storage(ULONG)
let adapter: Adapter

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Handle = out<NDIS_HANDLE>()
  const Status = NdisMRegisterMiniportDriver(
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
      MajorDriverVersion: 1,
      InitializeHandlerEx: MiniportInitializeEx,
      HaltHandlerEx: MiniportHaltEx,
      UnloadHandler: MiniportUnload,
      PauseHandler: MiniportPause,
      RestartHandler: MiniportRestart,
      OidRequestHandler: MiniportOidRequest,
      CancelOidRequestHandler: () => undefined,
      SendNetBufferListsHandler: MiniportSendNetBufferLists,
      CancelSendHandler: MiniportCancelSend,
      ReturnNetBufferListsHandler: MiniportReturnNetBufferLists,
      CheckForHangHandlerEx: () => 0,
      ResetHandlerEx: MiniportResetEx,
      DevicePnPEventNotifyHandler: () => undefined,
      ShutdownHandlerEx: () => undefined,
    },
    Handle,
  )
  DriverHandle = Handle.value
  return Status
}

function MiniportUnload(_DriverObject: PDRIVER_OBJECT): void {
  NdisMDeregisterMiniportDriver(DriverHandle)
}

function MiniportInitializeEx(NdisMiniportHandle: NDIS_HANDLE): NDIS_STATUS {
  adapter = {
    Handle: NdisMiniportHandle,
    Pool: 0,
    Timer: 0,
    Buffers: [],
    Free: [],
    ByList: new Map(),
    Queue: [],
    Sending: 0,
    Running: false,
    Pausing: false,
    PacketFilter: 0,
    Multicast: [],
    Sent: 0,
    Received: 0,
  }
  NdisAllocateSpinLock(Lock)
  const Status = setAttributes(NdisMiniportHandle)
  if (Status === NDIS_STATUS_SUCCESS && allocateTimer() && allocateReceiveBuffers()) return NDIS_STATUS_SUCCESS
  freeAll()
  return Status === NDIS_STATUS_SUCCESS ? NDIS_STATUS_RESOURCES : Status
}

/** The registration attributes come first: they bring the context that every other handler is called with. */
function setAttributes(NdisMiniportHandle: NDIS_HANDLE): NDIS_STATUS {
  const Registration = storage(NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES)
  const registration = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES.at(Registration)
  registration.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES
  registration.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1
  registration.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1
  registration.MiniportAdapterContext = Context
  registration.AttributeFlags = NDIS_ATTRIBUTE_SURPRISE_REMOVE_OK
  const Status = NdisMSetMiniportAttributes(NdisMiniportHandle, Registration)
  if (Status !== NDIS_STATUS_SUCCESS) return Status

  const Oids = storage(ULONG, SUPPORTED_OIDS.length)
  SUPPORTED_OIDS.forEach((Oid, index) => (ULONG.at(Oids + index * sizeof(ULONG)).value = Oid))
  const General = storage(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES)
  const general = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES.at(General)
  general.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES
  general.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1
  general.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1
  general.MediaType = NdisMedium802_3
  general.PhysicalMediumType = NdisPhysicalMedium802_3
  general.MtuSize = MTU
  general.MaxXmitLinkSpeed = 1_000_000_000n
  general.MaxRcvLinkSpeed = 1_000_000_000n
  general.XmitLinkSpeed = 1_000_000_000n
  general.RcvLinkSpeed = 1_000_000_000n
  general.MediaConnectState = MediaConnectStateConnected
  general.MediaDuplexState = MediaDuplexStateFull
  general.LookaheadSize = MTU
  general.MacOptions = NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA
  general.SupportedPacketFilters =
    NDIS_PACKET_TYPE_DIRECTED |
    NDIS_PACKET_TYPE_MULTICAST |
    NDIS_PACKET_TYPE_ALL_MULTICAST |
    NDIS_PACKET_TYPE_BROADCAST |
    NDIS_PACKET_TYPE_PROMISCUOUS
  general.MaxMulticastListSize = MOST_MULTICAST
  general.MacAddressLength = MAC_ADDRESS.length
  const Address = General + FIELD_OFFSET(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, 'CurrentMacAddress')
  const Permanent = General + FIELD_OFFSET(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, 'PermanentMacAddress')
  bytes(Address, MAC_ADDRESS.length).set(MAC_ADDRESS)
  bytes(Permanent, MAC_ADDRESS.length).set(MAC_ADDRESS)
  general.IfType = IF_TYPE_ETHERNET_CSMACD
  general.IfConnectorPresent = 1
  general.SupportedOidList = Oids
  general.SupportedOidListLength = SUPPORTED_OIDS.length * sizeof(ULONG)
  return NdisMSetMiniportAttributes(NdisMiniportHandle, General)
}

function allocateTimer(): boolean {
  const Characteristics = storage(NDIS_TIMER_CHARACTERISTICS)
  const characteristics = NDIS_TIMER_CHARACTERISTICS.at(Characteristics)
  characteristics.Header.Type = NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS
  characteristics.Header.Revision = NDIS_TIMER_CHARACTERISTICS_REVISION_1
  characteristics.Header.Size = NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1
  characteristics.AllocationTag = TAG
  characteristics.TimerFunction = NicTick
  const Timer = out<NDIS_HANDLE>()
  if (NdisAllocateTimerObject(adapter.Handle, Characteristics, Timer) !== NDIS_STATUS_SUCCESS) return false
  adapter.Timer = Timer.value
  return true
}

function allocateReceiveBuffers(): boolean {
  const Parameters = storage(NET_BUFFER_LIST_POOL_PARAMETERS)
  const parameters = NET_BUFFER_LIST_POOL_PARAMETERS.at(Parameters)
  parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1
  parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1
  parameters.fAllocateNetBuffer = 1
  parameters.PoolTag = TAG
  adapter.Pool = NdisAllocateNetBufferListPool(adapter.Handle, Parameters)
  if (adapter.Pool === 0) return false
  for (let i = 0; i < RECEIVE_BUFFERS; i++) {
    const Data = NdisAllocateMemoryWithTagPriority(adapter.Handle, FRAME_BYTES, TAG, NormalPoolPriority)
    if (Data === 0) return false
    const Mdl = NdisAllocateMdl(adapter.Handle, Data, FRAME_BYTES)
    if (Mdl === 0) {
      NdisFreeMemory(Data, 0, 0)
      return false
    }
    const List = NdisAllocateNetBufferAndNetBufferList(adapter.Pool, 0, 0, Mdl, 0, 0)
    if (List === 0) {
      NdisFreeMdl(Mdl)
      NdisFreeMemory(Data, 0, 0)
      return false
    }
    const buffer = { List, Mdl, Data }
    adapter.Buffers.push(buffer)
    adapter.Free.push(buffer)
    adapter.ByList.set(List, buffer)
  }
  return true
}

/** Also after half an initialization: frees what is there. */
function freeAll(): void {
  for (const { List, Mdl, Data } of adapter.Buffers) {
    NdisFreeNetBufferList(List)
    NdisFreeMdl(Mdl)
    NdisFreeMemory(Data, 0, 0)
  }
  adapter.Buffers.length = 0
  if (adapter.Pool !== 0) NdisFreeNetBufferListPool(adapter.Pool)
  if (adapter.Timer !== 0) NdisFreeTimerObject(adapter.Timer)
  NdisFreeSpinLock(Lock)
}

function MiniportHaltEx(_MiniportAdapterContext: NDIS_HANDLE, _HaltAction: number): void {
  // The adapter is paused: nothing is queued, and all receive buffers are back.
  NdisCancelTimerObject(adapter.Timer)
  freeAll()
}

function MiniportRestart(_MiniportAdapterContext: NDIS_HANDLE): NDIS_STATUS {
  NdisAcquireSpinLock(Lock)
  adapter.Running = true
  NdisReleaseSpinLock(Lock)
  return NDIS_STATUS_SUCCESS
}

/** Completes at once when nothing is out; else when the last list is complete and the last receive buffer is back. */
function MiniportPause(_MiniportAdapterContext: NDIS_HANDLE): NDIS_STATUS {
  NdisAcquireSpinLock(Lock)
  adapter.Running = false
  const queued = adapter.Queue.splice(0)
  adapter.Pausing = !isQuiet()
  const pending = adapter.Pausing
  NdisReleaseSpinLock(Lock)
  completeEach(queued, NDIS_STATUS_PAUSED, 0)
  return pending ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS
}

/** With the lock held. */
const isQuiet = (): boolean => adapter.Sending === 0 && adapter.Free.length === adapter.Buffers.length

/** Whoever took the last thing back completes a pause that waits for it. */
function completePauseWhenQuiet(): void {
  NdisAcquireSpinLock(Lock)
  const done = adapter.Pausing && isQuiet()
  if (done) adapter.Pausing = false
  NdisReleaseSpinLock(Lock)
  if (done) NdisMPauseComplete(adapter.Handle)
}

function MiniportResetEx(_MiniportAdapterContext: NDIS_HANDLE, AddressingReset: { value: BOOLEAN }): NDIS_STATUS {
  // The NIC forgets nothing; what it has not sent yet it still sends.
  AddressingReset.value = false
  return NDIS_STATUS_SUCCESS
}

/** Lists are queued; the NIC's tick sends them. A list that came while the adapter does not run goes back at once. */
function MiniportSendNetBufferLists(
  _MiniportAdapterContext: NDIS_HANDLE,
  NetBufferList: PNET_BUFFER_LIST,
  _PortNumber: number,
  _SendFlags: number,
): void {
  const refused: PNET_BUFFER_LIST[] = []
  NdisAcquireSpinLock(Lock)
  for (let List = NetBufferList; List !== 0;) {
    const Next = NET_BUFFER_LIST.at(List).Next
    if (adapter.Running) adapter.Queue.push(List)
    else refused.push(List)
    List = Next
  }
  const work = adapter.Queue.length > 0
  NdisReleaseSpinLock(Lock)
  completeEach(refused, NDIS_STATUS_PAUSED, 0)
  if (work) NdisSetTimerObject(adapter.Timer, TICK, 0, 0)
}

function MiniportCancelSend(_MiniportAdapterContext: NDIS_HANDLE, _CancelId: PVOID): void {
  // Nothing waits for longer than a tick.
}

function completeEach(lists: readonly PNET_BUFFER_LIST[], Status: NDIS_STATUS, Flags: number): void {
  for (const List of lists) {
    const list = NET_BUFFER_LIST.at(List)
    list.Next = 0
    list.Status = Status
    NdisMSendNetBufferListsComplete(adapter.Handle, List, Flags)
  }
}

/** The NIC at work, at DISPATCH_LEVEL: what it sends comes back through its own receiver. */
function NicTick(
  _SystemSpecific1: PVOID,
  _FunctionContext: PVOID,
  _SystemSpecific2: PVOID,
  _SystemSpecific3: PVOID,
): void {
  NdisAcquireSpinLock(Lock)
  const lists = adapter.Queue.splice(0, LISTS_A_TICK)
  adapter.Sending += lists.length
  const more = adapter.Queue.length > 0
  NdisReleaseSpinLock(Lock)
  for (const List of lists)
    for (
      let NetBuffer = NET_BUFFER_LIST.at(List).FirstNetBuffer;
      NetBuffer !== 0;
      NetBuffer = NET_BUFFER.at(NetBuffer).Next
    )
      loopBack(NetBuffer)
  completeEach(lists, NDIS_STATUS_SUCCESS, NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL)
  NdisAcquireSpinLock(Lock)
  adapter.Sending -= lists.length
  adapter.Sent += lists.length
  NdisReleaseSpinLock(Lock)
  if (more) NdisSetTimerObject(adapter.Timer, TICK, 0, 0)
  completePauseWhenQuiet()
}

/** Copies a frame into a receive buffer and indicates it. Without a free one the frame is lost, as on any NIC. */
function loopBack(NetBuffer: PNET_BUFFER): void {
  const length = NET_BUFFER.at(NetBuffer).DataLength
  NdisAcquireSpinLock(Lock)
  const buffer = adapter.Running && length <= FRAME_BYTES ? adapter.Free.pop() : undefined
  NdisReleaseSpinLock(Lock)
  if (!buffer) return
  const list = NET_BUFFER_LIST.at(buffer.List)
  const target = NET_BUFFER.at(list.FirstNetBuffer)
  const Copied = out<number>()
  target.DataLength = length
  NdisCopyFromNetBufferToNetBuffer(list.FirstNetBuffer, 0, length, NetBuffer, 0, Copied)
  if (!wanted(buffer.Data)) return giveBack([buffer])
  list.Next = 0
  list.Status = NDIS_STATUS_SUCCESS
  list.SourceHandle = adapter.Handle
  NdisAcquireSpinLock(Lock)
  adapter.Received++
  NdisReleaseSpinLock(Lock)
  NdisMIndicateReceiveNetBufferLists(adapter.Handle, buffer.List, 0, 1, NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL)
}

/** The NIC's filter: what OID_GEN_CURRENT_PACKET_FILTER and the multicast list let through. */
function wanted(Data: PVOID): boolean {
  const { PacketFilter, Multicast } = adapter
  const address = Array.from(bytes(Data, 6))
  const is = (other: readonly number[]): boolean => other.every((byte, index) => byte === address[index])
  if (PacketFilter & NDIS_PACKET_TYPE_PROMISCUOUS) return true
  if (((address[0] ?? 0) & 1) === 0) return (PacketFilter & NDIS_PACKET_TYPE_DIRECTED) !== 0 && is(MAC_ADDRESS)
  if (address.every((byte) => byte === 0xff)) return (PacketFilter & NDIS_PACKET_TYPE_BROADCAST) !== 0
  if (PacketFilter & NDIS_PACKET_TYPE_ALL_MULTICAST) return true
  return (PacketFilter & NDIS_PACKET_TYPE_MULTICAST) !== 0 && Multicast.some(is)
}

function giveBack(buffers: readonly ReceiveBuffer[]): void {
  NdisAcquireSpinLock(Lock)
  adapter.Free.push(...buffers)
  NdisReleaseSpinLock(Lock)
}

function MiniportReturnNetBufferLists(
  _MiniportAdapterContext: NDIS_HANDLE,
  NetBufferLists: PNET_BUFFER_LIST,
  _ReturnFlags: number,
): void {
  const back: ReceiveBuffer[] = []
  for (let List = NetBufferLists; List !== 0; List = NET_BUFFER_LIST.at(List).Next) {
    const buffer = adapter.ByList.get(List)
    if (buffer) back.push(buffer)
  }
  giveBack(back)
  completePauseWhenQuiet()
}

function MiniportOidRequest(_MiniportAdapterContext: NDIS_HANDLE, OidRequest: PNDIS_OID_REQUEST): NDIS_STATUS {
  const request = NDIS_OID_REQUEST.at(OidRequest)
  if (request.RequestType === NdisRequestSetInformation) return set(request.DATA.SET_INFORMATION)
  if (request.RequestType === NdisRequestQueryInformation || request.RequestType === NdisRequestQueryStatistics)
    return query(request.DATA.QUERY_INFORMATION)
  return NDIS_STATUS_NOT_SUPPORTED
}

type Query = ReturnType<typeof NDIS_OID_REQUEST.at>['DATA']['QUERY_INFORMATION']
type Set = ReturnType<typeof NDIS_OID_REQUEST.at>['DATA']['SET_INFORMATION']

/** Most OIDs of NDIS 6 never come here: NDIS answers them from the general attributes. */
function query(information: Query): NDIS_STATUS {
  switch (information.Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
      return answerNumber(information, adapter.PacketFilter)
    case OID_GEN_CURRENT_LOOKAHEAD:
      return answerNumber(information, MTU)
    case OID_GEN_TRANSMIT_BUFFER_SPACE:
    case OID_GEN_RECEIVE_BUFFER_SPACE:
      return answerNumber(information, RECEIVE_BUFFERS * FRAME_BYTES)
    case OID_GEN_TRANSMIT_BLOCK_SIZE:
    case OID_GEN_RECEIVE_BLOCK_SIZE:
      return answerNumber(information, FRAME_BYTES)
    case OID_GEN_VENDOR_ID:
      // A locally administered address: no vendor.
      return answerNumber(information, 0xffffff)
    case OID_GEN_VENDOR_DESCRIPTION:
      return answer(
        information,
        [...VENDOR, '\0'].map((character) => character.charCodeAt(0)),
      )
    case OID_GEN_VENDOR_DRIVER_VERSION:
      return answerNumber(information, 0x10000)
    case OID_GEN_XMIT_OK:
      return answerNumber(information, adapter.Sent)
    case OID_GEN_RCV_OK:
      return answerNumber(information, adapter.Received)
    case OID_GEN_STATISTICS:
      return answerStatistics(information)
    case OID_802_3_PERMANENT_ADDRESS:
    case OID_802_3_CURRENT_ADDRESS:
      return answer(information, MAC_ADDRESS)
    case OID_802_3_MAXIMUM_LIST_SIZE:
      return answerNumber(information, MOST_MULTICAST)
    case OID_802_3_MULTICAST_LIST:
      return answer(information, adapter.Multicast.flat())
    default:
      return NDIS_STATUS_NOT_SUPPORTED
  }
}

const answerNumber = (information: Query, value: number): NDIS_STATUS =>
  answer(information, [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24])

function answer(information: Query, data: readonly number[]): NDIS_STATUS {
  information.BytesNeeded = data.length
  if (information.InformationBufferLength < data.length) {
    information.BytesWritten = 0
    return NDIS_STATUS_BUFFER_TOO_SHORT
  }
  bytes(information.InformationBuffer, data.length).set(data)
  information.BytesWritten = data.length
  return NDIS_STATUS_SUCCESS
}

function answerStatistics(information: Query): NDIS_STATUS {
  information.BytesNeeded = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1
  information.BytesWritten = 0
  if (information.InformationBufferLength < NDIS_SIZEOF_STATISTICS_INFO_REVISION_1) return NDIS_STATUS_BUFFER_TOO_SHORT
  NdisZeroMemory(information.InformationBuffer, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1)
  const statistics = NDIS_STATISTICS_INFO.at(information.InformationBuffer)
  statistics.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
  statistics.Header.Revision = NDIS_STATISTICS_INFO_REVISION_1
  statistics.Header.Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1
  statistics.ifHCInUcastPkts = BigInt(adapter.Received)
  statistics.ifHCOutUcastPkts = BigInt(adapter.Sent)
  information.BytesWritten = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1
  return NDIS_STATUS_SUCCESS
}

function set(information: Set): NDIS_STATUS {
  const { InformationBuffer, InformationBufferLength } = information
  information.BytesRead = 0
  switch (information.Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
      if (InformationBufferLength < sizeof(ULONG)) return tooShort(information, sizeof(ULONG))
      adapter.PacketFilter = ULONG.at(InformationBuffer).value
      break
    case OID_802_3_MULTICAST_LIST:
      if (InformationBufferLength % 6 !== 0) return NDIS_STATUS_INVALID_LENGTH
      if (InformationBufferLength > 6 * MOST_MULTICAST) return NDIS_STATUS_INVALID_DATA
      adapter.Multicast = []
      for (let at = 0; at < InformationBufferLength; at += 6)
        adapter.Multicast.push(Array.from(bytes(InformationBuffer + at, 6)))
      break
    case OID_GEN_CURRENT_LOOKAHEAD:
    case OID_GEN_LINK_PARAMETERS:
    case OID_PNP_SET_POWER:
      // There is nothing to be done: whole frames are indicated, the link has one speed, and no power to save.
      if (InformationBufferLength < sizeof(ULONG)) return tooShort(information, sizeof(ULONG))
      break
    default:
      return NDIS_STATUS_NOT_SUPPORTED
  }
  information.BytesRead = InformationBufferLength
  return NDIS_STATUS_SUCCESS
}

function tooShort(information: Set, needed: number): NDIS_STATUS {
  information.BytesNeeded = needed
  return NDIS_STATUS_INVALID_LENGTH
}
