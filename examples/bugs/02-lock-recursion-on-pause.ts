/**
 * BUG: a spin lock taken twice on the pause path
 *
 * MiniportPause takes the lock of the send queue and calls a function that takes it as well. Spin locks do not nest: the
 * processor waits for itself. It is found on the first machine that goes to sleep. Let the caller's lock do for both.
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
  // Wrong: MiniportPause holds it already.
  NdisAcquireSpinLock(QueueLock) // <- here
  queued = 0
  NdisReleaseSpinLock(QueueLock)
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
