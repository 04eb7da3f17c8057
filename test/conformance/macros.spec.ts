import { conform } from './conformance'

const LIST = `const Pool = listPool(1, 0), nbl = NdisAllocateNetBufferAndNetBufferList(Pool, 0, 0, 0, 0, 0)
const info = (id, value) => (ULONG.at(nbl + FIELD_OFFSET(NET_BUFFER_LIST, 'NetBufferListInfo') + 4 * id).value = value)`
const END = 'NdisFreeNetBufferList(nbl); NdisFreeNetBufferListPool(Pool)'

conform([
  {
    page: 'DDI net_buffer_list_receive_filter_id, net_buffer_list_coalesced_seg_count',
    cases: [
      {
        says: 'filter, queue and virtual port share a slot; so do counts of coalesced segments and duplicate ACKs',
        script: `${LIST}
info(NetBufferListFilteringInfo, 0x00070003); info(TcpRecvSegCoalesceInfo, 0x0002000c)
say(NET_BUFFER_LIST_RECEIVE_FILTER_ID(nbl), NET_BUFFER_LIST_RECEIVE_QUEUE_ID(nbl), NET_BUFFER_LIST_RECEIVE_FILTER_VPORT_ID(nbl))
say(NET_BUFFER_LIST_COALESCED_SEG_COUNT(nbl), NET_BUFFER_LIST_DUP_ACK_COUNT(nbl))
info(NetBufferListFilteringInfo, 0); info(TcpRecvSegCoalesceInfo, 0)
${END}`,
        output: ['3 7 7', '12 2'],
      },
    ],
  },
  {
    page: 'DDI net_buffer_shared_memory',
    cases: [
      {
        says: 'each macro reads its member',
        script: `const Shared = storage(NET_BUFFER_SHARED_MEMORY)
const words = [1, 2, 3, 4, 5]
words.forEach((word, at) => (ULONG.at(Shared + 4 * at).value = word))
say(NET_BUFFER_SHARED_MEM_NEXT_SEGMENT(Shared), NET_BUFFER_SHARED_MEM_FLAGS(Shared), NET_BUFFER_SHARED_MEM_HANDLE(Shared))
say(NET_BUFFER_SHARED_MEM_OFFSET(Shared), NET_BUFFER_SHARED_MEM_LENGTH(Shared))`,
        output: ['1 2 3', '4 5'],
      },
    ],
  },
  {
    page: 'DDI ndis_set_send_complete_flag, ndis_set_receive_flag',
    cases: [
      {
        says: 'a flag is added to those that are set',
        script: `const Flags = out(2)
NDIS_SET_SEND_COMPLETE_FLAG(Flags, 1); say(Flags.value)
NDIS_SET_RECEIVE_FLAG(Flags, 8); say(Flags.value, NDIS_TEST_SEND_FLAG(Flags.value, 8))`,
        output: ['3', '11 1'],
      },
    ],
  },
  {
    page: 'DDI ndis_nbl_add_media_specific_info_ex',
    cases: [
      {
        says: 'an information is found by its tag until it is removed',
        script: `${LIST}
const Info = storage(NDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX), Found = out(), view = NDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX.at(Info)
view.Header.Type = NDIS_OBJECT_TYPE_DEFAULT
view.Tag = 0x666e6f43
NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO_EX(nbl, Info)
NDIS_NBL_GET_MEDIA_SPECIFIC_INFO_EX(nbl, 0x666e6f43, Found); say(Found.value === Info)
NDIS_NBL_GET_MEDIA_SPECIFIC_INFO_EX(nbl, 1, Found); say(Found.value)
NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO_EX(nbl, Info)
NDIS_NBL_GET_MEDIA_SPECIFIC_INFO_EX(nbl, 0x666e6f43, Found); say(Found.value)
${END}`,
        output: ['true', '0', '0'],
      },
    ],
  },
  {
    page: 'WDM ExInterlockedInsertHeadList, ExInterlockedPushEntrySList',
    cases: [
      {
        says: 'the first one before is given back, NULL for an empty list; both ends take',
        script: `const Lock = storage(ULONG), Head = storage(LIST_ENTRY), a = storage(LIST_ENTRY), b = storage(LIST_ENTRY)
KeInitializeSpinLock(Lock)
NdisInitializeListHead(Head)
say(ExInterlockedInsertHeadList(Head, a, Lock), ExInterlockedInsertTailList(Head, b, Lock) === a)
say(ExInterlockedRemoveHeadList(Head, Lock) === a, ExInterlockedRemoveHeadList(Head, Lock) === b, ExInterlockedRemoveHeadList(Head, Lock))`,
        output: ['0 true', 'true true 0'],
      },
      {
        says: 'an SLIST: last in, first out',
        script: `const Lock = storage(ULONG), Head = storage(SLIST_HEADER), a = storage(SINGLE_LIST_ENTRY), b = storage(SINGLE_LIST_ENTRY)
KeInitializeSpinLock(Lock)
NdisInitializeSListHead(Head)
say(ExInterlockedPushEntrySList(Head, a, Lock), ExInterlockedPushEntrySList(Head, b, Lock) === a)
say(ExInterlockedPopEntrySList(Head, Lock) === b, ExInterlockedPopEntrySList(Head, Lock) === a, ExInterlockedPopEntrySList(Head, Lock))`,
        output: ['0 true', 'true true 0'],
      },
    ],
  },
  {
    page: 'PV NdisSetPeriodicTimer, NdisFlushBuffer',
    cases: [
      {
        says: 'a periodic timer of NDIS 5 comes until it is cancelled',
        script: `const Timer = storage(NDIS_TIMER), Cancelled = out()
NdisInitializeTimer(Timer, () => say('tick'), 0)
NdisSetPeriodicTimer(Timer, 10)
NdisMSleep(25000)
NdisCancelTimer(Timer, Cancelled); say(Cancelled.value)
NdisMSleep(25000)`,
        output: ['tick', 'tick', '1'],
      },
      {
        says: 'flushing a buffer changes nothing of it',
        script: `const Pool = bufferPool(1), data = memory(64), Length = out(), one = buffer(Pool, data, 64)
bytes(data, 64).fill(3)
NdisFlushBuffer(one, 1)
NdisQueryBuffer(one, out(), Length); say(Length.value, bytes(data, 64)[63])
NdisFreeBuffer(one); NdisFreeBufferPool(Pool); NdisFreeMemory(data, 64, 0)`,
        output: ['64 3'],
      },
    ],
  },
])
