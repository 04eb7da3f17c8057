/**
 * A complete NDIS 5.1 miniport: a software-only NIC whose cable ends in itself
 *
 * Serialized, as the first miniports were: NDIS calls one of its functions at a time, whatever the CPU, so that it needs no
 * lock. It has room for a few packets only and answers NDIS_STATUS_RESOURCES when that is used up: NDIS offers the rest
 * again. What is sent comes back as received packets; a receiver may keep a packet until MiniportReturnPacket. When there
 * are few of them left, the driver indicates with NDIS_STATUS_RESOURCES, and has the packet back at once.
 */
import {
  bytes,
  DISPATCH_LEVEL,
  KeLowerIrql,
  KeRaiseIrql,
  NDIS_ATTRIBUTE_BUS_MASTER,
  NDIS_GET_PACKET_STATUS,
  NDIS_MINIPORT_CHARACTERISTICS,
  NDIS_MINIPORT_TIMER,
  NDIS_PACKET,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_SET_PACKET_HEADER_SIZE,
  NDIS_SET_PACKET_STATUS,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_DATA,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_PENDING,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NDIS_STATUS_UNSUPPORTED_MEDIA,
  NdisAdjustBufferLength,
  NdisAllocateBuffer,
  NdisAllocateBufferPool,
  NdisAllocateMemoryWithTag,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisChainBufferAtFront,
  NdisFreeBuffer,
  NdisFreeBufferPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisGetNextBuffer,
  NdisHardwareStatusReady,
  NdisInterfaceInternal,
  NdisMCancelTimer,
  NdisMediaStateConnected,
  NdisMedium802_3,
  NdisMIndicateReceivePacket,
  NdisMInitializeTimer,
  NdisMInitializeWrapper,
  NdisMRegisterMiniport,
  NdisMSendComplete,
  NdisMSetAttributesEx,
  NdisMSetTimer,
  NdisQueryBuffer,
  NdisQueryPacket,
  NdisTerminateWrapper,
  NdisUnchainBufferAtFront,
  OID_802_3_CURRENT_ADDRESS,
  OID_802_3_MAXIMUM_LIST_SIZE,
  OID_802_3_MULTICAST_LIST,
  OID_802_3_PERMANENT_ADDRESS,
  OID_GEN_CURRENT_LOOKAHEAD,
  OID_GEN_CURRENT_PACKET_FILTER,
  OID_GEN_DRIVER_VERSION,
  OID_GEN_HARDWARE_STATUS,
  OID_GEN_LINK_SPEED,
  OID_GEN_MAC_OPTIONS,
  OID_GEN_MAXIMUM_FRAME_SIZE,
  OID_GEN_MAXIMUM_LOOKAHEAD,
  OID_GEN_MAXIMUM_SEND_PACKETS,
  OID_GEN_MAXIMUM_TOTAL_SIZE,
  OID_GEN_MEDIA_CONNECT_STATUS,
  OID_GEN_MEDIA_IN_USE,
  OID_GEN_MEDIA_SUPPORTED,
  OID_GEN_RCV_ERROR,
  OID_GEN_RCV_NO_BUFFER,
  OID_GEN_RCV_OK,
  OID_GEN_RECEIVE_BLOCK_SIZE,
  OID_GEN_RECEIVE_BUFFER_SPACE,
  OID_GEN_SUPPORTED_LIST,
  OID_GEN_TRANSMIT_BLOCK_SIZE,
  OID_GEN_TRANSMIT_BUFFER_SPACE,
  OID_GEN_VENDOR_DESCRIPTION,
  OID_GEN_VENDOR_DRIVER_VERSION,
  OID_GEN_VENDOR_ID,
  OID_GEN_XMIT_ERROR,
  OID_GEN_XMIT_OK,
  out,
  sizeof,
  storage,
  UINT,
  ULONG,
  type BOOLEAN,
  type KIRQL,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_BUFFER,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'

const TAG = 0x35504d4c // 'LMP5'
const MTU = 1500
const HEADER = 14
const FRAME_BYTES = MTU + HEADER
const MAC_ADDRESS = [0x02, 0x00, 0x00, 0x00, 0x00, 0x05]
const MOST_MULTICAST = 32
/** What the NIC can hold: packets that it sends, packets that are received. */
const SEND_SLOTS = 8
const RECEIVE_PACKETS = 32
/** With fewer than these left, received packets are lent for the time of the call only. */
const FEW_PACKETS = 8
const RESERVED_BYTES = 16
const VENDOR = 'Loopback miniport'
/** 100 Mbit/s, in units of 100 bit/s. */
const LINK_SPEED = 1_000_000

/** A received frame: packet, buffer descriptor and memory. */
interface ReceivePacket {
  readonly Packet: PNDIS_PACKET
  readonly Buffer: PNDIS_BUFFER
  readonly Data: PVOID
}

let WrapperHandle: NDIS_HANDLE = 0
let AdapterHandle: NDIS_HANDLE = 0
let PacketPool: NDIS_HANDLE = 0
let BufferPool: NDIS_HANDLE = 0
const Context = storage(ULONG)
const Timer = storage(NDIS_MINIPORT_TIMER)
/** The array of one packet that NdisMIndicateReceivePacket takes. */
const PacketArray = storage(UINT)
const all: ReceivePacket[] = []
const free: ReceivePacket[] = []
const byPacket = new Map<PNDIS_PACKET, ReceivePacket>()
/** Packets that NDIS gave us to send, in their order. */
const sending: PNDIS_PACKET[] = []
const counters = { sent: 0, received: 0, lost: 0 }
let packetFilter = 0
let lookahead = MTU
let multicast: number[][] = []

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Handle = out<NDIS_HANDLE>()
  NdisMInitializeWrapper(Handle, DriverObject, RegistryPath, 0)
  WrapperHandle = Handle.value
  const Status = NdisMRegisterMiniport(
    WrapperHandle,
    {
      MajorNdisVersion: 5,
      MinorNdisVersion: 1,
      InitializeHandler: MiniportInitialize,
      HaltHandler: MiniportHalt,
      ResetHandler: MiniportReset,
      CheckForHangHandler: () => 0,
      QueryInformationHandler: MiniportQueryInformation,
      SetInformationHandler: MiniportSetInformation,
      SendPacketsHandler: MiniportSendPackets,
      ReturnPacketHandler: MiniportReturnPacket,
    },
    sizeof(NDIS_MINIPORT_CHARACTERISTICS),
  )
  if (Status !== NDIS_STATUS_SUCCESS) NdisTerminateWrapper(WrapperHandle, 0)
  return Status
}

function MiniportInitialize(
  _OpenErrorStatus: { value: NDIS_STATUS },
  SelectedMediumIndex: { value: number },
  MediumArray: PVOID,
  MediumArraySize: number,
  MiniportAdapterHandle: NDIS_HANDLE,
  _WrapperConfigurationContext: NDIS_HANDLE,
): NDIS_STATUS {
  const media = Array.from({ length: MediumArraySize }, (_unused, i) => UINT.at(MediumArray + i * sizeof(UINT)).value)
  const medium = media.indexOf(NdisMedium802_3)
  if (medium < 0) return NDIS_STATUS_UNSUPPORTED_MEDIA
  SelectedMediumIndex.value = medium
  AdapterHandle = MiniportAdapterHandle
  NdisMSetAttributesEx(MiniportAdapterHandle, Context, 0, NDIS_ATTRIBUTE_BUS_MASTER, NdisInterfaceInternal)
  NdisMInitializeTimer(Timer, MiniportAdapterHandle, NicTick, 0)
  if (allocateReceivePackets()) return NDIS_STATUS_SUCCESS
  freeAll()
  return NDIS_STATUS_RESOURCES
}

function allocateReceivePackets(): boolean {
  const Status = out<NDIS_STATUS>()
  const Result = out<NDIS_HANDLE>()
  NdisAllocatePacketPool(Status, Result, RECEIVE_PACKETS, RESERVED_BYTES)
  if (Status.value !== NDIS_STATUS_SUCCESS) return false
  PacketPool = Result.value
  NdisAllocateBufferPool(Status, Result, RECEIVE_PACKETS)
  if (Status.value !== NDIS_STATUS_SUCCESS) return false
  BufferPool = Result.value
  for (let i = 0; i < RECEIVE_PACKETS; i++) if (!allocateReceivePacket()) return false
  return true
}

function allocateReceivePacket(): boolean {
  const Status = out<NDIS_STATUS>()
  const Data = out<PVOID>()
  const Packet = out<PNDIS_PACKET>()
  const Buffer = out<PNDIS_BUFFER>()
  if (NdisAllocateMemoryWithTag(Data, FRAME_BYTES, TAG) !== NDIS_STATUS_SUCCESS) return false
  NdisAllocatePacket(Status, Packet, PacketPool)
  if (Status.value === NDIS_STATUS_SUCCESS) {
    NdisAllocateBuffer(Status, Buffer, BufferPool, Data.value, FRAME_BYTES)
    if (Status.value === NDIS_STATUS_SUCCESS) {
      const packet = { Packet: Packet.value, Buffer: Buffer.value, Data: Data.value }
      NdisChainBufferAtFront(packet.Packet, packet.Buffer)
      NDIS_SET_PACKET_HEADER_SIZE(packet.Packet, HEADER)
      all.push(packet)
      free.push(packet)
      byPacket.set(packet.Packet, packet)
      return true
    }
    NdisFreePacket(Packet.value)
  }
  NdisFreeMemory(Data.value, FRAME_BYTES, 0)
  return false
}

/** Also after half an initialization: frees what is there. */
function freeAll(): void {
  for (const { Packet, Buffer, Data } of all) {
    // A packet does not own its buffers: they come off it first, with their old length, and are freed one by one.
    NdisUnchainBufferAtFront(Packet, out<PNDIS_BUFFER>())
    NdisAdjustBufferLength(Buffer, FRAME_BYTES)
    NdisFreeBuffer(Buffer)
    NdisFreePacket(Packet)
    NdisFreeMemory(Data, FRAME_BYTES, 0)
  }
  all.length = 0
  free.length = 0
  if (BufferPool !== 0) NdisFreeBufferPool(BufferPool)
  if (PacketPool !== 0) NdisFreePacketPool(PacketPool)
}

function MiniportHalt(_MiniportAdapterContext: NDIS_HANDLE): void {
  NdisMCancelTimer(Timer, out<number>())
  // What was still to be sent when the NIC went. Sends are completed at DISPATCH_LEVEL, and this is none.
  const OldIrql = out<KIRQL>()
  KeRaiseIrql(DISPATCH_LEVEL, OldIrql)
  for (const Packet of sending.splice(0)) NdisMSendComplete(AdapterHandle, Packet, NDIS_STATUS_FAILURE)
  KeLowerIrql(OldIrql.value)
  freeAll()
}

function MiniportReset(AddressingReset: { value: BOOLEAN }, _MiniportAdapterContext: NDIS_HANDLE): NDIS_STATUS {
  // This NIC forgets its filter when it is reset; NDIS sets it again, because AddressingReset says so.
  packetFilter = 0
  multicast = []
  AddressingReset.value = true
  return NDIS_STATUS_SUCCESS
}

/** Each packet of the array gets a status. What is behind the first NDIS_STATUS_RESOURCES is offered again. */
function MiniportSendPackets(_MiniportAdapterContext: NDIS_HANDLE, Packets: PVOID, NumberOfPackets: number): void {
  for (let i = 0; i < NumberOfPackets; i++) {
    const Packet = UINT.at(Packets + i * sizeof(UINT)).value as PNDIS_PACKET
    if (sending.length >= SEND_SLOTS) {
      NDIS_SET_PACKET_STATUS(Packet, NDIS_STATUS_RESOURCES)
      continue
    }
    NDIS_SET_PACKET_STATUS(Packet, NDIS_STATUS_PENDING)
    sending.push(Packet)
  }
  if (sending.length > 0) NdisMSetTimer(Timer, 1)
}

/** The NIC at work, a millisecond after a send, at DISPATCH_LEVEL: NDIS calls no other function of ours meanwhile. */
function NicTick(): void {
  for (const Packet of sending.splice(0)) {
    loopBack(Packet)
    counters.sent++
    NdisMSendComplete(AdapterHandle, Packet, NDIS_STATUS_SUCCESS)
  }
}

/** The bytes of a packet: those of its buffers, one behind the other. */
function gather(Packet: PNDIS_PACKET): number[] {
  const First = out<PNDIS_BUFFER>()
  const Address = out<PVOID>()
  const Length = out<number>()
  NdisQueryPacket(Packet, 0, 0, First, 0)
  const frame: number[] = []
  for (let Buffer = First.value; Buffer !== 0;) {
    NdisQueryBuffer(Buffer, Address, Length)
    frame.push(...bytes(Address.value, Length.value))
    const Next = out<PNDIS_BUFFER>()
    NdisGetNextBuffer(Buffer, Next)
    Buffer = Next.value
  }
  return frame
}

function loopBack(Sent: PNDIS_PACKET): void {
  const frame = gather(Sent)
  if (!wanted(frame)) return
  const packet = free.pop()
  if (!packet) {
    counters.lost++
    return
  }
  bytes(packet.Data, frame.length).set(frame)
  NdisAdjustBufferLength(packet.Buffer, frame.length)
  // The length of the buffer changed, so what the packet remembers of its buffers no longer holds.
  NDIS_PACKET.at(packet.Packet).Private.ValidCounts = 0
  NDIS_SET_PACKET_STATUS(packet.Packet, free.length < FEW_PACKETS ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS)
  UINT.at(PacketArray).value = packet.Packet
  counters.received++
  NdisMIndicateReceivePacket(AdapterHandle, PacketArray, 1)
  // NDIS_STATUS_PENDING: somebody keeps it until MiniportReturnPacket. All else is ours again.
  if (NDIS_GET_PACKET_STATUS(packet.Packet) !== NDIS_STATUS_PENDING) free.push(packet)
}

function MiniportReturnPacket(_MiniportAdapterContext: NDIS_HANDLE, Packet: PNDIS_PACKET): void {
  const packet = byPacket.get(Packet)
  if (packet) free.push(packet)
}

function wanted(frame: readonly number[]): boolean {
  const is = (address: readonly number[]): boolean => address.every((byte, index) => byte === frame[index])
  if (packetFilter & NDIS_PACKET_TYPE_PROMISCUOUS) return true
  if (((frame[0] ?? 0) & 1) === 0) return (packetFilter & NDIS_PACKET_TYPE_DIRECTED) !== 0 && is(MAC_ADDRESS)
  if (is([0xff, 0xff, 0xff, 0xff, 0xff, 0xff])) return (packetFilter & NDIS_PACKET_TYPE_BROADCAST) !== 0
  if (packetFilter & NDIS_PACKET_TYPE_ALL_MULTICAST) return true
  return (packetFilter & NDIS_PACKET_TYPE_MULTICAST) !== 0 && multicast.some(is)
}

const u32 = (...values: readonly number[]): number[] =>
  values.flatMap((value) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24])

/** Unlike NDIS 6, a miniport of NDIS 5 answers everything itself. */
const ANSWERS: ReadonlyMap<number, () => readonly number[]> = new Map([
  [OID_GEN_SUPPORTED_LIST, () => u32(...ANSWERS.keys())],
  [OID_GEN_HARDWARE_STATUS, () => u32(NdisHardwareStatusReady)],
  [OID_GEN_MEDIA_SUPPORTED, () => u32(NdisMedium802_3)],
  [OID_GEN_MEDIA_IN_USE, () => u32(NdisMedium802_3)],
  [OID_GEN_MAXIMUM_LOOKAHEAD, () => u32(MTU)],
  [OID_GEN_CURRENT_LOOKAHEAD, () => u32(lookahead)],
  [OID_GEN_MAXIMUM_FRAME_SIZE, () => u32(MTU)],
  [OID_GEN_MAXIMUM_TOTAL_SIZE, () => u32(FRAME_BYTES)],
  [OID_GEN_LINK_SPEED, () => u32(LINK_SPEED)],
  [OID_GEN_TRANSMIT_BUFFER_SPACE, () => u32(SEND_SLOTS * FRAME_BYTES)],
  [OID_GEN_RECEIVE_BUFFER_SPACE, () => u32(RECEIVE_PACKETS * FRAME_BYTES)],
  [OID_GEN_TRANSMIT_BLOCK_SIZE, () => u32(FRAME_BYTES)],
  [OID_GEN_RECEIVE_BLOCK_SIZE, () => u32(FRAME_BYTES)],
  [OID_GEN_VENDOR_ID, () => u32(0xffffff)],
  [OID_GEN_VENDOR_DESCRIPTION, () => [...VENDOR, '\0'].map((character) => character.charCodeAt(0))],
  [OID_GEN_VENDOR_DRIVER_VERSION, () => u32(0x10000)],
  [OID_GEN_DRIVER_VERSION, () => [0x01, 0x05]],
  [OID_GEN_MAC_OPTIONS, () => u32(0)],
  [OID_GEN_MEDIA_CONNECT_STATUS, () => u32(NdisMediaStateConnected)],
  [OID_GEN_MAXIMUM_SEND_PACKETS, () => u32(SEND_SLOTS)],
  [OID_GEN_CURRENT_PACKET_FILTER, () => u32(packetFilter)],
  [OID_GEN_XMIT_OK, () => u32(counters.sent)],
  [OID_GEN_RCV_OK, () => u32(counters.received)],
  [OID_GEN_XMIT_ERROR, () => u32(0)],
  [OID_GEN_RCV_ERROR, () => u32(0)],
  [OID_GEN_RCV_NO_BUFFER, () => u32(counters.lost)],
  [OID_802_3_PERMANENT_ADDRESS, () => MAC_ADDRESS],
  [OID_802_3_CURRENT_ADDRESS, () => MAC_ADDRESS],
  [OID_802_3_MULTICAST_LIST, () => multicast.flat()],
  [OID_802_3_MAXIMUM_LIST_SIZE, () => u32(MOST_MULTICAST)],
])

function MiniportQueryInformation(
  _MiniportAdapterContext: NDIS_HANDLE,
  Oid: number,
  InformationBuffer: PVOID,
  InformationBufferLength: number,
  BytesWritten: { value: number },
  BytesNeeded: { value: number },
): NDIS_STATUS {
  const data = ANSWERS.get(Oid)?.()
  if (!data) return NDIS_STATUS_NOT_SUPPORTED
  BytesNeeded.value = data.length
  if (InformationBufferLength < data.length) return NDIS_STATUS_BUFFER_TOO_SHORT
  bytes(InformationBuffer, data.length).set(data)
  BytesWritten.value = data.length
  return NDIS_STATUS_SUCCESS
}

function MiniportSetInformation(
  _MiniportAdapterContext: NDIS_HANDLE,
  Oid: number,
  InformationBuffer: PVOID,
  InformationBufferLength: number,
  BytesRead: { value: number },
  BytesNeeded: { value: number },
): NDIS_STATUS {
  switch (Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
    case OID_GEN_CURRENT_LOOKAHEAD:
      BytesNeeded.value = sizeof(ULONG)
      if (InformationBufferLength < sizeof(ULONG)) return NDIS_STATUS_INVALID_LENGTH
      if (Oid === OID_GEN_CURRENT_PACKET_FILTER) packetFilter = ULONG.at(InformationBuffer).value
      else lookahead = ULONG.at(InformationBuffer).value
      break
    case OID_802_3_MULTICAST_LIST:
      if (InformationBufferLength % 6 !== 0) return NDIS_STATUS_INVALID_LENGTH
      if (InformationBufferLength > 6 * MOST_MULTICAST) return NDIS_STATUS_INVALID_DATA
      multicast = []
      for (let at = 0; at < InformationBufferLength; at += 6)
        multicast.push(Array.from(bytes(InformationBuffer + at, 6)))
      break
    default:
      return NDIS_STATUS_NOT_SUPPORTED
  }
  BytesRead.value = InformationBufferLength
  return NDIS_STATUS_SUCCESS
}
