/**
 * Mended: freed by two, now and then
 *
 * Whoever takes the pointer has cleared it under the spin lock before anybody else can look.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NDIS_WORK_ITEM,
  NdisAcquireSpinLock,
  NdisAllocateMemoryWithTag,
  NdisAllocateSpinLock,
  NdisFreeMemory,
  NdisFreeSpinLock,
  NdisInitializeWorkItem,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSetTimer,
  NdisReleaseSpinLock,
  NdisScheduleWorkItem,
  out,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'
import { miniport5 } from './parts/miniport5'

const Timer = storage(NDIS_MINIPORT_TIMER)
const WorkItem = storage(NDIS_WORK_ITEM)
const Lock = storage(NDIS_SPIN_LOCK)
const CACHE_BYTES = 256
const TAG = 0x68636143 // 'Cach'
const IDLE_MS = 1
let cache = 0

function dropCache(): void {
  NdisAcquireSpinLock(Lock)
  const mine = cache
  cache = 0
  NdisReleaseSpinLock(Lock)
  if (mine === 0) return
  DbgPrint('the cache is dropped\n')
  NdisFreeMemory(mine, CACHE_BYTES, 0)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) {
      const Memory = out<PVOID>()
      const Status = NdisAllocateMemoryWithTag(Memory, CACHE_BYTES, TAG)
      if (Status !== NDIS_STATUS_SUCCESS) return Status
      cache = Memory.value
      NdisAllocateSpinLock(Lock)
      NdisMInitializeTimer(Timer, Adapter, dropCache, 0)
      NdisMSetTimer(Timer, IDLE_MS)
      NdisInitializeWorkItem(WorkItem, dropCache, 0)
      NdisScheduleWorkItem(WorkItem)
    },
    halt() {
      NdisMCancelTimer(Timer, out())
      dropCache()
      NdisFreeSpinLock(Lock)
    },
  })
}
