/**
 * Mended: pageable code that holds a spin lock
 *
 * The pageable function runs before the lock is taken.
 */
import {
  DbgPrint,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisFreeSpinLock,
  NdisReleaseSpinLock,
  PAGED_CODE,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'

const Lock = storage(NDIS_SPIN_LOCK)

/** In the section PAGE. */
function readSettings(): void {
  PAGED_CODE()
  DbgPrint('settings are read\n')
}

function MiniportRestart(): NDIS_STATUS {
  readSettings()
  NdisAcquireSpinLock(Lock)
  NdisReleaseSpinLock(Lock)
  return NDIS_STATUS_SUCCESS
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  return miniport6(DriverObject, RegistryPath, {
    handlers: { RestartHandler: MiniportRestart },
    unload: () => NdisFreeSpinLock(Lock),
  })
}
