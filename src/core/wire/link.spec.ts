import { describe, expect, test } from 'vitest'
import { SYS_LINK, SYS_MACHINE } from '../memory/records'
import { LONGEST_HOLD_NS, MOST_IN_FLIGHT } from './lane'
import { DIRECTION } from './link-record'
import { createTestLink } from './test-wire'

type TestLink = ReturnType<typeof createTestLink>
const { OUT, IN } = DIRECTION

/** A field of the SYS_LINK, as a panel reads it. */
function field({ kernel }: TestLink, name: keyof typeof SYS_LINK): number {
  const record = kernel.space.r32(kernel.machine + SYS_MACHINE.Links)
  return kernel.space.r32(record + SYS_LINK[name])
}
const order = (end: { heard: readonly { bytes: Uint8Array }[] }): number[] => end.heard.map(({ bytes }) => bytes[0]!)

describe('times', () => {
  // Preamble 8, frame, check sequence 4, at 10, 100 and 1000 Mb/s: 800, 80 and 8 ns a byte. Then a gap of 12 bytes.
  test.each([
    [1000, 60, 576, 672],
    [1000, 1514, 12_208, 12_304],
    [100, 60, 5_760, 6_720],
    [10, 60, 57_600, 67_200],
    [1000, 14, 576, 672],
  ] as const)(
    'at %i Mb/s a frame of %i bytes leaves in %i ns, the next one follows after %i ns',
    (speed, length, leaves, next) => {
      const wire = createTestLink({ speed, delayNs: 0 })
      const start = wire.kernel.clock.now()
      expect(wire.send(0, length)).toBeCloseTo(start + leaves / 100, 9)
      expect(wire.send(0, length)).toBeCloseTo(start + (next + leaves) / 100, 9)
      wire.pass(10_000)
      expect(wire.ends[1].heard.map(({ at }) => at)).toEqual([
        Math.ceil(start + leaves / 100),
        Math.ceil(start + (next + leaves) / 100),
      ])
    },
  )
  test('a frame arrives when its last bit has left and the delay is over; nanoseconds do not add up to whole ticks by themselves', () => {
    const times: number[] = []
    const wire = createTestLink(
      { delayNs: 1_234_567 },
      { tap: { frame: (_nic, direction, time) => void (direction === 'in' && times.push(Math.round(time * 100))) } },
    )
    const start = wire.kernel.clock.now() * 100
    for (let count = 0; count < 1000; count++) wire.send(1, 60)
    wire.pass(100_000)
    expect(times).toEqual(Array.from({ length: 1000 }, (_unused, index) => start + index * 672 + 576 + 1_234_567))
  })
  test('both directions run at once', () => {
    const wire = createTestLink({ delayNs: 0 })
    expect(wire.send(0, 1000)).toBe(wire.send(1, 1000))
  })
  test('a capture has a frame twice: when its first bit leaves, and when it has arrived', () => {
    const seen: string[] = []
    const wire = createTestLink(
      { delayNs: 500 },
      {
        tap: {
          frame: (nic, direction, time, { length }) =>
            seen.push(`${nic} ${direction} ${length} ${Math.round(time * 100)}`),
        },
      },
    )
    const start = wire.kernel.clock.now() * 100
    wire.send(0, 60)
    wire.send(0, 61)
    wire.send(1, 62)
    wire.pass(100)
    expect(seen).toEqual([`0 out 60 ${start}`, `0 out 61 ${start + 672}`, `0 in 62 ${start + 592 + 500}`])
  })
})

describe('the link', () => {
  test('comes up when both ends have negotiated, at what both and the cable allow', () => {
    const wire = createTestLink({ speed: 100 })
    expect(wire.ends.map(({ speeds }) => speeds)).toEqual([[[1, 100]], [[1, 100]]])
    wire.cables[0].negotiate(10)
    expect(wire.cables[0].speed()).toBe(100)
    wire.pass(10)
    expect(wire.ends[1].speeds).toEqual([
      [1, 100],
      [2, 0],
      [2, 10],
    ])
    wire.cables[1].negotiate(0)
    wire.pass(10)
    expect([wire.cables[0].speed(), field(wire, 'Speed')]).toEqual([0, 0])
  })
  test('loses what is on the line when the cable is pulled, both ways, and comes back', () => {
    const wire = createTestLink({ delayNs: 50_000, pulls: [{ atNs: 10_000, forNs: 20_000 }] })
    for (let count = 0; count < 3; count++) wire.send(0, 60)
    wire.send(1, 60)
    expect(field(wire, 'InFlight')).toBe(4)
    wire.pass(150)
    expect([field(wire, 'Cable'), field(wire, 'OutLost'), field(wire, 'InLost'), field(wire, 'InFlight')]).toEqual([
      0, 3, 1, 0,
    ])
    wire.send(0, 60)
    expect(field(wire, 'OutLost')).toBe(4)
    wire.pass(1000)
    expect(wire.ends[0].speeds).toEqual([
      [1, 1000],
      [100, 0],
      [300, 1000],
    ])
    expect(wire.ends[1].heard).toEqual([])
    wire.send(0, 60)
    wire.pass(1000)
    expect(wire.ends[1].heard.length).toBe(1)
    expect(wire.link.counts(OUT)).toMatchObject({ sent: 5, delivered: 1, lost: 4 })
  })
  test('stays down while any of the pulls lasts', () => {
    const wire = createTestLink({ pulls: [{ atNs: 1000, forNs: 2000 }, { atNs: 2000, forNs: 3000 }] }) // prettier-ignore
    wire.pass(100)
    expect(wire.ends[0].speeds).toEqual([
      [1, 1000],
      [10, 0],
      [50, 1000],
    ])
  })
  test('is changed while it runs', () => {
    const wire = createTestLink({ delayNs: 0 })
    wire.link.change({ delayNs: 1_000, loss: 1e-9, corrupt: 0.25 })
    expect([field(wire, 'DelayNs'), field(wire, 'LossPpm'), field(wire, 'CorruptPpm')]).toEqual([1000, 1, 250_000])
    wire.link.change({ speed: 10, loss: 0, corrupt: 0 })
    expect([field(wire, 'SpeedLimit'), field(wire, 'Speed')]).toEqual([10, 10])
    wire.link.change({ cable: false })
    wire.link.change({ cable: true })
    expect(wire.ends[0].speeds.map(([, speed]) => speed)).toEqual([1000, 0, 10, 0, 10])
  })
  test('with less delay from now on lets no frame pass another', () => {
    const wire = createTestLink({ delayNs: 100_000 })
    wire.send(0, 60, 1)
    wire.link.change({ delayNs: 0 })
    wire.send(0, 60, 2)
    wire.pass(5000)
    expect(order(wire.ends[1])).toEqual([1, 2])
  })
  test('holds so many frames a direction, and no more', () => {
    const wire = createTestLink({ delayNs: 4_000_000_000 })
    for (let count = 0; count < MOST_IN_FLIGHT + 5; count++) wire.send(0, 60)
    expect(wire.link.counts(OUT)).toMatchObject({ sent: MOST_IN_FLIGHT + 5, lost: 5 })
    expect(field(wire, 'InFlight')).toBe(MOST_IN_FLIGHT)
  })
})

describe('faults', () => {
  test('a perfect link draws nothing from the seed', () => {
    const wire = createTestLink({}, { seed: 5 })
    const other = createTestLink({}, { seed: 5 })
    for (let count = 0; count < 50; count++) wire.send(0, 60)
    wire.pass(10_000)
    expect(wire.kernel.random.below(1e9)).toBe(other.kernel.random.below(1e9))
  })
  test('a frame that is overtaken arrives right behind the next one', () => {
    const wire = createTestLink({ reorder: 1 })
    for (let fill = 1; fill <= 6; fill++) wire.send(0, 60, fill)
    wire.pass(1000)
    expect(order(wire.ends[1])).toEqual([2, 1, 4, 3, 6, 5])
    expect([field(wire, 'Reordered'), wire.link.counts(OUT).reordered]).toEqual([3, 3])
  })
  test('without a next one it arrives late, and has not been overtaken', () => {
    const wire = createTestLink({ reorder: 1, delayNs: 0 })
    const start = wire.kernel.clock.now()
    wire.send(0, 60, 1)
    wire.pass(100_000)
    expect(wire.ends[1].heard.map(({ at }) => at)).toEqual([Math.ceil(start + (576 + LONGEST_HOLD_NS) / 100)])
    expect(wire.link.counts(OUT)).toMatchObject({ reordered: 0, delivered: 1 })
  })
  test('a damaged frame has one wrong bit and says so', () => {
    const wire = createTestLink({ corrupt: 1 })
    wire.send(1, 100, 0)
    wire.pass(100)
    const [frame] = wire.ends[0].heard
    expect(frame!.intact).toBe(false)
    const bits = Array.from(frame!.bytes, (byte) => byte.toString(2).replaceAll('0', '').length)
    expect(bits.reduce((sum, count) => sum + count)).toBe(1)
  })
  test('for many seeds the counters add up, and so does what the ports heard', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const options = {
        loss: 0.1,
        duplicate: 0.1,
        reorder: 0.1,
        corrupt: 0.1,
        pulls: [{ atNs: 60_000, forNs: 30_000 }],
      }
      const wire = createTestLink({ ...options, delayNs: seed * 300 }, { seed })
      for (let round = 0; round < 40; round++) {
        for (let count = 0; count < 5; count++) wire.send(((round + count) % 2) as 0 | 1, 60 + ((count * 311) % 1455))
        wire.pass(1 + ((round * seed) % 97))
      }
      for (const direction of [OUT, IN]) {
        const { sent, duplicated, delivered, lost } = wire.link.counts(direction)
        expect(sent + duplicated, `seed ${seed}`).toBe(delivered + lost + wire.link.inFlight(direction))
      }
      wire.pass(100_000)
      const counts = [wire.link.counts(OUT), wire.link.counts(IN)] as const
      counts.forEach(({ sent, duplicated, delivered, lost, corrupted }, direction) => {
        expect(sent).toBe(100)
        expect(sent + duplicated, `seed ${seed}`).toBe(delivered + lost)
        const { heard } = wire.ends[1 - direction]!
        expect(heard.length).toBe(delivered)
        expect(heard.filter(({ intact }) => !intact).length).toBe(corrupted)
      })
      const [out, into] = counts
      expect([field(wire, 'OutFrames'), field(wire, 'OutLost')]).toEqual([out.sent, out.lost])
      expect([field(wire, 'InFrames'), field(wire, 'InLost')]).toEqual([into.delivered, into.lost])
      expect(field(wire, 'Duplicated')).toBe(out.duplicated + into.duplicated)
      expect(field(wire, 'Reordered')).toBe(out.reordered + into.reordered)
      expect(field(wire, 'Corrupted')).toBe(out.corrupted + into.corrupted)
      expect(field(wire, 'InFlight')).toBe(0)
      expect(field(wire, 'InBytes')).toBe(wire.ends[0].heard.reduce((sum, { bytes }) => sum + bytes.length, 0))
    }
  })
  test('over ten seeds about the share that was asked for', () => {
    const frames = 4000
    const found = { lost: 0, duplicated: 0, reordered: 0, corrupted: 0 }
    for (let seed = 1; seed <= 10; seed++) {
      const wire = createTestLink({ loss: 0.01, duplicate: 0.02, reorder: 0.03, corrupt: 0.04 }, { seed })
      for (let count = 0; count < frames; count++) {
        wire.send(0, 60)
        wire.pass(10)
      }
      wire.pass(100_000)
      const counts = wire.link.counts(OUT)
      for (const name of Object.keys(found) as (keyof typeof found)[]) found[name] += counts[name]
    }
    const share = (count: number): number => Math.round((count / frames / 10) * 200) / 200
    expect(Object.values(found).map(share)).toEqual([0.01, 0.02, 0.03, 0.04])
  })
  test('the same seed gives the same frames in the same order at the same times, another one others', () => {
    const run = (seed: number): string => {
      const wire = createTestLink({ loss: 0.2, duplicate: 0.2, reorder: 0.3, corrupt: 0.1 }, { seed })
      for (let fill = 0; fill < 200; fill++) wire.send(0, 60, fill)
      wire.pass(100_000)
      return JSON.stringify([wire.ends[1].heard.map(({ at, bytes }) => [at, ...bytes]), wire.kernel.log.hash()])
    }
    expect(run(4)).toBe(run(4))
    expect(run(4)).not.toBe(run(5))
  })
})
