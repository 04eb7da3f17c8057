/**
 * BUG: a wait under a spin lock
 *
 * MiniportHalt sleeps until its queue is empty, and still holds the lock of that queue. On one processor it seems to work; on
 * two, the DPC that would empty the queue spins for the lock and both stand still. Release the lock, then sleep.
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
  // Wrong: whoever would empty the queue needs the lock.
  NdisMSleep(1000) // <- here
  NdisReleaseSpinLock(Lock)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  return miniport6(DriverObject, RegistryPath, { halt: waitForQueue, unload: () => NdisFreeSpinLock(Lock) })
}
