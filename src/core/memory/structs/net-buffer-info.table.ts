/** What the slots of NetBufferListInfo hold, and what they point at (NDIS 6). */
import { group, inline, ptr, struct, u16, u32, u8, union } from './field'
import type { StructTable } from './types'

export const netBufferInfoStructs: readonly StructTable[] = [
  struct('NDIS_NBL_MEDIA_SPECIFIC_INFORMATION', 16, ['PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION'], 'ndis.h', [
    ptr(0, 'NextEntry', 'PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION', { target: 'NDIS_NBL_MEDIA_SPECIFIC_INFORMATION', doc: 'next information of the list' }),
    u32(4, 'Tag', 'ULONG', { doc: 'what kind of information it is' }),
    u32(8, 'Size', 'ULONG', { doc: 'bytes of Data' }),
    u8(12, 'Data', 'UCHAR', { count: 1, doc: 'start of the data' }),
  ]),
  struct('NDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX', 16, ['PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX'], 'ndis.h', [
    inline(0, 'Header', 'NDIS_OBJECT_HEADER', 4),
    ptr(4, 'NextEntry', 'PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX', { target: 'NDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX', doc: 'next information of the list' }),
    u32(8, 'Tag', 'ULONG', { doc: 'what kind of information it is' }),
    ptr(12, 'Data', 'PVOID', { doc: 'the information' }),
  ]),
  union('NDIS_NET_BUFFER_LIST_FILTERING_INFO', 4, ['PNDIS_NET_BUFFER_LIST_FILTERING_INFO'], 'ndis.h', [
    group(0, 'FilteringInfo', 4, [
      u16(0, 'FilterId', 'USHORT', { doc: 'receive filter that matched' }),
      group(2, 'QueueVPortInfo', 2, [u16(0, 'QueueId', 'USHORT', { union: 1 }), u16(0, 'VPortId', 'USHORT', { union: 1 })]),
    ], { union: 1 }),
    ptr(0, 'Value', 'PVOID', { union: 1 }),
  ]),
  union('NDIS_RSC_NBL_INFO', 4, ['PNDIS_RSC_NBL_INFO'], 'ndis/nblrsc.h', [
    group(0, 'Info', 4, [
      u16(0, 'CoalescedSegCount', 'USHORT', { doc: 'TCP segments that were coalesced' }),
      u16(2, 'DupAckCount', 'USHORT', { doc: 'duplicate acknowledgements that were coalesced' }),
    ], { union: 1 }),
    ptr(0, 'Value', 'PVOID', { union: 1 }),
  ]),
]
