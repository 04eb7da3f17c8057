import { expect, test } from 'vitest'
import { cell, createGuest } from '../test-guest'
import { createStandInReceiver } from './stand-in-receiver'

test('the receiver copies the whole frame out of all buffers', () => {
  const guest = createGuest()
  const { kernel, pools, mdls } = guest.machine
  const frames: number[][] = []
  const receiver = createStandInReceiver(kernel, pools, mdls, (bytes, length) =>
    frames.push([...bytes.subarray(0, length)]),
  )
  const status = cell()
  const pool = cell()
  const packet = cell()
  guest.call('NdisAllocatePacketPool', status, pool, 1, 16)
  guest.call('NdisAllocatePacket', status, packet, pool.value)
  for (const length of [3, 2])
    guest.call('NdisChainBufferAtBack', packet.value, guest.call('NdisAllocateMdl', 0, guest.memory(length), length))
  expect(receiver.receive(packet.value, false)).toBe(false)
  expect(frames).toEqual([[0, 1, 2, 0, 1]])
  const time = receiver.holdingTime()
  expect(time).toBeGreaterThanOrEqual(1)
  expect(time).toBeLessThanOrEqual(1000)
})
