/**
 * BUG: a NonInterlocked packet freed through the wrong form
 *
 * Taken under the driver's own lock, given back under the lock of NDIS: two locks guard one free list. On two processors and
 * with enough traffic a packet is handed out twice. Use the NonInterlocked form for both, under the same lock.
 */
import {
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocateSpinLock,
  NdisDprAllocatePacketNonInterlocked,
  NdisDprFreePacket,
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
import { packetPool } from './parts/pools'

const PoolLock = storage(NDIS_SPIN_LOCK)

function sendOne(Pool: NDIS_HANDLE): void {
  const Status = out<NDIS_STATUS>()
  const Packet = out<PNDIS_PACKET>()
  NdisAcquireSpinLock(PoolLock)
  NdisDprAllocatePacketNonInterlocked(Status, Packet, Pool)
  // Wrong: NdisDprFreePacketNonInterlocked is the other half.
  NdisDprFreePacket(Packet.value) // <- here
  NdisReleaseSpinLock(PoolLock)
}

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  NdisAllocateSpinLock(PoolLock)
  const Pool = packetPool(4)
  sendOne(Pool)
  NdisFreePacketPool(Pool)
  NdisFreeSpinLock(PoolLock)
  return NDIS_STATUS_SUCCESS
}
