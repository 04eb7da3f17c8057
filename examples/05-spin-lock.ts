/**
 * Spin locks and what they do to the IRQL
 *
 * Acquiring raises the IRQL to DISPATCH_LEVEL and keeps the old one in the lock; releasing goes back to it. So locks are
 * released in the reverse order. Step through it and watch the IRQL in the status bar and the Locks panel.
 */
import {
  DbgPrint,
  KeGetCurrentIrql,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisDprAcquireSpinLock,
  NdisDprReleaseSpinLock,
  NdisFreeSpinLock,
  NdisReleaseSpinLock,
  storage,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PUNICODE_STRING,
} from 'ndis'

const SendLock = storage(NDIS_SPIN_LOCK)
const StatisticsLock = storage(NDIS_SPIN_LOCK)
let sent = 0

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(SendLock)
  NdisAllocateSpinLock(StatisticsLock)

  DbgPrint('before:      IRQL %d\n', KeGetCurrentIrql())
  NdisAcquireSpinLock(SendLock)
  DbgPrint('one lock:    IRQL %d\n', KeGetCurrentIrql())

  // The IRQL is DISPATCH_LEVEL already: the Dpr form saves the work of raising it. Dpr goes with Dpr, plain with plain.
  NdisDprAcquireSpinLock(StatisticsLock)
  sent++
  NdisDprReleaseSpinLock(StatisticsLock)

  NdisReleaseSpinLock(SendLock)
  DbgPrint('after:       IRQL %d, %d sent\n', KeGetCurrentIrql(), sent)

  NdisFreeSpinLock(StatisticsLock)
  NdisFreeSpinLock(SendLock)
  return NDIS_STATUS_SUCCESS
}
