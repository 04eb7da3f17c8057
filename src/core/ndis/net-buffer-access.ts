import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'

const NB = layout(
  'NET_BUFFER',
  'Next', 'MdlChain', 'CurrentMdl', 'CurrentMdlOffset', 'DataLength', 'DataOffset', 'ChecksumBias', 'ProtocolReserved',
  'MiniportReserved', 'DataPhysicalAddress', 'SharedMemoryInfo',
) // prettier-ignore
const NBL = layout(
  'NET_BUFFER_LIST',
  'Next', 'FirstNetBuffer', 'Context', 'Flags', 'NblFlags', 'Status', 'ProtocolReserved', 'MiniportReserved',
) // prettier-ignore
const CONTEXT = layout('NET_BUFFER_LIST_CONTEXT', 'Size', 'Offset', 'ContextData')
const SHARED = layout(
  'NET_BUFFER_SHARED_MEMORY',
  'NextSharedMemorySegment', 'SharedMemoryFlags', 'SharedMemoryHandle', 'SharedMemoryOffset', 'SharedMemoryLength',
) // prettier-ignore

/**
 * The macros that name a member of a NET_BUFFER or NET_BUFFER_LIST (ndis/nblaccessors.h). In C such a macro can be
 * assigned to; here it reads, and a member is written through its view: NET_BUFFER_LIST.at(NBL).Next = x.
 */
export function createNetBufferAccess(k: Kernel) {
  const { preempt } = k
  const { i32 } = k.space
  // An address beyond memory reads as 0: the rules report it before.
  const word = (address: number): number => i32[address >> 2]! >>> 0
  const half = (address: number): number => (word(address & ~3) >>> ((address & 2) * 8)) & 0xffff

  const member = (offset: number) => (structure: number) => {
    preempt()
    return word(structure + offset)
  }
  const halfMember = (offset: number) => (structure: number) => {
    preempt()
    return half(structure + offset)
  }
  const signedMember = (offset: number) => (structure: number) => {
    preempt()
    return word(structure + offset) | 0
  }
  const area = (offset: number) => (structure: number) => {
    preempt()
    return (structure + offset) >>> 0
  }

  const netBuffer = {
    NET_BUFFER_NEXT_NB: member(NB.Next),
    NET_BUFFER_FIRST_MDL: member(NB.MdlChain),
    NET_BUFFER_CURRENT_MDL: member(NB.CurrentMdl),
    NET_BUFFER_CURRENT_MDL_OFFSET: member(NB.CurrentMdlOffset),
    NET_BUFFER_DATA_LENGTH: member(NB.DataLength),
    NET_BUFFER_DATA_OFFSET: member(NB.DataOffset),
    NET_BUFFER_CHECKSUM_BIAS: halfMember(NB.ChecksumBias),
    NET_BUFFER_PROTOCOL_RESERVED: area(NB.ProtocolReserved),
    NET_BUFFER_MINIPORT_RESERVED: area(NB.MiniportReserved),
    NET_BUFFER_DATA_PHYSICAL_ADDRESS(NB_: number): bigint {
      preempt()
      const at = NB_ + NB.DataPhysicalAddress
      return BigInt(word(at)) | (BigInt(word(at + 4)) << 32n)
    },
    NET_BUFFER_FIRST_SHARED_MEM_INFO: member(NB.SharedMemoryInfo),
    NET_BUFFER_SHARED_MEM_NEXT_SEGMENT: member(SHARED.NextSharedMemorySegment),
    NET_BUFFER_SHARED_MEM_FLAGS: member(SHARED.SharedMemoryFlags),
    NET_BUFFER_SHARED_MEM_HANDLE: member(SHARED.SharedMemoryHandle),
    NET_BUFFER_SHARED_MEM_OFFSET: member(SHARED.SharedMemoryOffset),
    NET_BUFFER_SHARED_MEM_LENGTH: member(SHARED.SharedMemoryLength),
  }
  const netBufferList = {
    NET_BUFFER_LIST_NEXT_NBL: member(NBL.Next),
    NET_BUFFER_LIST_FIRST_NB: member(NBL.FirstNetBuffer),
    NET_BUFFER_LIST_FLAGS: member(NBL.Flags),
    NET_BUFFER_LIST_NBL_FLAGS: member(NBL.NblFlags),
    NET_BUFFER_LIST_STATUS: signedMember(NBL.Status),
    NET_BUFFER_LIST_PROTOCOL_RESERVED: area(NBL.ProtocolReserved),
    NET_BUFFER_LIST_MINIPORT_RESERVED: area(NBL.MiniportReserved),
    /** DDI net_buffer_list_context_data_start: the used part is behind the first Offset bytes of the newest area. */
    NET_BUFFER_LIST_CONTEXT_DATA_START(List: number): number {
      preempt()
      const context = word(List + NBL.Context)
      return (context + CONTEXT.ContextData + half(context + CONTEXT.Offset)) >>> 0
    },
    NET_BUFFER_LIST_CONTEXT_DATA_SIZE(List: number): number {
      preempt()
      const context = word(List + NBL.Context)
      return (half(context + CONTEXT.Size) - half(context + CONTEXT.Offset)) & 0xffff
    },
  }
  return { ...netBuffer, ...netBufferList }
}
