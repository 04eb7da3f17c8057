import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { MachineOptions } from '../machine'
import { NDIS_STATUS_PENDING } from '../ndis/status'
import { cell, createGuest } from '../test-guest'

const ADAPTER = 0x1234

/** One packet that is ready for indication, from a pool with the given ProtocolReservedLength. */
function setUp(reserved = 16, options: MachineOptions = {}) {
  const guest = createGuest(options)
  const { kernel, receive5 } = guest.machine
  receive5.attach(ADAPTER, { context: 0, returnPacket: () => undefined, deserialized: false })
  const [status, pool, packet] = [cell(), cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, pool, 4, reserved)
  guest.call('NdisAllocatePacket', status, packet, pool.value)
  const data = guest.memory(60)
  const buffer = guest.call('NdisAllocateMdl', 0, data, 60)
  guest.call('NdisChainBufferAtBack', packet.value, buffer)
  guest.call('NDIS_SET_PACKET_HEADER_SIZE', packet.value, 14)
  const array = guest.memory(8)
  kernel.space.w32(array, packet.value)
  kernel.space.w32(array + 4, packet.value)
  kernel.scheduler.raise(DISPATCH_LEVEL)
  return {
    guest,
    kernel,
    packet: packet.value,
    data,
    buffer,
    array,
    indicate: (count = 1, at = array) => guest.call('NdisMIndicateReceivePacket', ADAPTER, at, count),
  }
}

describe('a receive indication', () => {
  test('of a packet that is ready is right', () => {
    const { guest, indicate } = setUp()
    indicate()
    expect(guest.broken()).toEqual([])
  })

  test('needs a status of SUCCESS or RESOURCES, each time anew (PV ff558916)', () => {
    const { guest, indicate, packet } = setUp()
    guest.call('NDIS_SET_PACKET_STATUS', packet, NDIS_STATUS_PENDING)
    indicate()
    expect(guest.broken()).toEqual(['ReceivePacketStatus'])
  })

  test.each([0, 61])('needs a header size that lies in the first buffer, not %i (PV ff557202)', (size) => {
    const { guest, indicate, packet } = setUp()
    guest.call('NDIS_SET_PACKET_HEADER_SIZE', packet, size)
    indicate()
    expect(guest.broken()).toEqual(['ReceiveHeaderSize'])
  })

  test('needs data', () => {
    const { guest, indicate, packet } = setUp()
    guest.call('NdisUnchainBufferAtFront', packet, cell())
    indicate()
    expect(guest.broken()).toEqual(['ReceiveEmptyPacket'])
  })

  test('needs data that is live', () => {
    const { guest, indicate, data } = setUp()
    guest.call('NdisFreeMemory', data, 60, 0)
    indicate()
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })

  test('needs counts that are right', () => {
    const { guest, indicate, packet, buffer } = setUp()
    guest.call('NdisQueryPacketLength', packet, cell())
    guest.call('NdisAdjustMdlLength', buffer, 42)
    indicate()
    expect(guest.broken()).toEqual(['StalePacketCounts'])
  })

  test.each([
    ['nt', 8, ['ProtocolReservedLength']],
    ['nt', 16, []],
    ['nt', 32, []],
    ['ce', 8, ['ProtocolReservedLength']],
    ['ce', 16, []],
    ['ce', 32, ['ProtocolReservedLength']],
  ] as const)('on %s from a pool that reserves %i bytes breaks %j (CE ms920742)', (platform, reserved, rules) => {
    const { guest, indicate } = setUp(reserved, { platform })
    indicate()
    expect(guest.broken()).toEqual(rules)
  })

  test('of one packet twice in an array is PacketInUse', () => {
    const { guest, indicate } = setUp()
    indicate(2)
    expect(guest.broken()).toEqual(['PacketInUse'])
  })

  test('of a freed packet is refused', () => {
    const { guest, indicate, packet } = setUp()
    guest.call('NdisUnchainBufferAtFront', packet, cell())
    guest.call('NdisFreePacket', packet)
    indicate()
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })

  test('needs an adapter, and an array that is there', () => {
    const { guest, indicate, array } = setUp()
    guest.call('NdisMIndicateReceivePacket', 77, array, 1)
    indicate(1000)
    expect(guest.broken()).toEqual(['InvalidHandle', 'DV:SpecialPoolOverrun'])
  })
})
