/**
 * Mended: NET_BUFFER_LISTs leaked at unload
 *
 * MiniportHaltEx frees the lists, then their pool.
 */
import {
  NdisAllocateNetBufferList,
  NdisFreeNetBufferList,
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
  for (const List of free.splice(0)) NdisFreeNetBufferList(List)
  NdisFreeNetBufferListPool(Pool)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport6(DriverObject, RegistryPath, { initialize, halt })
}
