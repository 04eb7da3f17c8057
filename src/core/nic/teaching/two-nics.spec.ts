/** Two teaching NICs of one machine, on the switch of its wire; "section" is one of docs/teaching-nic.md. */
import { expect, test } from 'vitest'
import { createMachine, createSharedMemory } from '../../machine'
import { PHYSICAL_OFFSET } from '../../memory/map'
import { OWNER_DRIVER } from '../../memory/tagged-pool'
import { DEVICE_MEMORY_START } from '../pci'
import { FLAG, REGISTER, type RegisterName } from './registers'
import { createTeachingNic } from './teaching-nic'

const MEMORY_BYTES = 3 * 1024 * 1024
const ROOM = 1536
const DESCRIPTOR_BYTES = 16
const RUN = 1
const OWN = 1
const LINK = 1
/** Enough for the links to come up, and for a frame to cross the switch: 10 ms. */
const SETTLE_TICKS = 100_000
const FRAME_TICKS = 1000

function setUp() {
  const machine = createMachine({
    memory: createSharedMemory(MEMORY_BYTES),
    devices: [createTeachingNic, createTeachingNic],
    rules: false,
  })
  const { kernel, executive } = machine
  const { space, pool, clock } = kernel
  const allocate = (bytes: number): number => {
    const at = pool.allocate(bytes + DESCRIPTOR_BYTES, 0x74736554, OWNER_DRIVER, 0, 0)
    return Math.ceil(at / DESCRIPTOR_BYTES) * DESCRIPTOR_BYTES
  }
  function nic(slot: number) {
    const start = DEVICE_MEMORY_START + slot * 0x1000
    const write = (name: RegisterName, value: number): void =>
      void executive.bus.write('memory', start + REGISTER[name], 4, value)
    const read = (name: RegisterName): number => executive.bus.read('memory', start + REGISTER[name], 4)!
    const [descriptor, buffer] = [allocate(DESCRIPTOR_BYTES), allocate(ROOM)]
    function give(size: number): void {
      for (const [word, value] of [buffer + PHYSICAL_OFFSET, size, 0, FLAG.OWN].entries())
        space.w32(descriptor + 4 * word, value)
    }
    return { write, read, descriptor, buffer, give, word: (at: number) => space.r32(descriptor + at) >>> 0 }
  }
  return {
    space,
    sender: nic(0),
    receiver: nic(1),
    pass(ticks: number) {
      for (const end = clock.now() + ticks; clock.now() < end;) {
        clock.advance(Math.min(end, Math.max(clock.now() + 1, Math.ceil(clock.nextDue()))) - clock.now())
        clock.fireDue()
      }
    },
  }
}

test('what one sends arrives at the other byte for byte, 60 to 1514 bytes (sections 4.3 and 4.4)', () => {
  const { space, sender, receiver, pass } = setUp()
  pass(SETTLE_TICKS)
  expect([sender.read('STATUS') & LINK, receiver.read('STATUS') & LINK]).toEqual([LINK, LINK])
  sender.write('SEND_RING', sender.descriptor + PHYSICAL_OFFSET)
  sender.write('SEND_COUNT', 1)
  sender.write('CONTROL', RUN)
  receiver.write('RECEIVE_RING', receiver.descriptor + PHYSICAL_OFFSET)
  receiver.write('RECEIVE_COUNT', 1)
  receiver.write('FILTER', OWN)
  receiver.write('CONTROL', RUN)
  const address = (low: number, high: number): number[] =>
    [low, low >>> 8, low >>> 16, low >>> 24, high, high >>> 8].map((byte) => byte & 0xff)
  const to = address(receiver.read('MAC_LOW'), receiver.read('MAC_HIGH'))
  const from = address(sender.read('MAC_LOW'), sender.read('MAC_HIGH'))
  expect(to).not.toEqual(from)
  let frames = 0
  for (let length = 60; length <= 1514; length += 97) {
    const frame = Array.from({ length }, (_unused, at) => [...to, ...from, 0x88, 0xb5][at] ?? (at * 7 + length) & 0xff)
    frame.forEach((byte, at) => space.w8(sender.buffer + at, byte))
    receiver.give(ROOM)
    sender.give(length)
    sender.write('SEND_DOORBELL', 1)
    pass(FRAME_TICKS)
    frames++
    expect([sender.word(12), receiver.word(12), receiver.word(8)]).toEqual([FLAG.DONE, FLAG.DONE, length])
    expect(Array.from({ length }, (_unused, at) => space.r8(receiver.buffer + at))).toEqual(frame)
  }
  expect([sender.read('SENT_FRAMES'), receiver.read('RECEIVED_FRAMES'), receiver.read('MISSED_FRAMES')]).toEqual([
    frames,
    frames,
    0,
  ])
})
