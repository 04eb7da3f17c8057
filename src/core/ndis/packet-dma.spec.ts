import { describe, expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../memory/map'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'
import { constant } from './constants'
import { NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_SUCCESS } from './status'

const SLOT = constant('ScatterGatherListPacketInfo')
const NDIS51 = 0x5_0001

function setUp(seed = 1) {
  const guest = createDmaGuest({ seed }, NDIS51)
  const { machine } = guest
  const [status, pool, buffers] = [cell(), cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, pool, 4, 16)
  guest.call('NdisAllocateBufferPool', status, buffers, 8)
  /** A packet over buffers of these sizes, and their addresses. */
  function packet(...sizes: readonly number[]) {
    const at = cell()
    guest.call('NdisAllocatePacket', status, at, pool.value)
    const addresses = sizes.map((size) => {
      const buffer = cell()
      const address = guest.memory(size)
      guest.call('NdisAllocateBuffer', status, buffer, buffers.value, address, size)
      guest.call('NdisChainBufferAtBack', at.value, buffer.value)
      return address
    })
    return { at: at.value, addresses }
  }
  const initialize = (): number => guest.call('NdisMInitializeScatterGatherDma', guest.adapter.handle, 0, 1514) | 0
  const list = (at: number): number => guest.call('NDIS_PER_PACKET_INFO_FROM_PACKET', at, SLOT)
  return { guest, packets: machine.dma.packets, machine, packet, initialize, list }
}

describe('NdisMInitializeScatterGatherDma (PV)', () => {
  test('is for bus masters of NDIS 5, inside of MiniportInitialize', () => {
    const { guest, initialize } = setUp()
    expect(initialize()).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual([])
    guest.adapter.phase = 'running'
    initialize()
    expect(guest.broken()).toEqual(['DmaOutsideInitialize'])
  })
  test('fails when the attributes do not say bus master', () => {
    const { guest, initialize } = setUp()
    guest.adapter.attributeFlags = constant('NDIS_ATTRIBUTE_DESERIALIZE')
    expect(initialize()).toBe(NDIS_STATUS_NOT_SUPPORTED)
    expect(guest.broken()).toEqual(['BusMasterNotDeclared'])
  })
  test('fails for a miniport of NDIS 4', () => {
    const guest = createDmaGuest({}, 0x4_0000)
    expect(guest.call('NdisMInitializeScatterGatherDma', guest.adapter.handle, 0, 1514) | 0).toBe(
      NDIS_STATUS_NOT_SUPPORTED,
    )
    expect(guest.broken()).toEqual(['ScatterGatherVersion'])
  })
})

describe('ScatterGatherListPacketInfo of a packet (PV ff557093)', () => {
  test('is a list of its buffers while it is mapped', () => {
    for (let seed = 1; seed <= 4; seed++) {
      const { guest, machine, packets, packet, initialize, list } = setUp(seed)
      initialize()
      const { at, addresses } = packet(14, 5000)
      expect(list(at)).toBe(0)
      expect(packets.mapPacket(guest.adapter, at)).toBe(true)
      expect(guest.merged(list(at))).toEqual([
        { address: addresses[0]! + PHYSICAL_OFFSET, length: 14 },
        { address: addresses[1]! + PHYSICAL_OFFSET, length: 5000 },
      ])
      const { reach } = machine.dma.mappings
      expect(reach(addresses[1]! + PHYSICAL_OFFSET, 5000, 'read')).toBe('mapped')
      packets.unmapPacket(at)
      expect(list(at)).toBe(0)
      expect(reach(addresses[1]! + PHYSICAL_OFFSET, 1, 'read')).toBe('not mapped')
      expect(guest.broken()).toEqual([])
    }
  })
  test('is not there without NdisMInitializeScatterGatherDma', () => {
    const { guest, packets, packet, list } = setUp()
    const { at } = packet(14)
    expect(packets.mapPacket(guest.adapter, at)).toBe(true)
    expect(list(at)).toBe(0)
    packets.unmapPacket(at)
  })
  test('is made once; a packet without buffers has an empty one', () => {
    const { guest, packets, packet, initialize, list } = setUp()
    initialize()
    const { at } = packet()
    expect(packets.mapPacket(guest.adapter, at)).toBe(true)
    const first = list(at)
    expect(guest.pieces(first)).toEqual([])
    expect(packets.mapPacket(guest.adapter, at)).toBe(true)
    expect(list(at)).toBe(first)
    packets.unmapPacket(at)
    packets.unmapPacket(at)
  })
  test('false when memory is short', () => {
    const { guest, machine, packets, packet, initialize, list } = setUp()
    initialize()
    const { at } = packet(14)
    while (machine.kernel.pool.allocate(1 << 20, 0, 0, 0, 0) !== 0);
    while (machine.kernel.pool.allocate(24, 0, 0, 0, 0) !== 0);
    expect(packets.mapPacket(guest.adapter, at)).toBe(false)
    expect(list(at)).toBe(0)
  })
})
