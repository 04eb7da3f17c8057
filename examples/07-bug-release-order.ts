/**
 * BUG: spin locks released out of order
 *
 * Each lock keeps the IRQL from before it was taken. Releasing the first one first drops the IRQL to PASSIVE_LEVEL while
 * the second lock is still held, and releasing the second then leaves the driver at DISPATCH_LEVEL for good. The printed
 * IRQLs show it; the run reports DV:LockReleaseOrder at the first release.
 */
import {
  DbgPrint,
  KeGetCurrentIrql,
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

const LockA = storage(NDIS_SPIN_LOCK)
const LockB = storage(NDIS_SPIN_LOCK)

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(LockA)
  NdisAllocateSpinLock(LockB)

  NdisAcquireSpinLock(LockA) // A keeps PASSIVE_LEVEL
  NdisAcquireSpinLock(LockB) // B keeps DISPATCH_LEVEL
  DbgPrint('both held:       IRQL %d\n', KeGetCurrentIrql())

  // Wrong: B has to go first.
  NdisReleaseSpinLock(LockA)
  DbgPrint('B is still held: IRQL %d\n', KeGetCurrentIrql())
  NdisReleaseSpinLock(LockB)
  DbgPrint('none is held:    IRQL %d\n', KeGetCurrentIrql())

  NdisFreeSpinLock(LockB)
  NdisFreeSpinLock(LockA)
  return NDIS_STATUS_SUCCESS
}
