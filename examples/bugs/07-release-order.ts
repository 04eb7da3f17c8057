/**
 * BUG: spin locks released out of order
 *
 * Two locks, the first one released first: the IRQL falls to what it was before the first lock while the second is still held.
 * A checked build and this workbench notice; a free build loses a DPC now and then. Release them last taken, first released.
 */
import {
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

const SendLock = storage(NDIS_SPIN_LOCK)
const StatisticsLock = storage(NDIS_SPIN_LOCK)

function MiniportRestart(): NDIS_STATUS {
  NdisAcquireSpinLock(SendLock)
  NdisAcquireSpinLock(StatisticsLock)
  // Wrong: StatisticsLock goes first.
  NdisReleaseSpinLock(SendLock) // <- here
  NdisReleaseSpinLock(StatisticsLock)
  return NDIS_STATUS_SUCCESS
}

export function DriverEntry(DriverObject: PDRIVER_OBJECT, RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  for (const Lock of [SendLock, StatisticsLock]) NdisAllocateSpinLock(Lock)
  return miniport6(DriverObject, RegistryPath, {
    handlers: { RestartHandler: MiniportRestart },
    unload() {
      for (const Lock of [SendLock, StatisticsLock]) NdisFreeSpinLock(Lock)
    },
  })
}
