/**
 * Mended: a spin lock taken twice on the pause path
 *
 * The function that empties the queue is called with the lock held, and takes none itself.
 */
import {
  DbgPrint,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisFreeSpinLock,
  NdisReleaseSpinLock,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'
import { miniport6 } from './parts/miniport6'

const QueueLock = storage(NDIS_SPIN_LOCK)
let queued = 0

function dropQueue(): void {
  queued = 0
}

function MiniportPause(): NDIS_STATUS {
  NdisAcquireSpinLock(QueueLock)
  dropQueue()
  NdisReleaseSpinLock(QueueLock)
  return NDIS_STATUS_SUCCESS
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(QueueLock)
  return miniport6(DriverObject, RegistryPath, {
    handlers: { PauseHandler: MiniportPause },
    halt: () => DbgPrint('%u lists are queued\n', queued),
    unload: () => NdisFreeSpinLock(QueueLock),
  })
}
