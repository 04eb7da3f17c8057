import { describe, expect, test } from 'vitest'
import { NDIS_STATUS_SUCCESS } from '../ndis/status'
import { PACKET } from '../ndis/packet-layout'
import { DISPATCH_LEVEL } from '../kernel/irql'
import { cell, createGuest } from '../test-guest'

function setUp(count = 2) {
  const guest = createGuest()
  const [status, pool] = [cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, pool, 4, 16)
  const take = (): number => {
    const packet = cell()
    guest.call('NdisAllocatePacket', status, packet, pool.value)
    return packet.value
  }
  const buffers = Array.from({ length: count }, () => guest.call('NdisAllocateMdl', 0, guest.memory(50), 50))
  const total = cell()
  return {
    guest,
    take,
    packet: take(),
    buffers: buffers as [number, number],
    space: guest.machine.kernel.space,
    mdls: guest.machine.mdls,
    total,
    query: (packet: number) => guest.call('NdisQueryPacket', packet, 0, 0, 0, total),
  }
}

describe('counts that are out of date (PV ff557102)', () => {
  test('are reported when a buffer was adjusted after a query', () => {
    const { guest, packet, buffers, query, total } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    query(packet)
    guest.call('NdisAdjustMdlLength', buffers[0], 20)
    query(packet)
    expect(total.value).toBe(50)
    expect(guest.broken()).toEqual(['StalePacketCounts'])
  })

  test('are reported when the chain was changed by hand', () => {
    const { guest, packet, buffers, query, mdls } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    query(packet)
    mdls.setNext(buffers[0], buffers[1])
    guest.call('NdisQueryPacketLength', packet, cell())
    expect(guest.broken()).toEqual(['StalePacketCounts'])
  })

  test('are right after NdisRecalculatePacketCounts', () => {
    const { guest, packet, buffers, query, total } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    query(packet)
    guest.call('NdisAdjustMdlLength', buffers[0], 20)
    guest.call('NdisRecalculatePacketCounts', packet)
    query(packet)
    expect(total.value).toBe(20)
    expect(guest.broken()).toEqual([])
  })
})

describe('chains', () => {
  test.each(['NdisChainBufferAtFront', 'NdisChainBufferAtBack'])('%s of a buffer that is there is refused', (name) => {
    const { guest, packet, buffers, query, total } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    guest.call(name, packet, buffers[0])
    query(packet)
    expect(total.value).toBe(50)
    expect(guest.broken()).toEqual(['BufferChainedTwice'])
  })

  test('a buffer in the chains of two packets is reported', () => {
    const { guest, packet, buffers, take } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    guest.call('NdisChainBufferAtBack', take(), buffers[0])
    expect(guest.broken()).toEqual(['BufferChainedTwice'])
  })

  test('a buffer may go from one packet to another', () => {
    const { guest, packet, buffers, take } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    guest.call('NdisUnchainBufferAtBack', packet, cell())
    guest.call('NdisChainBufferAtBack', take(), buffers[0])
    expect(guest.broken()).toEqual([])
  })

  test.each(['NdisQueryPacket', 'NdisUnchainBufferAtBack', 'NdisChainBufferAtBack'])(
    'that go in a circle are reported by %s, which is not carried out',
    (name) => {
      const { guest, packet, buffers, mdls } = setUp()
      guest.call('NdisChainBufferAtBack', packet, buffers[0])
      mdls.setNext(buffers[0], buffers[0])
      guest.call(name, packet, buffers[1], cell(), cell(), cell())
      expect(guest.broken()).toEqual(['BufferChainLoop'])
    },
  )

  test('that lead nowhere are reported', () => {
    const { guest, packet, buffers, mdls } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    mdls.setNext(buffers[0], buffers[0] + 2)
    guest.call('NdisQueryPacket', packet, 0, cell(), 0, 0)
    expect(guest.broken()).toEqual(['InvalidBuffer'])
  })

  test('of buffers that were freed are reported', () => {
    const { guest, packet, buffers, query } = setUp()
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    const [status, pool, buffer] = [cell(), cell(), cell()]
    guest.call('NdisAllocateBufferPool', status, pool, 1)
    guest.call('NdisAllocateBuffer', status, buffer, pool.value, guest.memory(8), 8)
    guest.call('NdisChainBufferAtBack', packet, buffer.value)
    guest.call('NdisFreeBuffer', buffer.value)
    query(packet)
    expect(guest.broken()).toEqual(['BufferFreedWhileChained', 'DV:SpecialPoolUseAfterFree'])
  })
})

describe('packets', () => {
  test.each(['NdisGetPacketFlags', 'NDIS_SET_PACKET_STATUS', 'NdisChainBufferAtBack', 'NdisQueryPacketLength'])(
    '%s of a packet that was freed is DV:SpecialPoolUseAfterFree',
    (name) => {
      const { guest, packet, buffers } = setUp()
      guest.call('NdisFreePacket', packet)
      guest.call(name, packet, buffers[0])
      expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
    },
  )

  test('what is no packet is InvalidPacket', () => {
    const { guest, buffers, packet } = setUp()
    guest.call('NdisGetPacketFlags', buffers[0])
    guest.call('NdisChainBufferAtBack', packet + 8, buffers[0])
    expect(guest.broken()).toEqual(['InvalidPacket', 'InvalidPacket'])
  })

  test('a query for nothing is reported (PV ff554428)', () => {
    const { guest, packet } = setUp()
    guest.call('NdisQueryPacket', packet, 0, 0, 0, 0)
    expect(guest.broken()).toEqual(['NdisQueryPacketNothing'])
  })

  test.each([-1, 12, 1.5])('%d is no slot of per-packet information', (slot) => {
    const { guest, packet } = setUp()
    expect(guest.call('NDIS_PER_PACKET_INFO_FROM_PACKET', packet, slot)).toBe(0)
    expect(guest.broken()).toEqual(['PacketInfoType'])
  })

  test('may be read but not changed while a receiver holds them (PV ff556997)', () => {
    const { guest, buffers, space } = setUp(1)
    const { kernel, receive5 } = guest.machine
    receive5.attach(1, { context: 0, returnPacket: () => undefined, deserialized: false })
    const [status, pool] = [cell(), cell()]
    guest.call('NdisAllocatePacketPool', status, pool, 16, 16)
    const array = guest.memory(4)
    kernel.scheduler.raise(DISPATCH_LEVEL)
    let held = 0
    while (receive5.out(1) === 0) {
      const packet = cell()
      guest.call('NdisAllocatePacket', status, packet, pool.value)
      guest.call('NdisChainBufferAtBack', packet.value, guest.call('NdisAllocateMdl', 0, guest.memory(60), 60))
      guest.call('NDIS_SET_PACKET_HEADER_SIZE', packet.value, 14)
      guest.call('NDIS_SET_PACKET_STATUS', packet.value, NDIS_STATUS_SUCCESS)
      space.w32(array, packet.value)
      guest.call('NdisMIndicateReceivePacket', 1, array, 1)
      held = packet.value
    }
    guest.call('NDIS_GET_PACKET_STATUS', held)
    expect(guest.broken()).toEqual([])
    guest.call('NdisChainBufferAtBack', held, buffers[0])
    guest.call('NDIS_SET_PACKET_STATUS', held, 0)
    guest.call('NdisReinitializePacket', held)
    expect(guest.broken().filter((rule) => rule === 'PacketInUse').length).toBe(3)
  })
})

test('a pool that is no packet pool has no protocol', () => {
  const { guest, packet } = setUp()
  guest.call('NdisSetPacketPoolProtocolId', packet, 2)
  expect(guest.broken()).toEqual(['InvalidPoolHandle'])
  expect(guest.machine.kernel.space.r32(packet + PACKET.Flags)).toBe(0)
})
