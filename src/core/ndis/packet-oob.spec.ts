import { describe, expect, test } from 'vitest'
import { enumConstants } from '../ndis/constants/enum.table'
import { cell, createGuest } from '../test-guest'
import { OOB, oobOffset, PACKET, packetSize } from './packet-layout'
import { NDIS_STATUS_RESOURCES } from './status'

function setUp() {
  const guest = createGuest()
  const status = cell()
  const pool = cell()
  const packet = cell()
  guest.call('NdisAllocatePacketPool', status, pool, 2, 16)
  guest.call('NdisAllocatePacket', status, packet, pool.value)
  const { space } = guest.machine.kernel
  return { guest, space, pool: pool.value, packet: packet.value, oob: packet.value + oobOffset(16) }
}

describe('out-of-band data (NT4 204trnsf_3)', () => {
  test('lies where the packet says', () => {
    const { guest, packet, oob } = setUp()
    expect(guest.call('NDIS_OOB_DATA_FROM_PACKET', packet)).toBe(oob)
  })

  test('status is signed, whoever sets it (PV ff556997)', () => {
    const { guest, packet, oob, space } = setUp()
    guest.call('NDIS_SET_PACKET_STATUS', packet, NDIS_STATUS_RESOURCES)
    expect(guest.call('NDIS_GET_PACKET_STATUS', packet)).toBe(NDIS_STATUS_RESOURCES)
    expect(space.r32(oob + OOB.Status)).toBe(0xc000009a)
    guest.call('NdisSetPacketStatus', packet, 0x103, 0, 0)
    expect(guest.call('NDIS_GET_PACKET_STATUS', packet)).toBe(0x103)
  })

  test('header size (PV ff557202)', () => {
    const { guest, packet, oob, space } = setUp()
    guest.call('NDIS_SET_PACKET_HEADER_SIZE', packet, 14)
    expect(guest.call('NDIS_GET_PACKET_HEADER_SIZE', packet)).toBe(14)
    expect(space.r32(oob + OOB.HeaderSize)).toBe(14)
  })

  test('times have 64 bits, TimeToSend and TimeSent are one member', () => {
    const { guest, packet, oob, space } = setUp()
    guest.call('NDIS_SET_PACKET_TIME_TO_SEND', packet, 0x1234_5678_9abc_def0n)
    expect(guest.call64('NDIS_GET_PACKET_TIME_SENT', packet)).toBe(0x1234_5678_9abc_def0n)
    guest.call('NDIS_SET_PACKET_TIME_SENT', packet, 2 ** 40)
    expect(guest.call64('NDIS_GET_PACKET_TIME_TO_SEND', packet)).toBe(2n ** 40n)
    guest.call('NDIS_SET_PACKET_TIME_RECEIVED', packet, 7)
    expect(guest.call64('NDIS_GET_PACKET_TIME_RECEIVED', packet)).toBe(7n)
    expect([space.r64(oob), space.r64(oob + 8)]).toEqual([2n ** 40n, 7n])
  })

  test.each([Number.NaN, Infinity, 1.5])('a time of %s breaks nothing', (value) => {
    const { guest, packet } = setUp()
    guest.call('NDIS_SET_PACKET_TIME_TO_SEND', packet, value)
    expect(guest.call64('NDIS_GET_PACKET_TIME_TO_SEND', packet)).toBe(value === 1.5 ? 1n : 0n)
  })

  test('media-specific information is there once it was set', () => {
    const { guest, packet } = setUp()
    const [information, size] = [cell(), cell()]
    guest.call('NDIS_GET_PACKET_MEDIA_SPECIFIC_INFO', packet, information, size)
    expect([information.value, size.value]).toEqual([0, 0])
    guest.call('NDIS_SET_PACKET_MEDIA_SPECIFIC_INFO', packet, 0x20_0000, 24)
    guest.call('NDIS_GET_PACKET_MEDIA_SPECIFIC_INFO', packet, information, size)
    expect([information.value, size.value]).toEqual([0x20_0000, 24])
  })
})

describe('per-packet information (PV ff557093, ff543984)', () => {
  test('follows the out-of-band data, twelve pointers', () => {
    const { guest, packet, oob, space } = setUp()
    const extension = guest.call('NDIS_PACKET_EXTENSION_FROM_PACKET', packet)
    expect(extension).toBe(oob + OOB.SIZE)
    const slot = enumConstants['Ieee8021QInfo']!
    space.w32(extension + 4 * slot, 5)
    expect(guest.call('NDIS_PER_PACKET_INFO_FROM_PACKET', packet, slot)).toBe(5)
  })

  test('holds the original packet and the cancel identifier in their slots', () => {
    const { guest, packet } = setUp()
    expect(guest.call('NDIS_GET_ORIGINAL_PACKET', packet)).toBe(0)
    guest.call('NDIS_SET_ORIGINAL_PACKET', packet, 0x30_0000)
    guest.call('NdisSetPacketCancelId', packet, 0x77)
    expect(guest.call('NDIS_GET_ORIGINAL_PACKET', packet)).toBe(0x30_0000)
    expect(guest.call('NDIS_PER_PACKET_INFO_FROM_PACKET', packet, enumConstants['OriginalPacketInfo'])).toBe(0x30_0000)
    for (const name of ['NdisGetPacketCancelId', 'NDIS_GET_PACKET_CANCEL_ID'])
      expect(guest.call(name, packet)).toBe(0x77)
    guest.call('NDIS_SET_PACKET_CANCEL_ID', packet, 0x78)
    expect(guest.call('NdisGetPacketCancelId', packet)).toBe(0x78)
  })

  test('is not there for a packet that NDIS did not allocate', () => {
    const { guest, packet, space } = setUp()
    guest.call('NDIS_SET_ORIGINAL_PACKET', packet, 0x30_0000)
    space.w8(packet + PACKET.NdisPacketFlags, 0)
    expect(guest.call('NDIS_GET_ORIGINAL_PACKET', packet)).toBe(0)
    guest.call('NdisSetPacketCancelId', packet, 1)
    space.w8(packet + PACKET.NdisPacketFlags, 0x80)
    expect(guest.call('NdisGetPacketCancelId', packet)).toBe(0)
  })
})

describe('flags, pool and size', () => {
  test('flags are set and cleared bit by bit, send flags as a whole (PV)', () => {
    const { guest, packet, space } = setUp()
    guest.call('NdisSetPacketFlags', packet, 0x30)
    guest.call('NdisSetPacketFlags', packet, 0x8000_0001)
    guest.call('NdisClearPacketFlags', packet, 0x10)
    expect(guest.call('NdisGetPacketFlags', packet)).toBe(0x8000_0021)
    expect(space.r32(packet + PACKET.Flags)).toBe(0x8000_0021)
    guest.call('NdisSetSendFlags', packet, 4)
    const flags = cell()
    guest.call('NdisQuerySendFlags', packet, flags)
    expect(flags.value).toBe(4)
  })

  test('a packet knows its pool, and with it its protocol', () => {
    const { guest, packet, pool } = setUp()
    expect(guest.call('NdisGetPoolFromPacket', packet)).toBe(pool)
    expect(guest.call('NDIS_GET_PACKET_PROTOCOL_TYPE', packet)).toBe(0)
    guest.call('NdisSetPacketPoolProtocolId', pool, 2)
    expect(guest.call('NDIS_GET_PACKET_PROTOCOL_TYPE', packet)).toBe(2)
  })

  test('NdisPacketSize counts everything behind the descriptor', () => {
    const { guest } = setUp()
    expect(guest.call('NdisPacketSize', 16)).toBe(packetSize(16))
    expect(packetSize(16)).toBe(72 + 32 + 48)
  })
})
