/**
 * BUG: memory leaked on an error path of initialize
 *
 * The second allocation of MiniportInitializeEx fails and it returns at once: the block from before is lost, and again each
 * time somebody enables the adapter. One notices on servers that run for months. Each error path frees what came before it.
 */
import {
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
  NdisAllocateMemoryWithTagPriority,
  NdisFreeMemory,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'

const TAG = 0x6b61654c // 'Leak'
const CONTEXT_BYTES = 512
/** A ring larger than any machine has room for. */
const RING_BYTES = 0x4000_0000

function initialize(Adapter: NDIS_HANDLE): NDIS_STATUS {
  const Context = NdisAllocateMemoryWithTagPriority(Adapter, CONTEXT_BYTES, TAG, 0) // <- here
  if (Context === 0) return NDIS_STATUS_RESOURCES
  const Ring = NdisAllocateMemoryWithTagPriority(Adapter, RING_BYTES, TAG, 0)
  if (Ring === 0) {
    // Wrong: Context is forgotten.
    return NDIS_STATUS_RESOURCES
  }
  NdisFreeMemory(Ring, 0, 0)
  NdisFreeMemory(Context, 0, 0)
  return NDIS_STATUS_SUCCESS
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  return miniport6(DriverObject, RegistryPath, { initialize })
}
