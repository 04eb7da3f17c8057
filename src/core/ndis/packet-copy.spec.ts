import { expect, test } from 'vitest'
import { cell, createGuest } from '../test-guest'

function setUp(destination: readonly number[], source: readonly number[]) {
  const guest = createGuest()
  const status = cell()
  const pool = cell()
  guest.call('NdisAllocatePacketPool', status, pool, 2, 16)
  const packetOf = (lengths: readonly number[], fill: boolean) => {
    const packet = cell()
    guest.call('NdisAllocatePacket', status, packet, pool.value)
    const length = lengths.reduce((sum, each) => sum + each, 0)
    const data = guest.memory(length)
    if (!fill) guest.machine.kernel.space.fill(data, length, 0xff)
    let at = data
    for (const each of lengths) {
      guest.call('NdisChainBufferAtBack', packet.value, guest.call('NdisAllocateMdl', 0, at, each))
      at += each
    }
    return { packet: packet.value, data, length }
  }
  return { guest, to: packetOf(destination, false), from: packetOf(source, true) }
}

test.each(['NdisCopyFromPacketToPacket', 'NdisCopyFromPacketToPacketSafe'])(
  '%s copies across the borders of buffers on both sides (PV)',
  (name) => {
    const { guest, to, from } = setUp([3, 5, 8], [7, 0, 9])
    const copied = cell()
    guest.call(name, to.packet, 2, 12, from.packet, 1, copied, 16)
    expect(copied.value).toBe(12)
    expect(guest.bytes(to.data, 16)).toEqual([255, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 255, 255])
  },
)

test.each([
  ['the source ends', 0, 4, 6],
  ['the destination ends', 3, 0, 5],
  ['it begins behind the end', 8, 0, 0],
])('it stops where %s and says how far it came', (_where, toOffset, fromOffset, expected) => {
  const { guest, to, from } = setUp([4, 4], [10])
  const copied = cell()
  guest.call('NdisCopyFromPacketToPacket', to.packet, toOffset, 100, from.packet, fromOffset, copied)
  expect(copied.value).toBe(expected)
  expect(guest.bytes(to.data + toOffset, expected)).toEqual(guest.bytes(from.data + fromOffset, expected))
  expect(guest.broken()).toEqual([])
})

test('nothing is copied between empty packets', () => {
  const { guest, to, from } = setUp([], [])
  const copied = cell()
  guest.call('NdisCopyFromPacketToPacket', to.packet, 0, 10, from.packet, 0, copied)
  expect(copied.value).toBe(0)
})
