/**
 * BUG: pageable code that holds a spin lock
 *
 * A function of the pageable section takes a spin lock, and with it runs at DISPATCH_LEVEL. While its pages are in memory all is
 * well; on a machine short of memory it is IRQL_NOT_LESS_OR_EQUAL. Code that holds a spin lock belongs into nonpaged memory.
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
  PAGED_CODE() // <- here
  DbgPrint('settings are read\n')
}

function MiniportRestart(): NDIS_STATUS {
  NdisAcquireSpinLock(Lock)
  // Wrong: the lock raised the IRQL.
  readSettings()
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
