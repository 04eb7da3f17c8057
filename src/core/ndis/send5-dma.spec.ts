import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { PHYSICAL_OFFSET } from '../memory/map'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'
import { constant } from './constants'
import { createSender5 } from './send5'
import { createSerial } from './serial'
import { NDIS_STATUS_PENDING, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const SLOT = constant('ScatterGatherListPacketInfo')

/** The send path of a deserialized miniport of NDIS 5 whose MiniportSend answers `answers`, one after the other. */
function setUp(...answers: readonly number[]) {
  const guest = createDmaGuest({ memory: createSharedMemory(3 * 1024 * 1024) }, 0x5_0001)
  const { kernel, driver, executive, dma } = guest.machine
  const { network, adapters } = executive
  const seen: number[][] = []
  const sent: [packet: number, status: number, list: number][] = []
  const listOf = (packet: number): number => guest.call('NDIS_PER_PACKET_INFO_FROM_PACKET', packet, SLOT)
  const send = (_context: number, packet: number): number => {
    seen.push(guest.merged(listOf(packet)).map(({ length }) => length))
    return answers[seen.length - 1] ?? NDIS_STATUS_SUCCESS
  }
  const adapter = adapters.create(0x5_0001, { SendHandler: driver.address(send) })!
  adapter.attributesSet = true
  adapter.attributeFlags = constant('NDIS_ATTRIBUTE_BUS_MASTER') | constant('NDIS_ATTRIBUTE_DESERIALIZE')
  guest.call('NdisMInitializeScatterGatherDma', adapter.handle, 0, 1514)
  const sender = createSender5(kernel, {
    serial: createSerial(),
    calls: network.calls,
    records: network.ndis6.records,
    adapter,
    packetDma: dma.packets,
    sent: (packet, status) => sent.push([packet, status, listOf(packet)]),
  })
  const [status, pool, buffers] = [cell(), cell(), cell()]
  guest.call('NdisAllocatePacketPool', status, pool, 4, 16)
  guest.call('NdisAllocateBufferPool', status, buffers, 4)
  const data = guest.memory(60)
  function packet(): number {
    const [at, buffer] = [cell(), cell()]
    guest.call('NdisAllocatePacket', status, at, pool.value)
    guest.call('NdisAllocateBuffer', status, buffer, buffers.value, data, 60)
    guest.call('NdisChainBufferAtBack', at.value, buffer.value)
    return at.value
  }
  const mapped = (): string => dma.mappings.reach(data + PHYSICAL_OFFSET, 60, 'read')
  return { guest, kernel, sender, sent, seen, packet, listOf, mapped }
}

describe('packets of a miniport that called NdisMInitializeScatterGatherDma (PV ff557093)', () => {
  test('have a list when MiniportSend gets them, and none when the protocol has them back', () => {
    const { guest, sender, sent, seen, packet, mapped } = setUp(NDIS_STATUS_SUCCESS)
    const first = packet()
    sender.send([first])
    expect(seen).toEqual([[60]])
    expect(sent).toEqual([[first, NDIS_STATUS_SUCCESS, 0]])
    expect(mapped()).toBe('not mapped')
    expect(guest.broken()).toEqual([])
  })
  test('keep it while they are pending, until NdisMSendComplete', () => {
    const { sender, packet, listOf, mapped } = setUp(NDIS_STATUS_PENDING)
    const first = packet()
    sender.send([first])
    expect([mapped(), listOf(first) !== 0]).toEqual(['mapped', true])
    expect(sender.complete(first)).toBe(true)
    expect([mapped(), listOf(first)]).toEqual(['not mapped', 0])
  })
  test('lose it when they never go down, or when the adapter goes', () => {
    const held = setUp()
    const first = held.packet()
    held.sender.hold(true)
    held.sender.send([first])
    expect(held.mapped()).toBe('mapped')
    expect(held.sender.flush()).toEqual([first])
    expect(held.mapped()).toBe('not mapped')
    const pending = setUp(NDIS_STATUS_PENDING)
    pending.sender.send([pending.packet()])
    pending.sender.free()
    expect(pending.mapped()).toBe('not mapped')
  })
  test('go back with NDIS_STATUS_RESOURCES when there is no memory for a list', () => {
    const { kernel, sender, sent, seen, packet } = setUp()
    const first = packet()
    while (kernel.pool.allocate(1 << 20, 0, 0, 0, 0) !== 0);
    while (kernel.pool.allocate(24, 0, 0, 0, 0) !== 0);
    sender.send([first])
    expect(seen).toEqual([])
    expect(sent).toEqual([[first, NDIS_STATUS_RESOURCES, 0]])
  })
})
