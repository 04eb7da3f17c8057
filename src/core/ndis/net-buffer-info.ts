import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { STRUCTS } from '../memory/structs'
import { constant } from './constants'

const NBL = layout('NET_BUFFER_LIST', 'NblFlags', 'NetBufferListInfo')
/** Slots of NetBufferListInfo. */
export const INFO_SLOTS = STRUCTS.get('NET_BUFFER_LIST')!.fields.find(
  ({ name }) => name === 'NetBufferListInfo',
)!.count!
const slots = (...names: readonly string[]): readonly number[] => [...new Set(names.map((name) => constant(name)))]

/** What DDI ndiscopysendnetbufferlistinfo and ndiscopyreceivenetbufferlistinfo list (VirtualSubnetInfo is 64-bit only). */
const SEND_INFO = slots(
  'TcpIpChecksumNetBufferListInfo', 'IPsecOffloadV1NetBufferListInfo', 'TcpLargeSendNetBufferListInfo',
  'Ieee8021QNetBufferListInfo', 'MediaSpecificInformation', 'NetBufferListCancelId', 'NetBufferListProtocolId',
  'IPsecOffloadV2TunnelNetBufferListInfo', 'IPsecOffloadV2HeaderNetBufferListInfo', 'NetBufferListFilteringInfo',
) // prettier-ignore
const RECEIVE_INFO = slots(
  'TcpIpChecksumNetBufferListInfo', 'IPsecOffloadV1NetBufferListInfo', 'TcpReceiveNoPush', 'Ieee8021QNetBufferListInfo',
  'MediaSpecificInformation', 'NetBufferListFrameType', 'NetBufferListHashValue', 'NetBufferListHashInfo',
  'IPsecOffloadV2TunnelNetBufferListInfo', 'IPsecOffloadV2HeaderNetBufferListInfo', 'NetBufferListFilteringInfo',
) // prettier-ignore

const CANCEL_ID = constant('NetBufferListCancelId')
const PROTOCOL_ID = constant('NetBufferListProtocolId')
const HASH_VALUE = constant('NetBufferListHashValue')
const HASH_INFO = constant('NetBufferListHashInfo')
const FILTERING_INFO = constant('NetBufferListFilteringInfo')
const RSC_INFO = constant('TcpRecvSegCoalesceInfo')
const HASH_FUNCTION_MASK = constant('NDIS_HASH_FUNCTION_MASK')
const HASH_TYPE_MASK = constant('NDIS_HASH_TYPE_MASK')
const PROTOCOL_ID_BYTE = 0xff

/** Out-of-band information, flags and identifiers of NET_BUFFER_LISTs. */
export function createNetBufferInfo(k: Kernel) {
  const { preempt } = k
  const { i32 } = k.space
  const wordOf = (list: number, slot: number): number => (list + NBL.NetBufferListInfo + 4 * slot) >> 2
  const get = (list: number, slot: number): number => i32[wordOf(list, slot)]! >>> 0
  const set = (list: number, slot: number, value: number): void => {
    i32[wordOf(list, slot)] = value
  }
  /** Part of a slot, as the macros that read it. */
  const reads =
    (slot: number, mask = 0xffff_ffff, shift = 0) =>
    (List: number) => {
      preempt()
      return ((get(List, slot) & mask) >>> shift) >>> 0
    }
  const writes =
    (slot: number, mask = 0xffff_ffff) =>
    (List: number, value: number): void => {
      set(List, slot, (get(List, slot) & ~mask) | (value & mask))
      preempt()
    }
  const copies =
    (which: readonly number[]) =>
    (Destination: number, Source: number): void => {
      for (const slot of which) set(Destination, slot, get(Source, slot))
      preempt()
    }
  const flagsOf = (list: number): number => i32[(list + NBL.NblFlags) >> 2]! >>> 0
  const setFlags = (list: number, flags: number): void => {
    i32[(list + NBL.NblFlags) >> 2] = flags
    preempt()
  }
  let partialCancelIds = 0

  const hash = {
    NET_BUFFER_LIST_GET_HASH_FUNCTION: reads(HASH_INFO, HASH_FUNCTION_MASK),
    NET_BUFFER_LIST_GET_HASH_TYPE: reads(HASH_INFO, HASH_TYPE_MASK),
    NET_BUFFER_LIST_GET_HASH_VALUE: reads(HASH_VALUE),
    NET_BUFFER_LIST_SET_HASH_FUNCTION: writes(HASH_INFO, HASH_FUNCTION_MASK),
    NET_BUFFER_LIST_SET_HASH_TYPE: writes(HASH_INFO, HASH_TYPE_MASK),
    NET_BUFFER_LIST_SET_HASH_VALUE: writes(HASH_VALUE),
    NDIS_RSS_HASH_TYPE_FROM_HASH_INFO(HashInfo: number): number {
      preempt()
      return HashInfo & HASH_TYPE_MASK
    },
    NDIS_RSS_HASH_FUNC_FROM_HASH_INFO(HashInfo: number): number {
      preempt()
      return HashInfo & HASH_FUNCTION_MASK
    },
  }
  const flags = {
    NdisSetNblFlag: (List: number, F: number): void => setFlags(List, flagsOf(List) | F),
    NdisClearNblFlag: (List: number, F: number): void => setFlags(List, flagsOf(List) & ~F),
    NdisTestNblFlag(List: number, F: number): number {
      preempt()
      return (flagsOf(List) & F) !== 0 ? 1 : 0
    },
    NdisTestNblFlags(List: number, F: number): number {
      preempt()
      return (flagsOf(List) & F) >>> 0 === F >>> 0 ? 1 : 0
    },
  }
  return {
    ...hash,
    ...flags,
    NET_BUFFER_LIST_INFO(List: number, Id: number): number {
      preempt()
      return Id >>> 0 < INFO_SLOTS ? get(List, Id >>> 0) : 0
    },
    NdisCopySendNetBufferListInfo: copies(SEND_INFO),
    NdisCopyReceiveNetBufferListInfo: copies(RECEIVE_INFO),
    NDIS_GET_NET_BUFFER_LIST_CANCEL_ID: reads(CANCEL_ID),
    NDIS_SET_NET_BUFFER_LIST_CANCEL_ID: writes(CANCEL_ID),
    /** DDI ndisgeneratepartialcancelid: the high-order byte of cancel identifiers; each call gives another, 256 of them. */
    NdisGeneratePartialCancelId(): number {
      preempt()
      return partialCancelIds++ & 0xff
    },
    NdisGetNetBufferListProtocolId: reads(PROTOCOL_ID, PROTOCOL_ID_BYTE),
    NdisSetNetBufferListProtocolId: writes(PROTOCOL_ID, PROTOCOL_ID_BYTE),
    NET_BUFFER_LIST_RECEIVE_FILTER_ID: reads(FILTERING_INFO, 0xffff),
    NET_BUFFER_LIST_RECEIVE_QUEUE_ID: reads(FILTERING_INFO, 0xffff_0000, 16),
    NET_BUFFER_LIST_RECEIVE_FILTER_VPORT_ID: reads(FILTERING_INFO, 0xffff_0000, 16),
    NET_BUFFER_LIST_COALESCED_SEG_COUNT: reads(RSC_INFO, 0xffff),
    NET_BUFFER_LIST_DUP_ACK_COUNT: reads(RSC_INFO, 0xffff_0000, 16),
  }
}
