import { describe, expect, test } from 'vitest'
import { cell, createGuest, type Guest } from '../test-guest'
import { PACKET, PAGE_SIZE } from './packet-layout'

/** A guest with a packet and buffers of the given lengths, none of them chained. */
function setUp(lengths: readonly number[], guest: Guest = createGuest()) {
  const status = cell()
  const pool = cell()
  const packet = cell()
  guest.call('NdisAllocatePacketPool', status, pool, 2, 16)
  guest.call('NdisAllocatePacket', status, packet, pool.value)
  const buffers = lengths.map((length) => guest.call('NdisAllocateMdl', 0, guest.memory(length), length))
  return { guest, packet: packet.value, pool: pool.value, buffers }
}
function chainOf(guest: Guest, packet: number): number[] {
  const chain: number[] = []
  for (let mdl = guest.call('NDIS_PACKET_FIRST_NDIS_BUFFER', packet); mdl !== 0; mdl = guest.machine.mdls.next(mdl))
    chain.push(mdl)
  return chain
}
function query(guest: Guest, packet: number) {
  const [pages, count, first, total] = [cell(), cell(), cell(), cell()]
  guest.call('NdisQueryPacket', packet, pages, count, first, total)
  return { pages: pages.value, count: count.value, first: first.value, total: total.value }
}
const valid = (guest: Guest, packet: number): number => guest.call('NDIS_PACKET_VALID_COUNTS', packet)

describe('chaining (PV ff550837, ff550830)', () => {
  test('at the front and at the back keeps head, tail and links', () => {
    const { guest, packet, buffers } = setUp([10, 20, 30])
    const [a, b, c] = buffers as [number, number, number]
    guest.call('NdisChainBufferAtBack', packet, b)
    expect(guest.call('NDIS_PACKET_LAST_NDIS_BUFFER', packet)).toBe(b)
    guest.call('NdisChainBufferAtBack', packet, c)
    guest.call('NdisChainBufferAtFront', packet, a)
    expect(chainOf(guest, packet)).toEqual([a, b, c])
    expect(guest.call('NDIS_PACKET_LAST_NDIS_BUFFER', packet)).toBe(c)
    expect(guest.broken()).toEqual([])
  })

  test('at the front of an empty packet makes head and tail', () => {
    const { guest, packet, buffers } = setUp([10])
    guest.call('NdisChainBufferAtFront', packet, buffers[0])
    expect(guest.call('NDIS_PACKET_LAST_NDIS_BUFFER', packet)).toBe(buffers[0])
    expect(chainOf(guest, packet)).toEqual(buffers)
  })

  test.each(['NdisChainBufferAtFront', 'NdisChainBufferAtBack'])('%s takes a whole chain of buffers', (name) => {
    const { guest, packet, buffers } = setUp([10, 20, 30])
    const [a, b, c] = buffers as [number, number, number]
    guest.machine.mdls.setNext(a, b)
    guest.call('NdisChainBufferAtBack', packet, c)
    guest.call(name, packet, a)
    expect(chainOf(guest, packet)).toEqual(name === 'NdisChainBufferAtFront' ? [a, b, c] : [c, a, b])
    expect(guest.call('NDIS_PACKET_LAST_NDIS_BUFFER', packet)).toBe(name === 'NdisChainBufferAtFront' ? c : b)
  })

  test.each(['NdisChainBufferAtFront', 'NdisChainBufferAtBack'])('%s clears ValidCounts', (name) => {
    const { guest, packet, buffers } = setUp([10])
    query(guest, packet)
    expect(valid(guest, packet)).toBe(1)
    guest.call(name, packet, buffers[0])
    expect(valid(guest, packet)).toBe(0)
  })
})

describe('unchaining (PV ff554826, DDI ndisunchainbufferatback)', () => {
  test.each([
    ['NdisUnchainBufferAtFront', [0, 1, 2]],
    ['NdisUnchainBufferAtBack', [2, 1, 0]],
  ])('%s takes one after the other, then gives NULL', (name, order) => {
    const { guest, packet, buffers } = setUp([10, 20, 30])
    for (const buffer of buffers) guest.call('NdisChainBufferAtBack', packet, buffer)
    const taken = cell()
    for (const index of order) {
      guest.call(name, packet, taken)
      expect(taken.value).toBe(buffers[index])
      expect(guest.machine.mdls.next(taken.value)).toBe(0)
      expect(valid(guest, packet)).toBe(0)
    }
    guest.call(name, packet, taken)
    expect(taken.value).toBe(0)
    expect(query(guest, packet)).toEqual({ pages: 0, count: 0, first: 0, total: 0 })
  })

  test('at the back leaves a packet that can be chained to again', () => {
    const { guest, packet, buffers } = setUp([10, 20])
    const [a, b] = buffers as [number, number]
    guest.call('NdisChainBufferAtBack', packet, a)
    guest.call('NdisChainBufferAtBack', packet, b)
    guest.call('NdisUnchainBufferAtBack', packet, cell())
    guest.call('NdisChainBufferAtBack', packet, b)
    expect(chainOf(guest, packet)).toEqual([a, b])
  })
})

describe('NdisQueryPacket (PV ff554428, NT4 103ndisx_160)', () => {
  test('counts buffers, pages and bytes, and keeps them with ValidCounts', () => {
    const { guest, packet, buffers } = setUp([14, PAGE_SIZE + 1, 0])
    for (const buffer of buffers) guest.call('NdisChainBufferAtBack', packet, buffer)
    const pages = buffers.reduce((sum, buffer) => sum + guest.machine.mdls.pages(buffer), 0)
    const expected = { pages, count: 3, first: buffers[0], total: 14 + PAGE_SIZE + 1 }
    expect(query(guest, packet)).toEqual(expected)
    expect(valid(guest, packet)).toBe(1)
    expect(guest.machine.kernel.space.r32(packet + PACKET.TotalLength)).toBe(expected.total)
    expect(query(guest, packet)).toEqual(expected)
  })

  test('gives only what is asked for', () => {
    const { guest, packet, buffers } = setUp([14])
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    const first = cell()
    guest.call('NdisQueryPacket', packet, 0, 0, first, 0)
    expect(first.value).toBe(buffers[0])
    expect(valid(guest, packet)).toBe(0)
    const total = cell()
    guest.call('NdisQueryPacketLength', packet, total)
    expect(total.value).toBe(14)
  })

  test('writes to addresses of kernel memory as well', () => {
    const { guest, packet, buffers } = setUp([14])
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    const place = guest.memory(8)
    guest.call('NdisQueryPacket', packet, 0, place, 0, place + 4)
    const { space } = guest.machine.kernel
    expect([space.r32(place), space.r32(place + 4)]).toEqual([1, 14])
  })

  test('believes counts that are marked valid, until they are recalculated (PV ff557102)', () => {
    const { guest, packet, buffers } = setUp([100])
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    query(guest, packet)
    guest.call('NdisAdjustMdlLength', buffers[0], 60)
    expect(query(guest, packet).total).toBe(100)
    guest.call('NdisRecalculatePacketCounts', packet)
    expect(query(guest, packet).total).toBe(60)
  })
})

describe('NdisGetFirstBufferFromPacket', () => {
  test.each(['NdisGetFirstBufferFromPacket', 'NdisGetFirstBufferFromPacketSafe'])(
    '%s gives the first buffer, and adds the lengths up itself',
    (name) => {
      const { guest, packet, buffers } = setUp([14, 46])
      for (const buffer of buffers) guest.call('NdisChainBufferAtBack', packet, buffer)
      const [first, address, length, total] = [cell(), cell(), cell(), cell()]
      guest.call(name, packet, first, address, length, total, 16)
      expect([first.value, address.value, length.value, total.value]).toEqual([
        buffers[0],
        guest.machine.mdls.systemAddress(buffers[0]!),
        14,
        60,
      ])
      expect(valid(guest, packet)).toBe(0)
    },
  )

  test('gives nothing for an empty packet', () => {
    const { guest, packet } = setUp([])
    const [first, address, length, total] = [cell(), cell(), cell(), cell()]
    guest.call('NdisGetFirstBufferFromPacket', packet, first, address, length, total)
    expect([first.value, address.value, length.value, total.value]).toEqual([0, 0, 0, 0])
  })
})

describe('without rules', () => {
  test('a chain that goes in a circle still ends', () => {
    const { guest, packet, buffers } = setUp([10], createGuest({ rules: false }))
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
    guest.machine.mdls.setNext(buffers[0]!, buffers[0]!)
    expect(query(guest, packet).first).toBe(buffers[0])
    guest.call('NdisUnchainBufferAtBack', packet, cell())
    guest.call('NdisChainBufferAtBack', packet, buffers[0])
  })
})
