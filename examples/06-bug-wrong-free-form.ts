/**
 * BUG: a NonInterlocked packet freed through the wrong form
 *
 * The packet was taken under the driver's own lock and is given back through NDIS's lock: two locks guard one free list, so
 * on two processors it breaks sooner or later. The run reports NonInterlockedPairing at the call that frees.
 */
import {
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocatePacketPool,
  NdisAllocateSpinLock,
  NdisDprAllocatePacketNonInterlocked,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisFreeSpinLock,
  NdisReleaseSpinLock,
  out,
  storage,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
} from 'ndis'

const PoolLock = storage(NDIS_SPIN_LOCK)

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  const Pool = out<NDIS_HANDLE>()
  const Packet = out<PNDIS_PACKET>()

  NdisAllocateSpinLock(PoolLock)
  NdisAllocatePacketPool(Status, Pool, 4, 16)

  NdisAcquireSpinLock(PoolLock)
  NdisDprAllocatePacketNonInterlocked(Status, Packet, Pool.value)
  NdisReleaseSpinLock(PoolLock)

  // Wrong: NdisDprFreePacketNonInterlocked under PoolLock is the only call that may free this packet.
  NdisFreePacket(Packet.value)

  NdisFreePacketPool(Pool.value)
  NdisFreeSpinLock(PoolLock)
  return NDIS_STATUS_SUCCESS
}
