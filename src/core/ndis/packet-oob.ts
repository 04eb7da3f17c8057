import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { SYS_POOL } from '../memory/records'
import type { DescriptorPools } from './descriptor-pool'
import { OOB, PACKET, PACKET_EXTENSION_SIZE, PACKET_HAS_EXTENSION, packetSize } from './packet-layout'

/** NdisPacketFlags bit: the media-specific members of the OOB data hold something (ndis.h). */
const CONTAINS_MEDIA_SPECIFIC_INFO = 0x40
/** The low bits of the packet flags say which protocol a packet belongs to (ndis.h). */
const PROTOCOL_ID_MASK = 0x0f
/** Slots of NDIS_PACKET_EXTENSION, as NDIS_PER_PACKET_INFO names them. */
const ORIGINAL_PACKET_INFO = 7
const PACKET_CANCEL_ID = 8
const PACKET_INFO_SLOTS = PACKET_EXTENSION_SIZE / 4

/** A 64-bit value as drivers give it. What is no number at all counts as 0. */
const as64 = (value: number | bigint): bigint =>
  typeof value === 'bigint' ? value : Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n

/**
 * Out-of-band data, per-packet information, flags and pool of a packet (NT4 204trnsf_3, PV ff557093, ff543984). Packets
 * that NDIS did not allocate have neither OOB data nor an extension, as NdisPacketFlags says.
 */
export function createPacketOob(k: Kernel, pools: DescriptorPools) {
  const { preempt } = k
  const { i32, u8, r16, r32, r64, w8, w32, w64 } = k.space
  const { put32 } = k.cells

  const oob = (packet: number): number => packet + r16(packet + PACKET.NdisPacketOobOffset)
  const slot = (packet: number, index: number): number => oob(packet) + OOB.SIZE + 4 * index
  const has = (packet: number, flag: number): boolean => (u8[packet + PACKET.NdisPacketFlags]! & flag) !== 0
  const flagsOf = (packet: number): number => i32[(packet + PACKET.Flags) >> 2]! >>> 0
  const get32 = (offset: number) => (Packet: number) => {
    preempt()
    return r32(oob(Packet) + offset)
  }
  const set32 = (offset: number) => (Packet: number, value: number) => {
    w32(oob(Packet) + offset, value)
    preempt()
  }
  const get64 = (offset: number) => (Packet: number) => {
    preempt()
    return r64(oob(Packet) + offset)
  }
  const set64 = (offset: number) => (Packet: number, value: number | bigint) => {
    w64(oob(Packet) + offset, as64(value))
    preempt()
  }
  const getSlot = (index: number) => (Packet: number) => {
    preempt()
    return has(Packet, PACKET_HAS_EXTENSION) ? r32(slot(Packet, index)) : 0
  }
  const setSlot = (index: number) => (Packet: number, value: number) => {
    if (has(Packet, PACKET_HAS_EXTENSION)) w32(slot(Packet, index), value)
    preempt()
  }
  const setFlags = (packet: number, flags: number): void => {
    i32[(packet + PACKET.Flags) >> 2] = flags
    preempt()
  }
  const poolOf = (packet: number): number => i32[(packet + PACKET.Pool) >> 2]! >>> 0

  const outOfBand = {
    NDIS_OOB_DATA_FROM_PACKET(Packet: number): number {
      preempt()
      return oob(Packet)
    },
    NDIS_GET_PACKET_HEADER_SIZE: get32(OOB.HeaderSize),
    NDIS_SET_PACKET_HEADER_SIZE: set32(OOB.HeaderSize),
    NDIS_GET_PACKET_STATUS: (Packet: number): number => get32(OOB.Status)(Packet) | 0,
    NDIS_SET_PACKET_STATUS: set32(OOB.Status),
    NdisSetPacketStatus: (Packet: number, Status: number, _Handle: number, _Code: number): void =>
      set32(OOB.Status)(Packet, Status),
    // TimeToSend and TimeSent are one member under two names.
    NDIS_GET_PACKET_TIME_TO_SEND: get64(OOB.TimeToSend),
    NDIS_SET_PACKET_TIME_TO_SEND: set64(OOB.TimeToSend),
    NDIS_GET_PACKET_TIME_SENT: get64(OOB.TimeToSend),
    NDIS_SET_PACKET_TIME_SENT: set64(OOB.TimeToSend),
    NDIS_GET_PACKET_TIME_RECEIVED: get64(OOB.TimeReceived),
    NDIS_SET_PACKET_TIME_RECEIVED: set64(OOB.TimeReceived),
    NDIS_GET_PACKET_MEDIA_SPECIFIC_INFO(
      Packet: number,
      pMediaSpecificInfo: OutParam,
      pSizeMediaSpecificInfo: OutParam,
    ): void {
      preempt()
      const there = has(Packet, PACKET_HAS_EXTENSION) && has(Packet, CONTAINS_MEDIA_SPECIFIC_INFO)
      put32(pMediaSpecificInfo, there ? r32(oob(Packet) + OOB.MediaSpecificInformation) : 0)
      put32(pSizeMediaSpecificInfo, there ? r32(oob(Packet) + OOB.SizeMediaSpecificInfo) : 0)
    },
    NDIS_SET_PACKET_MEDIA_SPECIFIC_INFO(
      Packet: number,
      MediaSpecificInfo: number,
      SizeMediaSpecificInfo: number,
    ): void {
      if (has(Packet, PACKET_HAS_EXTENSION)) {
        w8(Packet + PACKET.NdisPacketFlags, u8[Packet + PACKET.NdisPacketFlags]! | CONTAINS_MEDIA_SPECIFIC_INFO)
        w32(oob(Packet) + OOB.MediaSpecificInformation, MediaSpecificInfo)
        w32(oob(Packet) + OOB.SizeMediaSpecificInfo, SizeMediaSpecificInfo)
      }
      preempt()
    },
  }
  const perPacketInfo = {
    NDIS_PACKET_EXTENSION_FROM_PACKET(Packet: number): number {
      preempt()
      return slot(Packet, 0)
    },
    NDIS_PER_PACKET_INFO_FROM_PACKET(Packet: number, InfoType: number): number {
      preempt()
      return InfoType >= 0 && InfoType < PACKET_INFO_SLOTS ? r32(slot(Packet, InfoType)) : 0
    },
    NDIS_GET_ORIGINAL_PACKET: getSlot(ORIGINAL_PACKET_INFO),
    NDIS_SET_ORIGINAL_PACKET: setSlot(ORIGINAL_PACKET_INFO),
    NDIS_GET_PACKET_CANCEL_ID: getSlot(PACKET_CANCEL_ID),
    NDIS_SET_PACKET_CANCEL_ID: setSlot(PACKET_CANCEL_ID),
    NdisGetPacketCancelId: getSlot(PACKET_CANCEL_ID),
    NdisSetPacketCancelId: setSlot(PACKET_CANCEL_ID),
  }
  return {
    ...outOfBand,
    ...perPacketInfo,
    NdisGetPacketFlags(Packet: number): number {
      preempt()
      return flagsOf(Packet)
    },
    NdisSetPacketFlags: (Packet: number, Flags: number): void => setFlags(Packet, flagsOf(Packet) | Flags),
    NdisClearPacketFlags: (Packet: number, Flags: number): void => setFlags(Packet, flagsOf(Packet) & ~Flags),
    NdisSetSendFlags: (Packet: number, Flags: number): void => setFlags(Packet, Flags),
    NdisQuerySendFlags(Packet: number, Flags: OutParam): void {
      preempt()
      put32(Flags, flagsOf(Packet))
    },
    NdisGetPoolFromPacket(Packet: number): number {
      preempt()
      return poolOf(Packet)
    },
    NdisSetPacketPoolProtocolId(PacketPoolHandle: number, ProtocolId: number): void {
      pools.set(PacketPoolHandle, SYS_POOL.ProtocolId, ProtocolId & PROTOCOL_ID_MASK)
      preempt()
    },
    /** The pool keeps the identifier for all of its packets, so that allocating one need not copy it. */
    NDIS_GET_PACKET_PROTOCOL_TYPE(Packet: number): number {
      preempt()
      return (flagsOf(Packet) | pools.get(poolOf(Packet), SYS_POOL.ProtocolId)) & PROTOCOL_ID_MASK
    },
    NdisPacketSize(ProtocolReservedSize: number): number {
      preempt()
      return packetSize(ProtocolReservedSize >>> 0)
    },
  }
}
