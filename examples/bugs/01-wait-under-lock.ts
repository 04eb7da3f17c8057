/**
 * BUG: a wait under a spin lock
 *
 * MiniportHalt waits until its queue is empty, and still holds the lock of that queue. As long as the queue is empty already it
 * seems to work; when it is not, the DPC that would empty it spins for the lock and both stand still. Release the lock, then wait.
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
  // Wrong: whoever would empty the queue needs the lock.
  NdisWaitEvent(Empty, 0) // <- here
  NdisReleaseSpinLock(Lock)
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(Lock)
  NdisInitializeEvent(Empty)
  NdisSetEvent(Empty)
  return miniport6(DriverObject, RegistryPath, { halt: waitForQueue, unload: () => NdisFreeSpinLock(Lock) })
}
