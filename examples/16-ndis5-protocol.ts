/**
 * A protocol driver of NDIS 5.1: binds to every adapter, answers what is meant for it
 *
 * It asks each adapter for its address, sets its packet filter, announces itself with two broadcasts and answers each
 * announcement of others with a frame of its own. What arrives comes in one of two ways: as a packet, which a protocol may
 * keep until NdisReturnPackets, or as the start of a frame, whose rest NdisTransferData fetches. Opens, closes, requests,
 * sends and transfers may be pending or not: NDIS chooses, so a driver takes both. Where you bring no miniport, the
 * workbench puts a loopback NIC below.
 */
import {
  bytes,
  DbgPrint,
  FIELD_OFFSET,
  NDIS_EVENT,
  NDIS_GET_PACKET_STATUS,
  NDIS_PACKET,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PROTOCOL_CHARACTERISTICS,
  NDIS_REQUEST,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_NOT_ACCEPTED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NDIS_STRING_CONST,
  NdisAcquireSpinLock,
  NdisAllocateBuffer,
  NdisAllocateBufferPool,
  NdisAllocateMemoryWithTag,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisAllocateSpinLock,
  NdisChainBufferAtFront,
  NdisCloseAdapter,
  NdisDeregisterProtocol,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisFreeSpinLock,
  NdisInitializeEvent,
  NdisMedium802_3,
  NdisOpenAdapter,
  NdisQueryBuffer,
  NdisQueryPacket,
  NdisRegisterProtocol,
  NdisReleaseSpinLock,
  NdisRequest,
  NdisRequestQueryInformation,
  NdisRequestSetInformation,
  NdisReturnPackets,
  NdisSend,
  NdisSendPackets,
  NdisSetEvent,
  NdisTransferData,
  NdisUnchainBufferAtFront,
  NdisWaitEvent,
  OID_802_3_CURRENT_ADDRESS,
  OID_GEN_CURRENT_PACKET_FILTER,
  out,
  sizeof,
  storage,
  UINT,
  DRIVER_OBJECT,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'

const TAG = 0x35525054 // 'TPR5'
/** IEEE 802 local experimental EtherType 2. */
const ETHER_TYPE = [0x88, 0xb6]
const HELLO = 1
const ANSWER = 2
const HEADER_BYTES = 14
const FRAME_BYTES = 60
const MOST_FRAME_BYTES = 1514
const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const PACKETS = 64
const RESERVED_BYTES = 16
/** Packets that are kept before they are returned all at once. */
const MOST_KEPT = 4

/** A binding to one adapter; its number is its ProtocolBindingContext. */
interface Binding {
  readonly Context: number
  Handle: NDIS_HANDLE
  Address: number[]
  /** Set when a pending open, close or request is over, with its status. */
  readonly Done: PVOID
  Status: NDIS_STATUS
  /** Packets of ours that NDIS has: sends and transfers. */
  Busy: number
  /** Set when the last of them comes back while the binding closes. */
  readonly Idle: PVOID
  Closing: boolean
  /** Received packets that we have not returned yet. */
  Kept: PNDIS_PACKET[]
  Received: number
}
/** A packet of ours, and what it describes. */
interface Frame {
  readonly Packet: PNDIS_PACKET
  readonly Buffer: PNDIS_BUFFER
  readonly Data: PVOID
  readonly length: number
  readonly binding: Binding
  /** What came before the bytes that are transferred; empty for a send. */
  readonly start: readonly number[]
}

let ProtocolHandle: NDIS_HANDLE = 0
let PacketPool: NDIS_HANDLE = 0
let BufferPool: NDIS_HANDLE = 0
const Lock = storage(NDIS_SPIN_LOCK)
const bindings = new Map<number, Binding>()
const frames = new Map<PNDIS_PACKET, Frame>()
let nextContext = 1

export function DriverEntry(DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  if (!allocatePools()) {
    cleanUp()
    return NDIS_STATUS_RESOURCES
  }
  DRIVER_OBJECT.at(DriverObject).DriverUnload = DriverUnload
  const Status = out<NDIS_STATUS>()
  const Handle = out<NDIS_HANDLE>()
  NdisRegisterProtocol(
    Status,
    Handle,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 1,
      Name: NDIS_STRING_CONST('HELLO5'),
      BindAdapterHandler: ProtocolBindAdapter,
      UnbindAdapterHandler: ProtocolUnbindAdapter,
      OpenAdapterCompleteHandler: (Context, OpenStatus, _OpenErrorStatus) => complete(Context, OpenStatus),
      CloseAdapterCompleteHandler: (Context, CloseStatus) => complete(Context, CloseStatus),
      RequestCompleteHandler: (Context, _Request, RequestStatus) => complete(Context, RequestStatus),
      ResetCompleteHandler: () => undefined,
      SendCompleteHandler: ProtocolSendComplete,
      TransferDataCompleteHandler: ProtocolTransferDataComplete,
      ReceiveHandler: ProtocolReceive,
      ReceiveCompleteHandler: ProtocolReceiveComplete,
      ReceivePacketHandler: ProtocolReceivePacket,
      StatusHandler: () => undefined,
      StatusCompleteHandler: () => undefined,
      PnPEventHandler: ProtocolPnPEvent,
    },
    sizeof(NDIS_PROTOCOL_CHARACTERISTICS),
  )
  ProtocolHandle = Handle.value
  if (Status.value !== NDIS_STATUS_SUCCESS) cleanUp()
  return Status.value
}

function DriverUnload(_DriverObject: PDRIVER_OBJECT): void {
  // NDIS unbinds us from every adapter before this returns.
  NdisDeregisterProtocol(out<NDIS_STATUS>(), ProtocolHandle)
  cleanUp()
}

function allocatePools(): boolean {
  const Status = out<NDIS_STATUS>()
  const Handle = out<NDIS_HANDLE>()
  NdisAllocatePacketPool(Status, Handle, PACKETS, RESERVED_BYTES)
  if (Status.value !== NDIS_STATUS_SUCCESS) return false
  PacketPool = Handle.value
  NdisAllocateBufferPool(Status, Handle, PACKETS)
  if (Status.value !== NDIS_STATUS_SUCCESS) return false
  BufferPool = Handle.value
  return true
}

function cleanUp(): void {
  if (BufferPool !== 0) NdisFreeBufferPool(BufferPool)
  if (PacketPool !== 0) NdisFreePacketPool(PacketPool)
  NdisFreeSpinLock(Lock)
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

function ProtocolBindAdapter(
  Status: { value: NDIS_STATUS },
  _BindContext: NDIS_HANDLE,
  DeviceName: PUNICODE_STRING,
  _SystemSpecific1: PVOID,
  _SystemSpecific2: PVOID,
): void {
  const Media = storage(UINT)
  UINT.at(Media).value = NdisMedium802_3
  const binding: Binding = {
    Context: nextContext++,
    Handle: 0,
    Address: [],
    Done: storage(NDIS_EVENT),
    Status: NDIS_STATUS_SUCCESS,
    Busy: 0,
    Idle: storage(NDIS_EVENT),
    Closing: false,
    Kept: [],
    Received: 0,
  }
  bindings.set(binding.Context, binding)
  NdisInitializeEvent(binding.Done)
  NdisInitializeEvent(binding.Idle)
  const OpenStatus = out<NDIS_STATUS>()
  const Handle = out<NDIS_HANDLE>()
  const Selected = out<number>()
  NdisOpenAdapter(
    OpenStatus,
    out<NDIS_STATUS>(),
    Handle,
    Selected,
    Media,
    1,
    ProtocolHandle,
    binding.Context,
    DeviceName,
    0,
    0,
  )
  Status.value = wait(binding, OpenStatus.value)
  if (Status.value !== NDIS_STATUS_SUCCESS) {
    bindings.delete(binding.Context)
    return
  }
  binding.Handle = Handle.value
  binding.Address = readAddress(binding)
  setPacketFilter(binding, NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST)
  announce(binding)
}

function ProtocolUnbindAdapter(
  Status: { value: NDIS_STATUS },
  ProtocolBindingContext: PVOID,
  _UnbindContext: NDIS_HANDLE,
): void {
  Status.value = NDIS_STATUS_SUCCESS
  const binding = bindings.get(ProtocolBindingContext)
  if (!binding) return
  setPacketFilter(binding, 0)
  // Nothing of ours may be on its way, and nothing of theirs be kept, when the binding closes.
  NdisAcquireSpinLock(Lock)
  binding.Closing = true
  const busy = binding.Busy > 0
  NdisReleaseSpinLock(Lock)
  if (busy) NdisWaitEvent(binding.Idle, 0)
  returnKept(binding)
  NdisInitializeEvent(binding.Done)
  const CloseStatus = out<NDIS_STATUS>()
  NdisCloseAdapter(CloseStatus, binding.Handle)
  Status.value = wait(binding, CloseStatus.value)
  DbgPrint('HELLO5: %u frames received\n', binding.Received)
  bindings.delete(ProtocolBindingContext)
}

/** All events are fine with us: power comes and goes below, and NDIS unbinds when the adapter does. */
function ProtocolPnPEvent(_ProtocolBindingContext: PVOID, _NetPnPEvent: PVOID): NDIS_STATUS {
  return NDIS_STATUS_SUCCESS
}

/** Makes a request and waits for its end. PASSIVE_LEVEL. */
function request(binding: Binding, type: number, Oid: number, Buffer: PVOID, length: number): NDIS_STATUS {
  const Request = storage(NDIS_REQUEST)
  const request = NDIS_REQUEST.at(Request)
  request.RequestType = type
  // A query and a set have these members at the same places.
  request.DATA.QUERY_INFORMATION.Oid = Oid
  request.DATA.QUERY_INFORMATION.InformationBuffer = Buffer
  request.DATA.QUERY_INFORMATION.InformationBufferLength = length
  NdisInitializeEvent(binding.Done)
  const Status = out<NDIS_STATUS>()
  NdisRequest(Status, binding.Handle, Request)
  return wait(binding, Status.value)
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

/** A packet over memory of its own; undefined when something is short, or the binding closes. It counts as busy. */
function makeFrame(binding: Binding, length: number, start: readonly number[]): Frame | undefined {
  const Status = out<NDIS_STATUS>()
  const Data = out<PVOID>()
  const Packet = out<PNDIS_PACKET>()
  const Buffer = out<PNDIS_BUFFER>()
  if (NdisAllocateMemoryWithTag(Data, length, TAG) !== NDIS_STATUS_SUCCESS) return undefined
  NdisAllocatePacket(Status, Packet, PacketPool)
  const gotPacket = Status.value === NDIS_STATUS_SUCCESS
  if (gotPacket) NdisAllocateBuffer(Status, Buffer, BufferPool, Data.value, length)
  if (Status.value !== NDIS_STATUS_SUCCESS) {
    if (gotPacket) NdisFreePacket(Packet.value)
    NdisFreeMemory(Data.value, length, 0)
    return undefined
  }
  NdisChainBufferAtFront(Packet.value, Buffer.value)
  const frame = { Packet: Packet.value, Buffer: Buffer.value, Data: Data.value, length, binding, start }
  NdisAcquireSpinLock(Lock)
  frames.set(frame.Packet, frame)
  binding.Busy++
  const closing = binding.Closing
  NdisReleaseSpinLock(Lock)
  if (!closing) return frame
  freeFrame(frame.Packet)
  return undefined
}

function freeFrame(Packet: PNDIS_PACKET): void {
  NdisAcquireSpinLock(Lock)
  const frame = frames.get(Packet)
  frames.delete(Packet)
  NdisReleaseSpinLock(Lock)
  if (!frame) return
  // A packet does not own its buffers: they come off it first, and are freed one by one.
  NdisUnchainBufferAtFront(Packet, out<PNDIS_BUFFER>())
  NdisFreeBuffer(frame.Buffer)
  NdisFreePacket(Packet)
  NdisFreeMemory(frame.Data, frame.length, 0)
  const { binding } = frame
  NdisAcquireSpinLock(Lock)
  binding.Busy--
  const last = binding.Busy === 0 && binding.Closing
  NdisReleaseSpinLock(Lock)
  if (last) NdisSetEvent(binding.Idle)
}

function makeGreeting(binding: Binding, destination: readonly number[], kind: number): Frame | undefined {
  const frame = makeFrame(binding, FRAME_BYTES, [])
  if (!frame) return undefined
  const data = bytes(frame.Data, FRAME_BYTES)
  data.fill(0)
  data.set([...destination, ...binding.Address, ...ETHER_TYPE, kind])
  return frame
}

/** Two frames at once: what NDIS does with an array of packets is told to ProtocolSendComplete, one by one. */
function announce(binding: Binding): void {
  const PacketArray = storage(UINT, 2)
  const greetings = [makeGreeting(binding, BROADCAST, HELLO), makeGreeting(binding, BROADCAST, HELLO)]
  let count = 0
  for (const frame of greetings) if (frame) UINT.at(PacketArray + sizeof(UINT) * count++).value = frame.Packet
  if (count > 0) NdisSendPackets(binding.Handle, PacketArray, count)
}

/** One frame: only when NdisSend says NDIS_STATUS_PENDING does ProtocolSendComplete follow. */
function answer(binding: Binding, destination: readonly number[]): void {
  const frame = makeGreeting(binding, destination, ANSWER)
  if (!frame) return
  const Status = out<NDIS_STATUS>()
  NdisSend(Status, binding.Handle, frame.Packet)
  if (Status.value !== NDIS_STATUS_PENDING) freeFrame(frame.Packet)
}

function ProtocolSendComplete(_ProtocolBindingContext: PVOID, Packet: PNDIS_PACKET, _Status: NDIS_STATUS): void {
  freeFrame(Packet)
}

/** A whole frame has arrived, or as much of it as matters. */
function arrived(binding: Binding, frame: readonly number[]): void {
  binding.Received++
  if (frame[12] === ETHER_TYPE[0] && frame[13] === ETHER_TYPE[1] && frame[14] === HELLO)
    answer(binding, frame.slice(6, 12))
}

/** The start of a frame. The memory is the miniport's: what is needed of it is copied before this returns. */
function ProtocolReceive(
  ProtocolBindingContext: PVOID,
  MacReceiveContext: NDIS_HANDLE,
  HeaderBuffer: PVOID,
  HeaderBufferSize: number,
  LookAheadBuffer: PVOID,
  LookaheadBufferSize: number,
  PacketSize: number,
): NDIS_STATUS {
  const binding = bindings.get(ProtocolBindingContext)
  if (!binding || HeaderBufferSize !== HEADER_BYTES) return NDIS_STATUS_NOT_ACCEPTED
  const seen = Math.min(LookaheadBufferSize, PacketSize)
  const start = [...bytes(HeaderBuffer, HeaderBufferSize), ...bytes(LookAheadBuffer, seen)]
  if (seen === PacketSize) {
    arrived(binding, start)
    return NDIS_STATUS_SUCCESS
  }
  const frame = makeFrame(binding, PacketSize - seen, start)
  if (!frame) return NDIS_STATUS_NOT_ACCEPTED
  const Status = out<NDIS_STATUS>()
  const Transferred = out<number>()
  NdisTransferData(Status, binding.Handle, MacReceiveContext, seen, PacketSize - seen, frame.Packet, Transferred)
  if (Status.value !== NDIS_STATUS_PENDING)
    ProtocolTransferDataComplete(ProtocolBindingContext, frame.Packet, Status.value, Transferred.value)
  return NDIS_STATUS_SUCCESS
}

function ProtocolTransferDataComplete(
  _ProtocolBindingContext: PVOID,
  Packet: PNDIS_PACKET,
  Status: NDIS_STATUS,
  BytesTransferred: number,
): void {
  const frame = frames.get(Packet)
  if (!frame) return
  const whole = [...frame.start, ...bytes(frame.Data, Math.min(BytesTransferred, frame.length))]
  freeFrame(Packet)
  if (Status === NDIS_STATUS_SUCCESS) arrived(frame.binding, whole)
}

/**
 * A frame as a packet. The result says how often it will be returned: 0 means that it is not kept. What comes with
 * NDIS_STATUS_RESOURCES must not be.
 */
function ProtocolReceivePacket(ProtocolBindingContext: PVOID, Packet: PNDIS_PACKET): number {
  const binding = bindings.get(ProtocolBindingContext)
  if (!binding) return 0
  arrived(binding, gather(Packet))
  if (NDIS_GET_PACKET_STATUS(Packet) === NDIS_STATUS_RESOURCES) return 0
  NdisAcquireSpinLock(Lock)
  const keep = !binding.Closing && binding.Received % 2 === 0
  if (keep) binding.Kept.push(Packet)
  NdisReleaseSpinLock(Lock)
  return keep ? 1 : 0
}

/** The indications are over for now: time for what should not hold them up. */
function ProtocolReceiveComplete(ProtocolBindingContext: PVOID): void {
  const binding = bindings.get(ProtocolBindingContext)
  if (binding && binding.Kept.length >= MOST_KEPT) returnKept(binding)
}

function returnKept(binding: Binding): void {
  NdisAcquireSpinLock(Lock)
  const kept = binding.Kept
  binding.Kept = []
  NdisReleaseSpinLock(Lock)
  if (kept.length === 0) return
  const Data = out<PVOID>()
  // An array for any number of packets, from the pool because this runs at DISPATCH_LEVEL on any CPU.
  if (NdisAllocateMemoryWithTag(Data, kept.length * sizeof(UINT), TAG) !== NDIS_STATUS_SUCCESS)
    return kept.forEach(returnAlone)
  kept.forEach((Packet, i) => (UINT.at(Data.value + i * sizeof(UINT)).value = Packet))
  NdisReturnPackets(Data.value, kept.length)
  NdisFreeMemory(Data.value, kept.length * sizeof(UINT), 0)
}

/** Works without memory, for what must go back even when there is none: the array of one lies in the packet's part for protocols. */
function returnAlone(Packet: PNDIS_PACKET): void {
  const Data = Packet + FIELD_OFFSET(NDIS_PACKET, 'ProtocolReserved')
  UINT.at(Data).value = Packet
  NdisReturnPackets(Data, 1)
}

/** The bytes of a packet: those of its buffers, one behind the other. */
function gather(Packet: PNDIS_PACKET): number[] {
  const First = out<PNDIS_BUFFER>()
  const Address = out<PVOID>()
  const Length = out<number>()
  NdisQueryPacket(Packet, 0, 0, First, 0)
  NdisQueryBuffer(First.value, Address, Length)
  // The first buffer has the header and what we look at behind it.
  return Array.from(bytes(Address.value, Math.min(Length.value, MOST_FRAME_BYTES)))
}
