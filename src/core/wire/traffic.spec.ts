import { describe, expect, test } from 'vitest'
import { macAddress } from './formats/ethernet'
import { PERFECT_LINK, type LinkOptions } from './formats/link-options'
import { readUdpFrame } from './formats/udp'
import { createFramePool } from './frame'
import { frameSizes } from './frame-sizes'
import { createGenerator, type GeneratorOptions } from './generator'
import { nicIpv4, PEER_IPV4, PEER_MAC } from './peer'
import { createSink } from './sink'
import { createStream, type StreamOptions } from './stream'
import { createTestKernel, createTestLink } from './test-wire'
import { createWiring } from './wiring'

const MAC = macAddress('02:00:00:00:00:0a')
const ENDS = { destination: MAC, source: PEER_MAC, from: PEER_IPV4, fromPort: 5000, to: nicIpv4(0), toPort: 9 }
const streamOf = (options: Partial<StreamOptions> = {}) => createStream({ count: 100, ends: ENDS, ...options })

/** A frame of a stream. */
function frameOf(stream: ReturnType<typeof streamOf>, sequence: number): Uint8Array {
  const frame = createFramePool().take()
  frame.bytes.fill(0xee)
  stream.write(frame, sequence)
  return frame.bytes.slice(0, frame.length)
}

describe('a stream', () => {
  test('has frames that anybody reads, of the length and number that they should have', () => {
    const stream = streamOf({ sizes: { from: 60, to: 1514 }, pattern: 'random', seed: 3 })
    for (const sequence of [0, 1, 2, 3, 700, 1454, 1455, 70_000]) {
      const bytes = frameOf(stream, sequence)
      expect(bytes.length).toBe(60 + (sequence % 1455))
      expect(readUdpFrame(bytes)).toMatchObject({ ...ENDS, id: sequence & 0xffff })
      expect(stream.sequenceOf(bytes, bytes.length)).toBe(sequence)
      expect(frameOf(stream, sequence)).toEqual(bytes)
    }
  })
  test.each([
    ['increment', [4, 5, 6, 7, 8, 9, 10, 11]],
    ['zero', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['ones', [255, 255, 255, 255, 255, 255, 255, 255]],
    ['sequence', [1, 0, 0, 0, 1, 0, 0, 0]],
  ] as const)('with the pattern %s has these bytes behind its tag', (pattern, bytes) => {
    expect([...frameOf(streamOf({ pattern }), 1).subarray(52, 60)]).toEqual(bytes)
  })
  test('of a random pattern is another one for another seed', () => {
    const [a, b] = [1, 2].map((seed) => frameOf(streamOf({ pattern: 'random', seed, sizes: 200 }), 5))
    expect(a).not.toEqual(b)
    expect(new Set(a!.subarray(52)).size).toBeGreaterThan(80)
  })
  test('without UDP is of the type for experiments, and another stream is not taken for it', () => {
    const [a, b] = [streamOf({ form: 'ethernet', number: 1 }), streamOf({ form: 'ethernet', number: 2 })]
    const bytes = frameOf(a, 9)
    expect([...bytes.subarray(12, 14)]).toEqual([0x88, 0xb5])
    expect([a.sequenceOf(bytes, 60), b.sequenceOf(bytes, 60), streamOf().sequenceOf(bytes, 60)]).toEqual([9, -1, -1])
  })
  test('IMIX is 7 : 4 : 1 of 64, 594 and 1518 bytes with the check sequence', () => {
    const length = frameSizes('imix', 0)
    const found = new Map<number, number>()
    for (let sequence = 0; sequence < 1200; sequence++)
      found.set(length(sequence) + 4, (found.get(length(sequence) + 4) ?? 0) + 1)
    expect([...found].sort(([a], [b]) => a - b)).toEqual([
      [64, 700],
      [594, 400],
      [1518, 100],
    ])
  })
  test('any sizes are spread over their range and follow from the seed', () => {
    const length = frameSizes({ anyFrom: 100, to: 199 }, 5)
    const all = Array.from({ length: 5000 }, (_unused, sequence) => length(sequence))
    expect([Math.min(...all), Math.max(...all), new Set(all).size]).toEqual([100, 199, 100])
    expect(all.map((_size, sequence) => frameSizes({ anyFrom: 100, to: 199 }, 5)(sequence))).toEqual(all)
  })
  test('of lengths that no frame has is refused in words', () => {
    for (const sizes of [59, 1515, 60.5, { from: 100, to: 99 }, { anyFrom: 10, to: 100 }])
      expect(() => streamOf({ sizes })).toThrow(RangeError)
    expect(() => streamOf({ count: -1 })).toThrow('a stream cannot have -1 frames')
  })
})

/** A generator at one end of a link and a sink at the other. */
function setUp(
  stream: Partial<StreamOptions> = {},
  options: Partial<GeneratorOptions> = {},
  link: Partial<LinkOptions> = {},
  seed = 1,
) {
  const wire = createTestLink({ delayNs: 0, ...link }, { seed })
  const frames = createFramePool()
  const made = streamOf(stream)
  const generator = createGenerator(
    { clock: wire.kernel.clock, frames, send: wire.cables[0].transmit, speed: wire.cables[0].speed },
    { stream: made, ...options },
  )
  const sink = createSink(made, generator.sent)
  const start = wire.kernel.clock.now() + 1
  generator.start()
  return { ...wire, generator, sink, start, heard: wire.ends[1].heard }
}

describe('a generator', () => {
  test('sends as fast as the line takes frames, to the nanosecond', () => {
    const { pass, heard, start, generator } = setUp({ count: 2000 })
    pass(100_000)
    expect(generator.done()).toBe(true)
    expect(heard.map(({ at }) => at)).toEqual(
      Array.from({ length: 2000 }, (_unused, index) => Math.ceil(start + (index * 672 + 576) / 100)),
    )
    expect(heard[0]!.origin).toBe('traffic generator')
  })
  test('sends so many frames a second, also when that is no whole number of ticks', () => {
    const { pass, heard, start } = setUp({ count: 300 }, { rate: { framesPerSecond: 30_000 } })
    pass(200_000)
    heard.forEach(({ at }, index) => expect(Math.abs(at - start - 6 - (index * 1e7) / 30_000)).toBeLessThanOrEqual(2))
    expect(heard.length).toBe(300)
  })
  test('sends so many bits a second, whatever their sizes', () => {
    const { pass, heard, start } = setUp({ count: 1200, sizes: 'imix' }, { rate: { bitsPerSecond: 100e6 } })
    pass(10_000_000)
    const bits = heard.slice(0, -1).reduce((sum, { bytes }) => sum + bytes.length * 8, 0)
    expect((bits / (heard.at(-1)!.at - start)) * 1e7).toBeCloseTo(100e6, -6)
  })
  test('sends bursts, with the rate on average', () => {
    const { pass, heard, start } = setUp({ count: 40 }, { rate: { framesPerSecond: 100_000 }, burst: 10 })
    pass(10_000)
    const bursts = heard.filter((_frame, index) => index % 10 === 0).map(({ at }) => at - start - 6)
    expect(bursts).toEqual([0, 1000, 2000, 3000])
    expect(heard[9]!.at - heard[0]!.at).toBeLessThan(70)
  })
  test('never sends more than the line takes', () => {
    const { pass, sink, heard, link } = setUp(
      { count: 3000, sizes: 1514 },
      { rate: { bitsPerSecond: 1e10 } },
      { speed: 10 },
    )
    pass(10_000)
    expect(link.inFlight(0)).toBeLessThan(5)
    pass(50_000_000)
    for (const { bytes } of heard) sink.check(bytes, bytes.length)
    expect(sink.counts()).toMatchObject({ received: 3000, lost: 0 })
  })
  test('stops when it is told to, and refuses what makes no sense', () => {
    const { pass, generator, heard } = setUp({ count: 100_000 })
    pass(1000)
    generator.stop()
    pass(1000)
    const sent = generator.sent()
    pass(1000)
    expect([generator.sent(), heard.length, generator.done()]).toEqual([sent, sent, false])
    expect(() => setUp({}, { rate: { framesPerSecond: 0 } })).toThrow('a rate is more than nothing')
    expect(() => setUp({}, { burst: 0 })).toThrow('a burst has at least one frame')
  })
})

describe('a sink', () => {
  test('finds every frame that was sent, and nothing else', () => {
    const { pass, sink, heard, generator } = setUp({ count: 5000, sizes: { anyFrom: 60, to: 1514 }, pattern: 'random' })
    pass(1_000_000)
    for (const { bytes } of heard) expect(sink.check(bytes, bytes.length)).toBe(true)
    expect(sink.counts()).toMatchObject({ arrived: 5000, received: 5000, lost: 0, reordered: 0, damaged: 0 })
    expect(generator.sent()).toBe(5000)
  })
  test('sees each wrong byte, a missing one, and one too many', () => {
    const stream = streamOf({ sizes: 80 })
    const sink = createSink(stream, () => 10)
    const good = frameOf(stream, 3)
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice()
      bad[at]! ^= 0x20
      expect(sink.check(bad, 80), `byte ${at}`).toBe(false)
    }
    expect(sink.check(good.slice(0, 79), 79)).toBe(false)
    expect(sink.damage()).toEqual({ sequence: 3, at: 79 })
    expect(sink.check(Uint8Array.of(...good, 0), 81)).toBe(false)
    expect(sink.check(good, 80)).toBe(true)
    const { damaged, unexpected, received } = sink.counts()
    // The type and the tag make it a frame of this stream: one that says it is another is not expected.
    expect([damaged + unexpected, received]).toEqual([82, 1])
    expect(unexpected).toBeGreaterThanOrEqual(8)
  })
  test('a frame that was not sent yet, or that is nobody’s, is unexpected', () => {
    const stream = streamOf()
    const sink = createSink(stream, () => 5)
    sink.check(frameOf(stream, 5), 60)
    sink.check(new Uint8Array(60), 60)
    expect(sink.counts()).toMatchObject({ arrived: 2, unexpected: 2, lost: 5 })
  })
  test('for many seeds of a bad line everything adds up', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const link = { loss: 0.05, duplicate: 0.05, reorder: 0.05, corrupt: 0.05, delayNs: 5000 }
      const pulls = [{ atNs: 300_000, forNs: 200_000 }]
      const {
        pass,
        sink,
        heard,
        generator,
        link: line,
      } = setUp({ count: 800, sizes: 'imix', seed }, {}, { ...link, pulls }, seed)
      pass(1_000_000)
      for (const { bytes, intact } of heard) sink.check(bytes, bytes.length, intact)
      const counts = sink.counts()
      const wire = line.counts(0)
      expect(counts.received + counts.lost, `seed ${seed}`).toBe(generator.sent())
      expect(counts.received + counts.duplicated + counts.damaged + counts.unexpected).toBe(counts.arrived)
      expect(counts.arrived).toBe(wire.delivered)
      expect(counts.damaged).toBe(heard.filter(({ intact }) => !intact).length)
      expect(counts.lost + counts.received).toBe(wire.sent)
      expect(counts.reordered).toBeGreaterThan(0)
    }
  })
})

test('the wire of a session has a generator at its peer host', () => {
  const { kernel, pass } = createTestKernel()
  const wiring = createWiring(kernel, { nics: 1, link: PERFECT_LINK })
  const stream = streamOf({ count: 50 })
  const generator = wiring.generator({ stream })
  const sink = createSink(stream, generator.sent)
  wiring
    .plug(0)({
      name: 'nic',
      linkChanged: () => undefined,
      receive: ({ bytes, length, intact }) => void sink.check(bytes, length, intact),
    })
    .negotiate(1000)
  pass(10)
  generator.start()
  pass(10_000)
  expect(sink.counts()).toMatchObject({ received: 50, arrived: 50, lost: 0 })
})
