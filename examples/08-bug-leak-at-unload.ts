/**
 * BUG: descriptors leaked at unload
 *
 * An error path returns early and forgets the packet and the pool. Nothing crashes; the machine just has less memory each
 * time the driver is loaded. The run reports DV:LeakAtUnload for each line that allocated what is lost.
 */
import {
  DbgPrint,
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_SUCCESS,
  NdisAllocateMemoryWithTag,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisFreeMemory,
  NdisFreePacket,
  NdisFreePacketPool,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
  type PVOID,
} from 'ndis'

const TAG = 0x6b61654c // 'Leak'
/** Imagine that this was read from a card that answered nonsense. */
const MAXIMUM_FRAME = 0

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  const Pool = out<NDIS_HANDLE>()
  const Packet = out<PNDIS_PACKET>()
  const Scratch = out<PVOID>()

  NdisAllocateMemoryWithTag(Scratch, 256, TAG)
  NdisAllocatePacketPool(Status, Pool, 4, 16)
  NdisAllocatePacket(Status, Packet, Pool.value)

  if (MAXIMUM_FRAME < 64) {
    DbgPrint('the card says %d, giving up\n', MAXIMUM_FRAME)
    // Wrong: the scratch memory is remembered, the packet and the pool are not.
    NdisFreeMemory(Scratch.value, 256, 0)
    return NDIS_STATUS_FAILURE
  }

  NdisFreePacket(Packet.value)
  NdisFreePacketPool(Pool.value)
  NdisFreeMemory(Scratch.value, 256, 0)
  return NDIS_STATUS_SUCCESS
}
