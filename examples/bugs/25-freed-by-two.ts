/**
 * BUG: freed by two, now and then
 *
 * A work item and a timer give back the same memory, whoever comes first. Between the look at the pointer and the free the other one
 * may have its turn, and the memory is freed twice. Almost every run goes well: `ndis-workbench run 25-freed-by-two.ts --explore 200`
 * finds the order that does not. Take the pointer and clear it under one spin lock.
 */
import {
  DbgPrint,
  NDIS_MINIPORT_TIMER,
  NDIS_STATUS_SUCCESS,
  NDIS_WORK_ITEM,
  NdisAllocateMemoryWithTag,
  NdisFreeMemory,
  NdisInitializeWorkItem,
  NdisMCancelTimer,
  NdisMInitializeTimer,
  NdisMSetTimer,
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
const CACHE_BYTES = 256
const TAG = 0x68636143 // 'Cach'
const IDLE_MS = 1
let cache = 0

function dropCache(): void {
  const mine = cache
  if (mine === 0) return
  DbgPrint('the cache is dropped\n')
  // Wrong: the other one may have freed it meanwhile.
  NdisFreeMemory(mine, CACHE_BYTES, 0) // <- here
  cache = 0
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport5(DriverObject, RegistryPath, {
    initialize(Adapter) {
      const Memory = out<PVOID>()
      const Status = NdisAllocateMemoryWithTag(Memory, CACHE_BYTES, TAG)
      if (Status !== NDIS_STATUS_SUCCESS) return Status
      cache = Memory.value
      NdisMInitializeTimer(Timer, Adapter, dropCache, 0)
      NdisMSetTimer(Timer, IDLE_MS)
      NdisInitializeWorkItem(WorkItem, dropCache, 0)
      NdisScheduleWorkItem(WorkItem)
    },
    halt() {
      NdisMCancelTimer(Timer, out())
      dropCache()
    },
  })
}
