import { describe, expect, test } from 'vitest'
import { BROADCAST, macAddress } from './formats/ethernet'
import { PERFECT_LINK } from './formats/link-options'
import { createFramePool } from './frame'
import { frameOf } from './injection'
import { createLink, END } from './link'
import { AGEING_TICKS, createMacTable, MOST_ADDRESSES } from './mac-table'
import { createSwitch, PORT_BUFFER_BYTES } from './switch'
import { createTestKernel, createTestPort } from './test-wire'

const mac = (host: number): Uint8Array => macAddress(`02:00:00:00:00:${(host + 0x10).toString(16)}`)

/** Hosts at a switch, each on a link of its own. */
function setUp(count: number, speeds: readonly (10 | 100 | 1000)[] = []) {
  const { kernel, pass } = createTestKernel()
  const frames = createFramePool()
  const hub = createSwitch({ clock: kernel.clock, frames })
  const hosts = Array.from({ length: count }, (_unused, index) => {
    const link = createLink({ k: kernel, frames }, { ...PERFECT_LINK, speed: speeds[index] ?? 1000 })
    const host = createTestPort(`host ${index}`, kernel.clock.now)
    const near = hub.addPort(`port ${index}`)
    const cable = link.plug(END.NIC, host.port)
    const far = link.plug(END.OTHER, near.port)
    near.connect(far)
    cable.negotiate(1000)
    far.negotiate(1000)
    return { ...host, cable, link }
  })
  pass(5)
  return {
    hub,
    hosts,
    pass,
    kernel,
    send(from: number, to: Uint8Array, length = 60, fill = 0, source = mac(from), intact = true): number {
      const bytes = new Uint8Array(length).fill(fill)
      bytes.set(to)
      bytes.set(source, 6)
      const frame = frameOf(frames, bytes, 'spec')
      frame.intact = intact
      return hosts[from]!.cable.transmit(frame)
    },
    /** How many frames each host has heard. */
    heard: () => hosts.map(({ heard }) => heard.length),
  }
}

describe('a switch', () => {
  test('floods what it does not know, and learns from who sends', () => {
    const { send, pass, heard, hub } = setUp(4)
    send(0, mac(1))
    pass(100)
    expect(heard()).toEqual([0, 1, 1, 1])
    send(1, mac(0))
    pass(100)
    expect(heard()).toEqual([1, 1, 1, 1])
    send(0, mac(1))
    pass(100)
    expect(heard()).toEqual([1, 2, 1, 1])
    expect(hub.counts).toMatchObject({ flooded: 1, forwarded: 2 })
  })
  test('floods broadcast and multicast always, and never to where they came from', () => {
    const { send, pass, heard } = setUp(3)
    send(0, BROADCAST)
    send(1, macAddress('01:00:5e:00:00:01'))
    pass(100)
    expect(heard()).toEqual([1, 1, 2])
  })
  test('passes frames on unchanged, with who sent them', () => {
    const { send, pass, hosts } = setUp(2)
    send(0, mac(1), 1514, 0xa5)
    pass(1000)
    const [frame] = hosts[1]!.heard
    expect(frame).toMatchObject({ origin: 'spec', intact: true })
    expect(frame!.bytes.length).toBe(1514)
    expect(frame!.bytes.subarray(12)).toEqual(new Uint8Array(1502).fill(0xa5))
  })
  test('stores and forwards: a frame leaves when it has arrived whole', () => {
    const { send, pass, hosts, kernel } = setUp(2)
    const start = kernel.clock.now() * 100
    send(0, mac(1), 1514)
    pass(1000)
    // Twice 12 208 ns on a line and 500 ns of cable; the switch acts at whole ticks.
    const arrived = Math.ceil((start + 12_208 + 500) / 100) * 100
    expect(hosts[1]!.heard[0]!.at).toBe(Math.ceil((arrived + 12_208 + 500) / 100))
  })
  test('keeps to itself what is for the port that it came from, and what is damaged', () => {
    const { send, pass, heard, hub } = setUp(3)
    send(0, BROADCAST, 60, 0, mac(7))
    pass(100)
    send(0, mac(7))
    send(0, mac(1), 60, 0, mac(0), false)
    pass(100)
    expect(heard()).toEqual([0, 1, 1])
    expect(hub.counts).toMatchObject({ filtered: 1, damaged: 1 })
  })
  test('forgets an address after 300 s without a word, and at once when the link goes down', () => {
    const { send, pass, heard, hosts } = setUp(3)
    send(1, BROADCAST)
    pass(AGEING_TICKS)
    send(0, mac(1))
    pass(100)
    expect(heard()).toEqual([1, 1, 1])
    pass(AGEING_TICKS)
    send(0, mac(1))
    pass(100)
    expect(heard()).toEqual([1, 2, 2])
    send(1, BROADCAST)
    pass(100)
    hosts[1]!.link.change({ cable: false })
    send(0, mac(1))
    pass(100)
    expect(heard()).toEqual([2, 2, 4])
  })
  test('an address that moves is found where it was heard last', () => {
    const { send, pass, heard } = setUp(3)
    send(1, BROADCAST, 60, 0, mac(9))
    send(2, BROADCAST, 60, 0, mac(9))
    pass(100)
    const before = heard()
    send(0, mac(9))
    pass(100)
    expect(heard().map((count, host) => count - before[host]!)).toEqual([0, 0, 1])
  })
  test('to a slower port as much waits as its buffer holds; the rest is dropped and counted', () => {
    const { send, pass, heard, hub } = setUp(2, [1000, 10])
    for (let count = 0; count < 200; count++) send(0, mac(1), 1514)
    pass(50_000_000)
    expect(heard()[1]! + hub.counts.dropped).toBe(200)
    expect(heard()[1]!).toBeGreaterThanOrEqual(PORT_BUFFER_BYTES / 1538)
    expect(heard()[1]!).toBeLessThan(PORT_BUFFER_BYTES / 1514 + 4)
  })
})

test('a table of addresses holds what it can and is right about the rest: every answer is the last port of that address', () => {
  let now = 0
  const table = createMacTable(() => now)
  const ports = new Map<number, number>()
  for (let step = 0; step < 3 * MOST_ADDRESSES; step++) {
    now++
    const address = Math.imul(step, 0x9e37_79b1)
    table.learn(address, step & 0xff, step % 7)
    ports.set(step, step % 7)
  }
  let known = 0
  for (const [step, port] of ports) {
    const found = table.find(Math.imul(step, 0x9e37_79b1), step & 0xff)
    expect(found === -1 || found === port).toBe(true)
    if (found >= 0) known++
  }
  expect(known).toBeGreaterThan(MOST_ADDRESSES / 2)
  expect(known).toBeLessThanOrEqual(MOST_ADDRESSES)
})
