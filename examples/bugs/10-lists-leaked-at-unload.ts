/**
 * BUG: NET_BUFFER_LISTs leaked at unload
 *
 * The lists that the driver kept for receives are never freed, and so its pool cannot be either. Nothing crashes: memory is
 * lost each time the driver is updated. Pool tags that grow with each restart of the adapter give it away. Free them at halt.
 */
import {
  NdisAllocateNetBufferList,
  NdisFreeNetBufferListPool,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNET_BUFFER_LIST,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'
import { listPool } from './parts/net-buffers'

let Pool: NDIS_HANDLE = 0
const free: PNET_BUFFER_LIST[] = []

function initialize(): void {
  Pool = listPool(1, 2048)
  for (let i = 0; i < 4; i++) free.push(NdisAllocateNetBufferList(Pool, 0, 0))
}

function halt(): void {
  // Wrong: what is in the list of free ones was allocated, too.
  free.length = 0
  NdisFreeNetBufferListPool(Pool) // <- here
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport6(DriverObject, RegistryPath, { initialize, halt })
}
