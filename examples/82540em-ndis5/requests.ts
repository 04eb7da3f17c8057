// OID requests. A miniport of NDIS 5 answers all of them itself (PV MiniportQueryInformation, MiniportSetInformation).
import {
  NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA,
  NDIS_MAC_OPTION_NO_LOOPBACK,
  NDIS_MAC_OPTION_TRANSFERS_NOT_PEND,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_BROADCAST,
  NDIS_PACKET_TYPE_DIRECTED,
  NDIS_PACKET_TYPE_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_PNP_CAPABILITIES,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_INVALID_DATA,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_MULTICAST_FULL,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisDeviceStateD0,
  NdisDeviceStateD3,
  NdisHardwareStatusNotReady,
  NdisHardwareStatusReady,
  NdisMediaStateConnected,
  NdisMediaStateDisconnected,
  NdisMedium802_3,
  NdisReleaseSpinLock,
  OID_802_3_CURRENT_ADDRESS,
  OID_802_3_MAXIMUM_LIST_SIZE,
  OID_802_3_MULTICAST_LIST,
  OID_802_3_PERMANENT_ADDRESS,
  OID_802_3_RCV_ERROR_ALIGNMENT,
  OID_802_3_XMIT_DEFERRED,
  OID_802_3_XMIT_LATE_COLLISIONS,
  OID_802_3_XMIT_MAX_COLLISIONS,
  OID_802_3_XMIT_MORE_COLLISIONS,
  OID_802_3_XMIT_ONE_COLLISION,
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
  OID_PNP_CAPABILITIES,
  OID_PNP_QUERY_POWER,
  OID_PNP_SET_POWER,
  ULONG,
  bytes,
  sizeof,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type Out,
  type PVOID,
} from 'ndis'
import { BUFFER_BYTES, FRAME_BYTES, MOST_MULTICAST, MTU, adapterOf, type Adapter, type Statistics } from './adapter'
import { gatherStatistics, linkSpeed, writeAddresses, writeFilter, writeHash } from './hardware'
import { powerDown, powerUp } from './power'

const VENDOR = 'Intel(R) PRO/1000 MT Desktop Adapter'
const VENDOR_DRIVER_VERSION = 0x0001_0000
const ADDRESS_BYTES = 6
const FILTERS =
  NDIS_PACKET_TYPE_DIRECTED |
  NDIS_PACKET_TYPE_MULTICAST |
  NDIS_PACKET_TYPE_ALL_MULTICAST |
  NDIS_PACKET_TYPE_BROADCAST |
  NDIS_PACKET_TYPE_PROMISCUOUS
/** The lookahead may be copied, transfers end at once, and packets to ourselves are not looped back by us: that is left to NDIS. */
const MAC_OPTIONS =
  NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA | NDIS_MAC_OPTION_TRANSFERS_NOT_PEND | NDIS_MAC_OPTION_NO_LOOPBACK
/** More than one packet a call: as many as NDIS likes. */
const MOST_SEND_PACKETS = 64

const u32 = (...values: readonly number[]): number[] =>
  values.flatMap((value) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24])
const u64 = (value: number): number[] => u32(value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0)

type Answer = (a: Adapter) => readonly number[]
const fixed =
  (...values: readonly number[]): Answer =>
  () =>
    u32(...values)

const ANSWERS: ReadonlyMap<number, Answer> = new Map<number, Answer>([
  [OID_GEN_SUPPORTED_LIST, () => u32(...SUPPORTED)],
  [OID_GEN_HARDWARE_STATUS, (a) => u32(a.Running ? NdisHardwareStatusReady : NdisHardwareStatusNotReady)],
  [OID_GEN_MEDIA_SUPPORTED, fixed(NdisMedium802_3)],
  [OID_GEN_MEDIA_IN_USE, fixed(NdisMedium802_3)],
  [OID_GEN_MAXIMUM_LOOKAHEAD, fixed(MTU)],
  [OID_GEN_CURRENT_LOOKAHEAD, (a) => u32(a.Lookahead)],
  [OID_GEN_MAXIMUM_FRAME_SIZE, fixed(MTU)],
  [OID_GEN_MAXIMUM_TOTAL_SIZE, fixed(FRAME_BYTES)],
  [OID_GEN_LINK_SPEED, (a) => u32(a.Running ? linkSpeed(a) : 0)],
  [OID_GEN_TRANSMIT_BUFFER_SPACE, (a) => u32((a.Transmit?.Ring.Count ?? 0) * FRAME_BYTES)],
  [OID_GEN_RECEIVE_BUFFER_SPACE, (a) => u32(a.Receive?.Block.Length ?? 0)],
  [OID_GEN_TRANSMIT_BLOCK_SIZE, fixed(FRAME_BYTES)],
  [OID_GEN_RECEIVE_BLOCK_SIZE, fixed(BUFFER_BYTES)],
  // Three bytes of the maker's addresses, the first lowest, and the number of the NIC (PV OID_GEN_VENDOR_ID).
  [OID_GEN_VENDOR_ID, ({ PermanentAddress: [b0 = 0, b1 = 0, b2 = 0] }) => [b0, b1, b2, 1]],
  [OID_GEN_VENDOR_DESCRIPTION, () => [...VENDOR, '\0'].map((character) => character.charCodeAt(0))],
  [OID_GEN_VENDOR_DRIVER_VERSION, fixed(VENDOR_DRIVER_VERSION)],
  [OID_GEN_DRIVER_VERSION, () => [0x01, 0x05]],
  [OID_GEN_MAC_OPTIONS, fixed(MAC_OPTIONS)],
  [OID_GEN_MEDIA_CONNECT_STATUS, (a) => u32(a.LinkUp ? NdisMediaStateConnected : NdisMediaStateDisconnected)],
  [OID_GEN_MAXIMUM_SEND_PACKETS, fixed(MOST_SEND_PACKETS)],
  [OID_GEN_CURRENT_PACKET_FILTER, (a) => u32(a.PacketFilter)],
  [OID_802_3_PERMANENT_ADDRESS, (a) => a.PermanentAddress],
  [OID_802_3_CURRENT_ADDRESS, (a) => a.CurrentAddress],
  [OID_802_3_MULTICAST_LIST, (a) => a.Multicast.flat()],
  [OID_802_3_MAXIMUM_LIST_SIZE, fixed(MOST_MULTICAST)],
  // No wake-up by a packet or a pattern: three times NdisDeviceStateUnspecified behind the flags.
  [OID_PNP_CAPABILITIES, () => Array.from({ length: sizeof(NDIS_PNP_CAPABILITIES) }, () => 0)],
  // Any lower state is fine with us.
  [OID_PNP_QUERY_POWER, () => []],
])
/** Statistics have 32 bits, and 64 in a buffer that has room for them (PV OID_GEN_XMIT_OK). */
const COUNTERS: ReadonlyMap<number, keyof Statistics> = new Map<number, keyof Statistics>([
  [OID_GEN_XMIT_OK, 'Sent'],
  [OID_GEN_RCV_OK, 'Received'],
  [OID_GEN_XMIT_ERROR, 'SendErrors'],
  [OID_GEN_RCV_ERROR, 'ReceiveErrors'],
  [OID_GEN_RCV_NO_BUFFER, 'NoBuffer'],
  [OID_802_3_RCV_ERROR_ALIGNMENT, 'Alignment'],
  [OID_802_3_XMIT_ONE_COLLISION, 'OneCollision'],
  [OID_802_3_XMIT_MORE_COLLISIONS, 'MoreCollisions'],
  [OID_802_3_XMIT_DEFERRED, 'Deferred'],
  [OID_802_3_XMIT_MAX_COLLISIONS, 'SendErrors'],
  [OID_802_3_XMIT_LATE_COLLISIONS, 'LateCollisions'],
])
const SUPPORTED: readonly number[] = [...ANSWERS.keys(), ...COUNTERS.keys(), OID_PNP_SET_POWER]

export function MiniportQueryInformation(
  MiniportAdapterContext: NDIS_HANDLE,
  Oid: number,
  InformationBuffer: PVOID,
  InformationBufferLength: number,
  BytesWritten: Out<ULONG>,
  BytesNeeded: Out<ULONG>,
): NDIS_STATUS {
  const a = adapterOf(MiniportAdapterContext)
  const counter = COUNTERS.get(Oid)
  if (counter !== undefined && a.Running) gatherStatistics(a)
  const data =
    counter === undefined
      ? ANSWERS.get(Oid)?.(a)
      : InformationBufferLength >= 8
        ? u64(a.Statistics[counter])
        : u32(a.Statistics[counter] >>> 0)
  if (!data) return NDIS_STATUS_NOT_SUPPORTED
  BytesNeeded.value = data.length
  if (InformationBufferLength < data.length) return NDIS_STATUS_BUFFER_TOO_SHORT
  if (data.length > 0) bytes(InformationBuffer, data.length).set(data)
  BytesWritten.value = data.length
  return NDIS_STATUS_SUCCESS
}

export function MiniportSetInformation(
  MiniportAdapterContext: NDIS_HANDLE,
  Oid: number,
  InformationBuffer: PVOID,
  InformationBufferLength: number,
  BytesRead: Out<ULONG>,
  BytesNeeded: Out<ULONG>,
): NDIS_STATUS {
  const a = adapterOf(MiniportAdapterContext)
  if (Oid === OID_802_3_MULTICAST_LIST) return setMulticast(a, InformationBuffer, InformationBufferLength, BytesRead)
  const set = SETTERS.get(Oid)
  if (!set) return NDIS_STATUS_NOT_SUPPORTED
  BytesNeeded.value = sizeof(ULONG)
  if (InformationBufferLength < sizeof(ULONG)) return NDIS_STATUS_INVALID_LENGTH
  BytesRead.value = sizeof(ULONG)
  return set(a, ULONG.at(InformationBuffer).value)
}

const SETTERS: ReadonlyMap<number, (a: Adapter, value: number) => NDIS_STATUS> = new Map([
  [OID_GEN_CURRENT_PACKET_FILTER, setFilter],
  [OID_GEN_CURRENT_LOOKAHEAD, setLookahead],
  [OID_PNP_SET_POWER, setPower],
])

function setFilter(a: Adapter, filter: number): NDIS_STATUS {
  if ((filter & ~FILTERS) !== 0) return NDIS_STATUS_NOT_SUPPORTED
  NdisAcquireSpinLock(a.ReceiveLock)
  a.PacketFilter = filter
  // While the NIC is down it is remembered; starting it programs it.
  if (a.Running) {
    writeAddresses(a)
    writeHash(a)
    writeFilter(a)
  }
  NdisReleaseSpinLock(a.ReceiveLock)
  return NDIS_STATUS_SUCCESS
}

/** We indicate whole packets: a protocol can see all of them whatever it asks for. */
function setLookahead(a: Adapter, lookahead: number): NDIS_STATUS {
  if (lookahead > MTU) return NDIS_STATUS_INVALID_DATA
  a.Lookahead = lookahead
  return NDIS_STATUS_SUCCESS
}

function setPower(a: Adapter, state: number): NDIS_STATUS {
  if (state === NdisDeviceStateD0) return powerUp(a)
  if (state > NdisDeviceStateD3) return NDIS_STATUS_INVALID_DATA
  return powerDown(a)
}

function setMulticast(a: Adapter, Buffer: PVOID, Length: number, BytesRead: Out<ULONG>): NDIS_STATUS {
  if (Length % ADDRESS_BYTES !== 0) return NDIS_STATUS_INVALID_LENGTH
  if (Length > ADDRESS_BYTES * MOST_MULTICAST) return NDIS_STATUS_MULTICAST_FULL
  const list: number[][] = []
  for (let at = 0; at < Length; at += ADDRESS_BYTES) list.push(Array.from(bytes(Buffer + at, ADDRESS_BYTES)))
  BytesRead.value = Length
  NdisAcquireSpinLock(a.ReceiveLock)
  a.Multicast = list
  if (a.Running) {
    writeAddresses(a)
    writeHash(a)
  }
  NdisReleaseSpinLock(a.ReceiveLock)
  return NDIS_STATUS_SUCCESS
}
