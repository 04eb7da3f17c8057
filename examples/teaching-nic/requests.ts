/** OID requests: what NDIS and protocols ask, and what they set. NDIS answers most OIDs itself, from the attributes. */
import {
  bytes,
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_OID_REQUEST,
  NDIS_PACKET_TYPE_ALL_MULTICAST,
  NDIS_PACKET_TYPE_PROMISCUOUS,
  NDIS_SIZEOF_STATISTICS_INFO_REVISION_1,
  NDIS_STATISTICS_INFO,
  NDIS_STATISTICS_INFO_REVISION_1,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_INVALID_LENGTH,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_SUCCESS,
  NdisRequestSetInformation,
  OID_802_3_CURRENT_ADDRESS,
  OID_802_3_MAXIMUM_LIST_SIZE,
  OID_802_3_MULTICAST_LIST,
  OID_802_3_PERMANENT_ADDRESS,
  OID_GEN_CURRENT_LOOKAHEAD,
  OID_GEN_CURRENT_PACKET_FILTER,
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
  sizeof,
  storage,
  ULONG,
  type NDIS_STATUS,
  type PNDIS_OID_REQUEST,
} from 'ndis'
import { header } from './header'
import { readAddress, writeFilter } from './registers'
import { DESCRIPTORS, FRAME_BYTES, MTU } from './rings'

export const MOST_GROUPS = 32
const Statistics = storage(NDIS_STATISTICS_INFO)

/** Frames that the driver moved. */
export const Counters = { Sent: 0, Received: 0 }
/** What protocols want to receive. */
let PacketFilter = 0
let Groups: number[][] = []

/** After a reset of the device. */
export const restoreFilter = (): void => writeFilter(PacketFilter)

/** The device has no list of groups: it lets all of them through, and the driver looks at its own. */
export function isWanted(frame: number): boolean {
  const to = Array.from(bytes(frame, 6))
  if ((to[0]! & 1) === 0 || to.every((byte) => byte === 0xff)) return true
  if (PacketFilter & (NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_PROMISCUOUS)) return true
  return Groups.some((group) => group.every((byte, index) => byte === to[index]))
}

export function request(OidRequest: PNDIS_OID_REQUEST): NDIS_STATUS {
  const { RequestType, DATA } = NDIS_OID_REQUEST.at(OidRequest)
  if (RequestType === NdisRequestSetInformation) return set(DATA.SET_INFORMATION)
  const information = DATA.QUERY_INFORMATION
  const answer = ANSWERS[information.Oid]?.()
  if (!answer) return NDIS_STATUS_NOT_SUPPORTED
  information.BytesNeeded = answer.length
  if (information.InformationBufferLength < answer.length) return NDIS_STATUS_BUFFER_TOO_SHORT
  bytes(information.InformationBuffer, answer.length).set(answer)
  information.BytesWritten = answer.length
  return NDIS_STATUS_SUCCESS
}

const number = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff)

/** The bytes of each answer. */
const ANSWERS: Readonly<Record<number, () => readonly number[]>> = {
  [OID_GEN_CURRENT_PACKET_FILTER]: () => number(PacketFilter),
  [OID_GEN_CURRENT_LOOKAHEAD]: () => number(MTU),
  [OID_GEN_TRANSMIT_BUFFER_SPACE]: () => number(DESCRIPTORS * FRAME_BYTES),
  [OID_GEN_RECEIVE_BUFFER_SPACE]: () => number(DESCRIPTORS * FRAME_BYTES),
  [OID_GEN_TRANSMIT_BLOCK_SIZE]: () => number(FRAME_BYTES),
  [OID_GEN_RECEIVE_BLOCK_SIZE]: () => number(FRAME_BYTES),
  [OID_GEN_VENDOR_ID]: () => number(0xffffff),
  [OID_GEN_VENDOR_DESCRIPTION]: () => Array.from('Teaching NIC\0', (character) => character.charCodeAt(0)),
  [OID_GEN_VENDOR_DRIVER_VERSION]: () => number(0x10000),
  [OID_GEN_XMIT_OK]: () => number(Counters.Sent),
  [OID_GEN_RCV_OK]: () => number(Counters.Received),
  [OID_GEN_STATISTICS]: statistics,
  [OID_802_3_PERMANENT_ADDRESS]: () => readAddress(),
  [OID_802_3_CURRENT_ADDRESS]: () => readAddress(),
  [OID_802_3_MULTICAST_LIST]: () => Groups.flat(),
  [OID_802_3_MAXIMUM_LIST_SIZE]: () => number(MOST_GROUPS),
}
export const SUPPORTED_OIDS = Object.keys(ANSWERS).map(Number)

function statistics(): number[] {
  const answer = NDIS_STATISTICS_INFO.at(Statistics)
  Object.assign(
    answer.Header,
    header(NDIS_OBJECT_TYPE_DEFAULT, NDIS_STATISTICS_INFO_REVISION_1, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1),
  )
  answer.ifHCInUcastPkts = BigInt(Counters.Received)
  answer.ifHCOutUcastPkts = BigInt(Counters.Sent)
  return Array.from(bytes(Statistics, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1))
}

function set(information: ReturnType<typeof NDIS_OID_REQUEST.at>['DATA']['SET_INFORMATION']): NDIS_STATUS {
  const { Oid, InformationBuffer, InformationBufferLength } = information
  const isList = Oid === OID_802_3_MULTICAST_LIST
  if (!isList && Oid !== OID_GEN_CURRENT_PACKET_FILTER && Oid !== OID_GEN_CURRENT_LOOKAHEAD)
    return NDIS_STATUS_NOT_SUPPORTED
  information.BytesNeeded = isList ? 0 : sizeof(ULONG)
  const fits = isList ? InformationBufferLength % 6 === 0 : InformationBufferLength >= sizeof(ULONG)
  if (!fits || InformationBufferLength > 6 * MOST_GROUPS) return NDIS_STATUS_INVALID_LENGTH
  if (isList) {
    const list = Array.from(bytes(InformationBuffer, InformationBufferLength))
    Groups = Array.from({ length: list.length / 6 }, (_, index) => list.slice(6 * index, 6 * index + 6))
  } else if (Oid === OID_GEN_CURRENT_PACKET_FILTER) {
    PacketFilter = ULONG.at(InformationBuffer).value
    restoreFilter()
  }
  information.BytesRead = InformationBufferLength
  return NDIS_STATUS_SUCCESS
}
