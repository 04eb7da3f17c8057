/**
 * A packet pool, used rightly
 *
 * Allocates a pool of packet descriptors, takes packets until the pool is exhausted, gives them back and frees the pool.
 * Try it: set a breakpoint on the line with NdisAllocatePacket, press F5, and watch "in use" in the Pools panel while you
 * step with F10.
 */
import {
  DbgPrint,
  NDIS_PACKET,
  NDIS_STATUS_SUCCESS,
  NdisAllocatePacket,
  NdisAllocatePacketPool,
  NdisFreePacket,
  NdisFreePacketPool,
  NdisPacketPoolUsage,
  out,
  type NDIS_HANDLE,
  type NDIS_STATUS,
  type PDRIVER_OBJECT,
  type PNDIS_PACKET,
  type PUNICODE_STRING,
} from 'ndis'

/** The pool's hard limit: so many packets can be out at one time. */
const DESCRIPTORS = 8
/** Bytes of each packet that are ours. Receive indications need at least four pointers. */
const PROTOCOL_RESERVED = 16

export function DriverEntry(_DriverObject: PDRIVER_OBJECT, _RegistryPath: PUNICODE_STRING): NDIS_STATUS {
  // In C these would be local variables whose addresses are passed; a cell is the same thing.
  const Status = out<NDIS_STATUS>()
  const Pool = out<NDIS_HANDLE>()

  NdisAllocatePacketPool(Status, Pool, DESCRIPTORS, PROTOCOL_RESERVED)
  if (Status.value !== NDIS_STATUS_SUCCESS) return Status.value

  const packets: PNDIS_PACKET[] = []
  for (;;) {
    const Packet = out<PNDIS_PACKET>()
    NdisAllocatePacket(Status, Packet, Pool.value)
    // NDIS_STATUS_RESOURCES: all descriptors are out. That is no error, a driver has to live with it.
    if (Status.value !== NDIS_STATUS_SUCCESS) break

    // The descriptor is ours now. ProtocolReserved is the part that belongs to whoever allocated the packet.
    NDIS_PACKET.at(Packet.value).ProtocolReserved[0] = packets.length
    packets.push(Packet.value)
  }
  DbgPrint('%d packets are out, the pool says %d\n', packets.length, NdisPacketPoolUsage(Pool.value))

  for (const packet of packets) NdisFreePacket(packet)
  DbgPrint('after freeing them the pool says %d\n', NdisPacketPoolUsage(Pool.value))

  // Only a pool whose packets are all back may be freed.
  NdisFreePacketPool(Pool.value)
  return NDIS_STATUS_SUCCESS
}
