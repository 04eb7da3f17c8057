/**
 * BUG: a packet written to after it was freed
 *
 * The pointer is still in a variable, so it still gets used. On a real machine the next owner of the descriptor suffers;
 * here the run stops at nothing and reports DV:SpecialPoolUseAfterFree with who allocated and who freed the packet.
 */
import {
  NDIS_PACKET,
  NDIS_STATUS_SUCCESS,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisFreePacket,
  NdisFreePacketPool,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
} from 'ndis'

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  const Status = out<NDIS_STATUS>()
  const Pool = out<NDIS_HANDLE>()
  const Packet = out<PNDIS_PACKET>()

  NdisAllocatePacketPool(Status, Pool, 2, 16)
  NdisAllocatePacket(Status, Packet, Pool.value)
  const packet = NDIS_PACKET.at(Packet.value)

  NdisFreePacket(Packet.value)

  // Wrong: the packet belongs to the pool again.
  packet.Private.TotalLength = 1514

  NdisFreePacketPool(Pool.value)
  return NDIS_STATUS_SUCCESS
}
