/** OID requests. Most OIDs of NDIS 6 never come here: NDIS answers them from the general attributes. */
import {
  bytes,
  NDIS_INTERRUPT_MODERATION_PARAMETERS,
  NDIS_INTERRUPT_MODERATION_PARAMETERS_REVISION_1,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OID_REQUEST,
  NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_STATISTICS_INFO_REVISION_1,
  NDIS_STATISTICS_INFO,
  NDIS_STATISTICS_INFO_REVISION_1,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_INVALID_DATA,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_MULTICAST_FULL,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisDeviceStateD0,
  NdisInterruptModerationDisabled,
  NdisInterruptModerationEnabled,
  NdisReleaseSpinLock,
  NdisRequestQueryInformation,
  NdisRequestQueryStatistics,
  NdisRequestSetInformation,
  NdisZeroMemory,
  OID_802_3_CURRENT_ADDRESS,
  OID_802_3_MAXIMUM_LIST_SIZE,
  OID_802_3_MULTICAST_LIST,
  OID_802_3_PERMANENT_ADDRESS,
  OID_802_3_RCV_ERROR_ALIGNMENT,
  OID_802_3_XMIT_MORE_COLLISIONS,
  OID_802_3_XMIT_ONE_COLLISION,
  OID_GEN_CURRENT_LOOKAHEAD,
  OID_GEN_CURRENT_PACKET_FILTER,
  OID_GEN_INTERRUPT_MODERATION,
  OID_GEN_LINK_PARAMETERS,
  OID_GEN_RCV_ERROR,
  OID_GEN_RCV_NO_BUFFER,
  OID_GEN_RCV_OK,
  OID_GEN_RECEIVE_BLOCK_SIZE,
  OID_GEN_RECEIVE_BUFFER_SPACE,
  OID_GEN_STATISTICS,
  OID_GEN_TRANSMIT_BLOCK_SIZE,
  OID_GEN_TRANSMIT_BUFFER_SPACE,
  OID_GEN_VENDOR_DESCRIPTION,
  OID_GEN_VENDOR_DRIVER_VERSION,
  OID_GEN_VENDOR_ID,
  OID_GEN_XMIT_ERROR,
  OID_GEN_XMIT_OK,
  OID_PNP_QUERY_POWER,
  OID_PNP_SET_POWER,
  sizeof,
  ULONG,
  type NDIS_STATUS,
  type PNDIS_OID_REQUEST,
  type PVOID,
} from 'ndis'
import { adapterOf, BUFFER_BYTES, MAX_FRAME_BYTES, MAX_MULTICAST, MTU, write, type Adapter } from './adapter'
import { SUPPORTED_STATISTICS, type Statistics } from './counters'
import { startNic, stopNic } from './flow'
import { MODERATE_GAP } from './configuration'
import { setReceiver, SUPPORTED_FILTERS, writeAddresses } from './hardware'
import { REG } from './registers'
import { harvest } from './statistics'

const VENDOR = 'Intel 82540EM'
const DRIVER_VERSION = 0x0001_0000
const ADDRESS_BYTES = 6

type Query = NDIS_OID_REQUEST['DATA']['QUERY_INFORMATION']
type Set = NDIS_OID_REQUEST['DATA']['SET_INFORMATION']

/** What is asked and told is a number of 32 bits, or bytes. */
const QUERIES = new Map<number, (adapter: Adapter) => number | readonly number[]>([
  [OID_GEN_CURRENT_PACKET_FILTER, (adapter) => adapter.PacketFilter],
  [OID_GEN_CURRENT_LOOKAHEAD, () => MTU],
  [OID_GEN_TRANSMIT_BUFFER_SPACE, (adapter) => adapter.Transmit.length * BUFFER_BYTES],
  [OID_GEN_RECEIVE_BUFFER_SPACE, (adapter) => adapter.Buffers.length * BUFFER_BYTES],
  [OID_GEN_TRANSMIT_BLOCK_SIZE, () => MAX_FRAME_BYTES],
  [OID_GEN_RECEIVE_BLOCK_SIZE, () => BUFFER_BYTES],
  // The first three bytes of the address say whose NIC it is.
  [OID_GEN_VENDOR_ID, ({ PermanentAddress: [a = 0, b = 0, c = 0] }) => (a << 16) | (b << 8) | c],
  [OID_GEN_VENDOR_DESCRIPTION, () => [...VENDOR, '\0'].map((character) => character.charCodeAt(0))],
  [OID_GEN_VENDOR_DRIVER_VERSION, () => DRIVER_VERSION],
  [OID_GEN_XMIT_OK, (adapter) => counted(adapter).GoodSent],
  [OID_GEN_RCV_OK, (adapter) => counted(adapter).GoodReceived],
  [OID_GEN_XMIT_ERROR, (adapter) => sendErrors(counted(adapter))],
  [OID_GEN_RCV_ERROR, (adapter) => receiveErrors(counted(adapter))],
  [OID_GEN_RCV_NO_BUFFER, (adapter) => counted(adapter).Missed],
  [OID_802_3_PERMANENT_ADDRESS, (adapter) => adapter.PermanentAddress],
  [OID_802_3_CURRENT_ADDRESS, (adapter) => adapter.CurrentAddress],
  [OID_802_3_MULTICAST_LIST, (adapter) => adapter.Multicast.flat()],
  [OID_802_3_MAXIMUM_LIST_SIZE, () => MAX_MULTICAST],
  [OID_802_3_RCV_ERROR_ALIGNMENT, (adapter) => counted(adapter).AlignmentErrors],
  [OID_802_3_XMIT_ONE_COLLISION, (adapter) => counted(adapter).SingleCollisions],
  [OID_802_3_XMIT_MORE_COLLISIONS, (adapter) => counted(adapter).MultipleCollisions],
  // Any low power state will do.
  [OID_PNP_QUERY_POWER, () => []],
])

export const SUPPORTED_OIDS = [
  ...QUERIES.keys(),
  OID_GEN_STATISTICS,
  OID_GEN_INTERRUPT_MODERATION,
  OID_GEN_LINK_PARAMETERS,
  OID_PNP_SET_POWER,
]

export function MiniportOidRequest(MiniportAdapterContext: PVOID, OidRequest: PNDIS_OID_REQUEST): NDIS_STATUS {
  const adapter = adapterOf(MiniportAdapterContext)
  const request = NDIS_OID_REQUEST.at(OidRequest)
  switch (request.RequestType) {
    case NdisRequestSetInformation:
      return set(adapter, request.DATA.SET_INFORMATION)
    case NdisRequestQueryInformation:
    case NdisRequestQueryStatistics:
      return query(adapter, request.DATA.QUERY_INFORMATION)
    default:
      return NDIS_STATUS_NOT_SUPPORTED
  }
}

function query(adapter: Adapter, information: Query): NDIS_STATUS {
  if (information.Oid === OID_GEN_STATISTICS) return answerStatistics(adapter, information)
  if (information.Oid === OID_GEN_INTERRUPT_MODERATION) return answerModeration(adapter, information)
  const value = QUERIES.get(information.Oid)?.(adapter)
  if (value === undefined) return NDIS_STATUS_NOT_SUPPORTED
  if (typeof value === 'number')
    return answer(information, sizeof(ULONG), (at) => void (ULONG.at(at).value = value >>> 0))
  return answer(information, value.length, (at) => bytes(at, value.length).set(value))
}

/** Writes an answer, or says how much room it takes. */
function answer(information: Query, length: number, fill: (at: PVOID) => void): NDIS_STATUS {
  information.BytesNeeded = length
  information.BytesWritten = 0
  if (information.InformationBufferLength < length) return NDIS_STATUS_BUFFER_TOO_SHORT
  fill(information.InformationBuffer)
  information.BytesWritten = length
  return NDIS_STATUS_SUCCESS
}

/** What the NIC has counted since it was initialized. */
function counted(adapter: Adapter): Statistics {
  NdisAcquireSpinLock(adapter.ReceiveLock)
  // While it stands still it counts nothing, and a reset has asked it before.
  const statistics = adapter.Stopped ? adapter.Statistics : harvest(adapter)
  NdisReleaseSpinLock(adapter.ReceiveLock)
  return statistics
}
const receiveErrors = (statistics: Statistics): number =>
  statistics.CrcErrors + statistics.AlignmentErrors + statistics.ReceiveErrors + statistics.LengthErrors
const sendErrors = (statistics: Statistics): number => statistics.ExcessiveCollisions + statistics.LateCollisions

function answerStatistics(adapter: Adapter, information: Query): NDIS_STATUS {
  return answer(information, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1, (at) => {
    const statistics = counted(adapter)
    NdisZeroMemory(at, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1)
    const info = NDIS_STATISTICS_INFO.at(at)
    info.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
    info.Header.Revision = NDIS_STATISTICS_INFO_REVISION_1
    info.Header.Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1
    info.SupportedStatistics = SUPPORTED_STATISTICS
    info.ifInDiscards = statistics.Missed
    info.ifInErrors = receiveErrors(statistics)
    info.ifHCInOctets = statistics.OctetsReceived
    info.ifHCInUcastPkts = unicast(statistics.GoodReceived, statistics.MulticastReceived, statistics.BroadcastReceived)
    info.ifHCInMulticastPkts = statistics.MulticastReceived
    info.ifHCInBroadcastPkts = statistics.BroadcastReceived
    info.ifHCOutOctets = statistics.OctetsSent
    info.ifHCOutUcastPkts = unicast(statistics.GoodSent, statistics.MulticastSent, statistics.BroadcastSent)
    info.ifHCOutMulticastPkts = statistics.MulticastSent
    info.ifHCOutBroadcastPkts = statistics.BroadcastSent
    info.ifOutErrors = sendErrors(statistics)
  })
}
/** The NIC counts all good frames, and those to groups and to everybody by themselves. */
const unicast = (good: number, multicast: number, broadcast: number): number =>
  Math.max(0, good - multicast - broadcast)

function answerModeration(adapter: Adapter, information: Query): NDIS_STATUS {
  return answer(information, NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1, (at) => {
    const parameters = NDIS_INTERRUPT_MODERATION_PARAMETERS.at(at)
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
    parameters.Header.Revision = NDIS_INTERRUPT_MODERATION_PARAMETERS_REVISION_1
    parameters.Header.Size = NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1
    parameters.Flags = 0
    parameters.InterruptModeration =
      adapter.InterruptGap === 0 ? NdisInterruptModerationDisabled : NdisInterruptModerationEnabled
  })
}

function set(adapter: Adapter, information: Set): NDIS_STATUS {
  const { Oid, InformationBuffer: Buffer, InformationBufferLength: length } = information
  const least = LEAST_BYTES.get(Oid)
  information.BytesRead = 0
  if (least === undefined) return NDIS_STATUS_NOT_SUPPORTED
  if (length < least || (Oid === OID_802_3_MULTICAST_LIST && length % ADDRESS_BYTES !== 0)) {
    information.BytesNeeded = least
    return NDIS_STATUS_INVALID_LENGTH
  }
  const Status = carryOut(adapter, Oid, Buffer, length)
  if (Status === NDIS_STATUS_SUCCESS) information.BytesRead = length
  return Status
}

/** What can be set, and how many bytes that takes at least. */
const LEAST_BYTES: ReadonlyMap<number, number> = new Map([
  [OID_GEN_CURRENT_PACKET_FILTER, sizeof(ULONG)],
  [OID_GEN_CURRENT_LOOKAHEAD, sizeof(ULONG)],
  [OID_GEN_INTERRUPT_MODERATION, NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1],
  [OID_GEN_LINK_PARAMETERS, sizeof(ULONG)],
  [OID_802_3_MULTICAST_LIST, 0],
  [OID_PNP_SET_POWER, sizeof(ULONG)],
])

function carryOut(adapter: Adapter, Oid: number, Buffer: PVOID, length: number): NDIS_STATUS {
  switch (Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER:
      return setPacketFilter(adapter, ULONG.at(Buffer).value)
    case OID_802_3_MULTICAST_LIST:
      return setMulticast(adapter, Buffer, length)
    case OID_GEN_INTERRUPT_MODERATION:
      return setModeration(adapter, NDIS_INTERRUPT_MODERATION_PARAMETERS.at(Buffer).InterruptModeration)
    case OID_PNP_SET_POWER:
      return setPower(adapter, ULONG.at(Buffer).value)
    default:
      // Whole frames are indicated, and the link finds its speed by itself: there is nothing to be done.
      return NDIS_STATUS_SUCCESS
  }
}

/** Changes what the NIC lets through. A NIC that stands still is told when it starts. */
function changeFilters(adapter: Adapter, change: () => void): NDIS_STATUS {
  NdisAcquireSpinLock(adapter.ReceiveLock)
  change()
  if (!adapter.Stopped) {
    writeAddresses(adapter)
    setReceiver(adapter)
  }
  NdisReleaseSpinLock(adapter.ReceiveLock)
  return NDIS_STATUS_SUCCESS
}

function setPacketFilter(adapter: Adapter, PacketFilter: number): NDIS_STATUS {
  if (PacketFilter & ~SUPPORTED_FILTERS) return NDIS_STATUS_NOT_SUPPORTED
  return changeFilters(adapter, () => (adapter.PacketFilter = PacketFilter))
}

function setMulticast(adapter: Adapter, Buffer: PVOID, length: number): NDIS_STATUS {
  if (length > MAX_MULTICAST * ADDRESS_BYTES) return NDIS_STATUS_MULTICAST_FULL
  const all = bytes(Buffer, length).slice()
  const addresses = Array.from({ length: length / ADDRESS_BYTES }, (_unused, index) =>
    all.slice(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES),
  )
  return changeFilters(adapter, () => (adapter.Multicast = addresses))
}

function setModeration(adapter: Adapter, InterruptModeration: number): NDIS_STATUS {
  if (InterruptModeration !== NdisInterruptModerationEnabled && InterruptModeration !== NdisInterruptModerationDisabled)
    return NDIS_STATUS_INVALID_DATA
  return changeFilters(adapter, () => {
    adapter.InterruptGap = InterruptModeration === NdisInterruptModerationEnabled ? MODERATE_GAP : 0
    if (!adapter.Stopped) write(adapter, REG.ITR, adapter.InterruptGap)
  })
}

/** NDIS has paused the adapter, and restarts it when it has its power again. The NIC forgets everything meanwhile. */
function setPower(adapter: Adapter, DeviceState: number): NDIS_STATUS {
  if (adapter.Removed) return NDIS_STATUS_SUCCESS
  stopNic(adapter)
  if (DeviceState === NdisDeviceStateD0) startNic(adapter)
  return NDIS_STATUS_SUCCESS
}
