import { describe, expect, test } from 'vitest'
import { EVENT } from '../trace/log'
import { createRing } from '../trace/log'
import { createMachine, createSharedMemory } from '../machine'
import { createInjectedFrames } from './formats/injected-frames'
import { macAddress } from './formats/ethernet'
import { PERFECT_LINK } from './formats/link-options'
import { readUdpFrame, writeUdpFrame } from './formats/udp'
import { WIRE_EVENT, wireEventText } from './formats/wire-event'
import { DIRECTION } from './link-record'
import { nicIpv4 } from './peer'
import { createTestPort } from './test-wire'
import { createWiring, type WiringOptions } from './wiring'

const MAC = [macAddress('02:00:00:00:00:0a'), macAddress('02:00:00:00:00:0b')] as const
const RECORD_WORDS = 8
const HEADER_WORDS = 16

function setUp(options: WiringOptions = {}, seed = 1) {
  const ring = createRing(4096)
  const { kernel } = createMachine({ memory: createSharedMemory(3 * 1024 * 1024), ring, seed })
  const wiring = createWiring(kernel, options)
  const nics = Array.from({ length: options.nics ?? 1 }, (_unused, slot) => {
    const nic = createTestPort(`NIC ${slot}`, kernel.clock.now)
    const cable = wiring.plug(slot)(nic.port)
    cable.negotiate(1000)
    return { ...nic, cable }
  })
  const pass = (ticks: number): void => {
    kernel.scheduler.runUntil(() => false, ticks)
    kernel.clock.fireDue()
  }
  pass(5)
  return {
    kernel,
    wiring,
    nics,
    pass,
    /** Sends a datagram from a NIC to port 7 of the peer host, or of another NIC. */
    ask(slot: 0 | 1, length = 20, to = wiring.peer.mac): void {
      const frame = wiring.frames.take()
      const ends = {
        source: MAC[slot],
        destination: to,
        from: nicIpv4(slot),
        to: wiring.peer.ipv4,
        fromPort: 1,
        toPort: 7,
      }
      frame.length = writeUdpFrame(frame.bytes, { ...ends, payload: new Uint8Array(length).fill(length) })
      nics[slot]!.cable.transmit(frame)
    },
    /** Events of the wire in words. */
    events(): string[] {
      const words = new Int32Array(ring.buffer)
      return Array.from({ length: kernel.log.count() }, (_unused, index) => {
        const at = HEADER_WORDS + index * RECORD_WORDS
        return words.slice(at, at + RECORD_WORDS)
      })
        .filter(([what]) => (what! & 0xffff) === EVENT.WIRE)
        .map((record) => wireEventText(record[4]!, record[5]!, record[6]!, record[7]!))
    },
  }
}
const injected = (...frames: readonly (readonly [ns: bigint, bytes: Uint8Array])[]): Uint8Array => {
  const all = createInjectedFrames(1 << 20)
  for (const [ns, bytes] of frames) all.add(ns, bytes)
  return all.finish()
}
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)

describe('one NIC', () => {
  test('is linked to the peer host, which answers', () => {
    const { ask, pass, nics, wiring } = setUp()
    expect([wiring.has(0), wiring.has(1), wiring.switch]).toEqual([true, false, undefined])
    ask(0)
    pass(100)
    expect(readUdpFrame(nics[0]!.heard[0]!.bytes)).toMatchObject({
      from: wiring.peer.ipv4,
      fromPort: 7,
      to: nicIpv4(0),
    })
    expect(nics[0]!.heard[0]!.origin).toBe('peer host: UDP echo')
  })
  test('hears frames of a scenario, also many of one as fast as the line is', () => {
    const { wiring, nics, pass, kernel } = setUp()
    wiring.inject(0, filled(60, 1))
    pass(100)
    expect(nics[0]!.heard.length).toBe(1)
    const start = kernel.clock.now()
    wiring.flood(0, filled(60, 2), 5000)
    pass(100_000)
    expect(nics[0]!.heard.length).toBe(5001)
    expect(nics[0]!.heard.at(-1)!.at).toBe(Math.ceil(start + 1 + (4999 * 672 + 576 + PERFECT_LINK.delayNs) / 100))
    expect(() => wiring.inject(0, filled(13, 0))).toThrow('at least 14 bytes')
    expect(() => wiring.inject(1, filled(60, 0))).toThrow('there is no NIC in slot 1')
  })
  test('hears a capture when a scenario begins with it, each frame as late as it was', () => {
    const inject = injected(
      [5_000n, filled(60, 1)],
      [5_000n + 123_456n, filled(70, 2)],
      [5_000n + 123_456n, filled(80, 3)],
    )
    const { wiring, nics, pass, kernel } = setUp({ inject })
    pass(10_000)
    expect([wiring.injection.left(), nics[0]!.heard.length]).toEqual([3, 0])
    const began = kernel.clock.now() + 1
    wiring.injection.begin()
    wiring.injection.begin()
    pass(10_000)
    expect(wiring.injection.left()).toBe(0)
    const first = began + (576 + 500) / 100
    const second = began + Math.ceil(123_456 / 100) + (656 + 500) / 100
    expect(nics[0]!.heard.map(({ at, bytes }) => [at, bytes.length])).toEqual([
      [Math.ceil(first), 60],
      [Math.ceil(second), 70],
      [Math.ceil(second + (96 + 736) / 100), 80],
    ])
  })
  test('frames to inject that are cut off, or too short, are refused in words', () => {
    const whole = injected([0n, filled(60, 1)])
    for (let cut = 1; cut < whole.length; cut++)
      expect(() => setUp({ inject: whole.slice(0, cut) })).toThrow('end within a frame')
    const short = whole.slice(0, 25)
    short[0] = 13
    expect(() => setUp({ inject: short })).toThrow('a frame of 13 bytes cannot be injected')
  })
})

describe('from outside', () => {
  test('a change of the link is made at the next tick, and is in the event log', () => {
    const { wiring, nics, pass, events, kernel } = setUp()
    const before = kernel.clock.now()
    wiring.control(0, { cable: false, loss: 0.25 })
    expect(nics[0]!.cable.speed()).toBe(1000)
    kernel.preempt()
    expect(nics[0]!.cable.speed()).toBe(0)
    expect(nics[0]!.speeds.at(-1)).toEqual([before + 1, 0])
    wiring.control(0, { cable: true, speed: 100 })
    pass(1)
    expect(nics[0]!.cable.speed()).toBe(100)
    expect(events()).toEqual([
      'NIC 0: link up, 1000 Mb/s',
      'NIC 0: loss 25 %',
      'NIC 0: the cable is pulled',
      'NIC 0: link down',
      'NIC 0: the cable allows 100 Mb/s',
      'NIC 0: the cable is plugged in',
      'NIC 0: link up, 100 Mb/s',
    ])
    expect(() => wiring.control(3, {})).toThrow('there is no NIC in slot 3')
  })
  test('frames arrive from now on, and are in the event log', () => {
    const { wiring, nics, pass, events, kernel } = setUp()
    wiring.arrive(0, injected([9_000n, filled(60, 7)], [10_000n, filled(61, 8)]))
    pass(100)
    expect(nics[0]!.heard.map(({ bytes, origin }) => [bytes.length, bytes[0], origin])).toEqual([
      [60, 7, 'injected'],
      [61, 8, 'injected'],
    ])
    expect(events().slice(1)).toEqual([
      'NIC 0: a frame of 60 bytes is injected',
      'NIC 0: a frame of 61 bytes is injected',
    ])
    const hash = kernel.log.hash()
    const other = setUp()
    other.wiring.arrive(0, injected([9_000n, filled(60, 7)], [10_000n, filled(61, 9)]))
    other.pass(100)
    expect(other.kernel.log.hash()).not.toBe(hash)
  })
  test('what a link is set to is another run from the beginning', () => {
    const { events } = setUp({ link: { ...PERFECT_LINK, speed: 10, delayNs: 7, corrupt: 0.5 } })
    expect(events()).toEqual([
      'NIC 0: the cable allows 10 Mb/s',
      'NIC 0: delay 7 ns',
      'NIC 0: corruption 50 %',
      'NIC 0: link up, 10 Mb/s',
    ])
  })
})

describe('two NICs', () => {
  test('and the peer host are at a switch: they hear each other and the host', () => {
    const { ask, pass, nics, wiring } = setUp({ nics: 2 })
    ask(0)
    pass(1000)
    ask(1)
    pass(1000)
    ask(0, 30, MAC[1])
    pass(1000)
    expect(nics.map(({ heard }) => heard.map(({ bytes }) => bytes.length))).toEqual([[62], [62, 62, 72]])
    expect(wiring.peer.counts.udpEcho).toBe(2)
    expect(wiring.switch!.counts).toMatchObject({ flooded: 1 })
  })
  test('only the cable of the first one is pulled', () => {
    const { pass, nics } = setUp({ nics: 2, link: { ...PERFECT_LINK, pulls: [{ atNs: 10_000, forNs: 1 }] } })
    pass(1000)
    expect(nics.map(({ speeds }) => speeds.length)).toEqual([3, 1])
  })
  test('the same seed gives the same traffic with faults, and the counters of all links add up', () => {
    const run = (seed: number): string => {
      const link = { ...PERFECT_LINK, loss: 0.1, duplicate: 0.1, reorder: 0.1, corrupt: 0.1 }
      const { ask, pass, nics, wiring, kernel } = setUp({ nics: 2, link }, seed)
      for (let count = 0; count < 60; count++) {
        ask((count % 2) as 0 | 1, count)
        pass(1 + (count % 7))
      }
      pass(100_000)
      for (const each of wiring.links.values())
        for (const direction of [DIRECTION.OUT, DIRECTION.IN]) {
          const { sent, duplicated, delivered, lost } = each.counts(direction)
          expect(sent + duplicated).toBe(delivered + lost)
        }
      return JSON.stringify([
        nics.map(({ heard }) => heard.map(({ at, bytes }) => [at, bytes.length])),
        kernel.log.hash(),
      ])
    }
    expect(run(1)).toBe(run(1))
    expect(run(1)).not.toBe(run(2))
  })
})

test('every event of the wire has words', () => {
  for (const kind of Object.values(WIRE_EVENT)) expect(wireEventText(2, kind, 1, 1)).toMatch(/^NIC 2: (?!event)/)
  expect(wireEventText(0, 99, 1, 2)).toBe('NIC 0: event 99, 1, 2')
})
