import { layout } from '../memory/layout'
import { constant } from './constants'
import { mdlSize, MOST_MDL_PAGES } from './mdl'
import { PAGE_SIZE } from './packet-layout'

/** Offsets of what allocation writes into a NET_BUFFER and a NET_BUFFER_LIST, in bytes. */
export const NET_BUFFER = layout(
  'NET_BUFFER',
  'Next', 'DataLength', 'MdlChain', 'DataOffset', 'CurrentMdl', 'CurrentMdlOffset', 'NdisPoolHandle', 'NdisReserved',
) // prettier-ignore
export const NET_BUFFER_LIST = layout(
  'NET_BUFFER_LIST',
  'Next', 'FirstNetBuffer', 'Context', 'ParentNetBufferList', 'NdisPoolHandle', 'NdisReserved', 'ChildRefCount',
) // prettier-ignore
export const CONTEXT = layout('NET_BUFFER_LIST_CONTEXT', 'Next', 'Size', 'Offset', 'ContextData')
export const POOL_PARAMETERS = layout('NET_BUFFER_POOL_PARAMETERS', 'PoolTag', 'DataSize')
export const LIST_POOL_PARAMETERS = layout(
  'NET_BUFFER_LIST_POOL_PARAMETERS',
  'ProtocolId', 'fAllocateNetBuffer', 'ContextSize', 'PoolTag', 'DataSize',
) // prettier-ignore
export const OBJECT_HEADER = layout('NDIS_OBJECT_HEADER', 'Type', 'Revision', 'Size')

/** Sizes of contexts are multiples of this (DDI ndisallocatenetbufferlist). */
export const CONTEXT_ALIGNMENT = constant('MEMORY_ALLOCATION_ALIGNMENT')

const aligned = (bytes: number): number => (bytes + 7) & ~7
/** One MDL describes the data of a pool's NET_BUFFER. */
export const MOST_DATA_BYTES = (MOST_MDL_PAGES - 1) * PAGE_SIZE
/** Bytes of an MDL for data that begins anywhere in a page. */
export const dataMdlBytes = (dataSize: number): number => aligned(mdlSize(Math.ceil(dataSize / PAGE_SIZE) + 1))
/** Bytes of an MDL and the data behind it; 0 when there is no data. */
export const dataBytes = (dataSize: number): number => (dataSize === 0 ? 0 : dataMdlBytes(dataSize) + aligned(dataSize))

/** How a NET_BUFFER was allocated: bits of its SYS_DESCRIPTOR's state. */
export const NET_BUFFER_FORM = { PLAIN: 0, MDL_AND_DATA: 1 } as const
/** How a NET_BUFFER_LIST was allocated. It is freed by the function that goes with that. */
export const LIST_FORM = { PLAIN: 0, CLONE: 1, FRAGMENT: 2, REASSEMBLED: 3 } as const
