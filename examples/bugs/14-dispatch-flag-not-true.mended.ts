/**
 * Mended: a dispatch flag that is not true
 *
 * No flag says what is not so.
 */
import {
  NDIS_STATUS_SUCCESS,
  NET_BUFFER_LIST,
  NdisAllocateNetBufferList,
  NdisFreeNetBufferList,
  NdisFreeNetBufferListPool,
  NdisMIndicateReceiveNetBufferLists,
  NdisRetreatNetBufferDataStart,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNET_BUFFER_LIST,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'
import { listPool } from './parts/net-buffers'

let Adapter: NDIS_HANDLE = 0
let Pool: NDIS_HANDLE = 0

/** Runs at PASSIVE_LEVEL: a frame that came while the adapter was paused goes up now. */
function MiniportRestart(): NDIS_STATUS {
  const List = NdisAllocateNetBufferList(Pool, 0, 0)
  const list = NET_BUFFER_LIST.at(List)
  list.SourceHandle = Adapter
  NdisRetreatNetBufferDataStart(list.FirstNetBuffer, 60, 0, 0)
  NdisMIndicateReceiveNetBufferLists(Adapter, List, 0, 1, 0)
  return NDIS_STATUS_SUCCESS
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport6(DriverObject, RegistryPath, {
    initialize(MiniportAdapterHandle) {
      Adapter = MiniportAdapterHandle
      Pool = listPool(1, 256)
    },
    halt: () => NdisFreeNetBufferListPool(Pool),
    handlers: {
      RestartHandler: MiniportRestart,
      ReturnNetBufferListsHandler: (_Context: NDIS_HANDLE, List: PNET_BUFFER_LIST) => NdisFreeNetBufferList(List),
    },
  })
}
