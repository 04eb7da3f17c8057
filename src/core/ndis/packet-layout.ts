/** NDIS_PACKET and the areas behind it, 32-bit (PV ff557086; ndis.h). Offsets in bytes from the descriptor. */
export const PACKET = {
  PhysicalCount: 0,
  TotalLength: 4,
  Head: 8,
  Tail: 12,
  Pool: 16,
  Count: 20,
  Flags: 24,
  ValidCounts: 28,
  NdisPacketFlags: 29,
  NdisPacketOobOffset: 30,
  MiniportReserved: 32,
  Reserved: 48,
  ProtocolReserved: 56,
} as const

/** NDIS_PACKET_OOB_DATA, offsets from the OOB area. */
export const OOB = {
  TimeToSend: 0,
  TimeReceived: 8,
  HeaderSize: 16,
  SizeMediaSpecificInfo: 20,
  MediaSpecificInformation: 24,
  Status: 28,
  SIZE: 32,
} as const
/** NDIS_PACKET_EXTENSION follows the OOB area: twelve pointers. */
export const PACKET_EXTENSION_SIZE = 48
/** NdisPacketFlags bit: OOB and extension are there. */
export const PACKET_HAS_EXTENSION = 0x80
/** Offset of a slot of NDIS_PACKET_EXTENSION from the packet, given that of its OOB area. */
export const oobSlot = (oob: number, index: number): number => oob + OOB.SIZE + 4 * index
/** Protocols need this much of ProtocolReserved for receive indications: four pointers. */
export const MINIMUM_RECEIVE_RESERVED = 16

export const oobOffset = (protocolReserved: number): number => (PACKET.ProtocolReserved + protocolReserved + 7) & ~7
export const packetSize = (protocolReserved: number): number =>
  oobOffset(protocolReserved) + OOB.SIZE + PACKET_EXTENSION_SIZE

/** MDL, which NDIS_BUFFER is. */
export const MDL = {
  Next: 0,
  Size: 4,
  MdlFlags: 6,
  Process: 8,
  MappedSystemVa: 12,
  StartVa: 16,
  ByteCount: 20,
  ByteOffset: 24,
  /** The page array begins here. */
  SIZE: 28,
} as const
export const MDL_MAPPED_TO_SYSTEM_VA = 0x0001
export const MDL_SOURCE_IS_NONPAGED_POOL = 0x0004
export const MDL_PARTIAL = 0x0010
export const PAGE_SIZE = 4096
export const PAGE_SHIFT = 12

/** Pages that a range touches: ADDRESS_AND_SIZE_TO_SPAN_PAGES. */
export const spanPages = (address: number, length: number): number =>
  length === 0 ? 0 : (((address & (PAGE_SIZE - 1)) + length + PAGE_SIZE - 1) >>> PAGE_SHIFT) >>> 0
