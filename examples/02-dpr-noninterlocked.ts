/**
 * Packets without NDIS's own lock
 *
 * The NonInterlocked calls are the fastest form: NDIS does not guard the pool, the driver's spin lock does, and everything
 * runs at DISPATCH_LEVEL. Try it: in the Breakpoints panel add a call breakpoint on NdisDprAllocatePacketNonInterlocked and
 * watch the IRQL in the status bar.
 */
import {
  bytes,
  DbgPrint,
  NDIS_PACKET,
  NDIS_SPIN_LOCK,
  NDIS_STATUS_SUCCESS,
  NdisAcquireSpinLock,
  NdisAllocatePacketPool,
  NdisAllocateSpinLock,
  NdisDprAllocatePacketNonInterlocked,
  NdisDprFreePacketNonInterlocked,
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

/** What C would declare static: zeroed nonpaged memory of the driver image. A lock must live in such memory. */
const PoolLock = storage(NDIS_SPIN_LOCK)

const GREETING = [0x4e, 0x44, 0x49, 0x53] // 'NDIS'

function takePackets(Pool: NDIS_HANDLE, count: number): PNDIS_PACKET[] {
  const Status = out<NDIS_STATUS>()
  const Packet = out<PNDIS_PACKET>()
  const taken: PNDIS_PACKET[] = []

  // Acquiring the lock raises the IRQL to DISPATCH_LEVEL, as the NonInterlocked calls demand.
  NdisAcquireSpinLock(PoolLock)
  for (let i = 0; i < count; i++) {
    NdisDprAllocatePacketNonInterlocked(Status, Packet, Pool)
    if (Status.value !== NDIS_STATUS_SUCCESS) break
    const packet = NDIS_PACKET.at(Packet.value)
    packet.ProtocolReserved[0] = i
    // Find these four bytes in the Memory panel: NDIS spells itself out behind the header.
    bytes(Packet.value + 60, 4).set(GREETING)
    taken.push(Packet.value)
  }
  NdisReleaseSpinLock(PoolLock)
  return taken
}

function givePacketsBack(packets: readonly PNDIS_PACKET[]): void {
  NdisAcquireSpinLock(PoolLock)
  // What NonInterlocked allocated only NonInterlocked may free, under the same lock.
  for (const packet of packets) NdisDprFreePacketNonInterlocked(packet)
  NdisReleaseSpinLock(PoolLock)
}

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  const Pool = out<NDIS_HANDLE>()

  NdisAllocateSpinLock(PoolLock)
  NdisAllocatePacketPool(Status, Pool, 16, 16)
  if (Status.value !== NDIS_STATUS_SUCCESS) return Status.value

  const packets = takePackets(Pool.value, 4)
  DbgPrint('took %d packets, the first at %p\n', packets.length, packets[0]!)
  givePacketsBack(packets)

  NdisFreePacketPool(Pool.value)
  NdisFreeSpinLock(PoolLock)
  return NDIS_STATUS_SUCCESS
}
