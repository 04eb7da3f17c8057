import { expect, test } from 'vitest'
import { createNetBufferGuest } from './test-net-buffer'

test('a chain counts on from MDL to MDL, and the data begins at DataOffset', () => {
  const guest = createNetBufferGuest()
  const netBuffer = guest.netBuffer(guest.chain(4, 3), 2, 5)
  expect(guest.state(netBuffer)).toEqual({ offset: 2, length: 5, currentMdl: 0, currentOffset: 2, mdls: [4, 3] })
  expect(guest.data(netBuffer)).toEqual([2, 3, 4, 5, 6])
  expect(() => guest.at(netBuffer, 5)).toThrow('no byte 5')
})
test('a list links its NET_BUFFERs', () => {
  const guest = createNetBufferGuest()
  const [first, second] = [guest.netBuffer(0, 0, 0), guest.netBuffer(0, 0, 0)]
  expect(guest.call('NET_BUFFER_LIST_FIRST_NB', guest.list(first, second))).toBe(first)
  expect(guest.call('NET_BUFFER_NEXT_NB', first)).toBe(second)
})
