/**
 * Mended: a wait under a spin lock
 *
 * The lock is released before the sleep.
 */
import {
  NDIS_SPIN_LOCK,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisFreeSpinLock,
  NdisMSleep,
  NdisReleaseSpinLock,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'

const Lock = storage(NDIS_SPIN_LOCK)

function waitForQueue(): void {
  NdisAcquireSpinLock(Lock)
  NdisReleaseSpinLock(Lock)
  NdisMSleep(1000)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  return miniport6(DriverObject, RegistryPath, { halt: waitForQueue, unload: () => NdisFreeSpinLock(Lock) })
}
