/**
 * Mended: a wait under a spin lock
 *
 * The lock is released before the wait.
 */
import {
  NDIS_EVENT,
  NDIS_SPIN_LOCK,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisFreeSpinLock,
  NdisInitializeEvent,
  NdisReleaseSpinLock,
  NdisSetEvent,
  NdisWaitEvent,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'

const Lock = storage(NDIS_SPIN_LOCK)
/** Set while nothing is in the queue. */
const Empty = storage(NDIS_EVENT)

function waitForQueue(): void {
  NdisAcquireSpinLock(Lock)
  NdisReleaseSpinLock(Lock)
  NdisWaitEvent(Empty, 0)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  NdisInitializeEvent(Empty)
  NdisSetEvent(Empty)
  return miniport6(DriverObject, RegistryPath, { halt: waitForQueue, unload: () => NdisFreeSpinLock(Lock) })
}
