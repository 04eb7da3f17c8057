// NET_BUFFER and NET_BUFFER_LIST pools, where a driver is about something else than how to get them.
import {
  NDIS_OBJECT_TYPE_DEFAULT,
  NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1,
  NdisAllocateNetBufferListPool,
  NdisAllocateNetBufferPool,
  NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
  NET_BUFFER_POOL_PARAMETERS_REVISION_1,
  type NDIS_HANDLE,
} from 'ndis'

const TAG = 0x73677542 // 'Bugs'

export function netBufferPool(DataSize: number): NDIS_HANDLE {
  return NdisAllocateNetBufferPool(0, {
    Header: {
      Type: NDIS_OBJECT_TYPE_DEFAULT,
      Revision: NET_BUFFER_POOL_PARAMETERS_REVISION_1,
      Size: NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1,
    },
    PoolTag: TAG,
    DataSize,
  })
}

export function listPool(fAllocateNetBuffer: number, DataSize: number, ContextSize = 0): NDIS_HANDLE {
  return NdisAllocateNetBufferListPool(0, {
    Header: {
      Type: NDIS_OBJECT_TYPE_DEFAULT,
      Revision: NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
      Size: NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
    },
    fAllocateNetBuffer,
    PoolTag: TAG,
    DataSize,
    ContextSize,
  })
}
