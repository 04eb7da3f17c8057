import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openCapture, readCapture } from './capture-read'
import { sourceOf, type CaptureFrame } from './capture'
import { joined, patterned, PCAP_MAGIC, pcapFile, pcapngBlocks } from './test-captures'

/** Files that are right, with every kind of block. */
function goodFiles(): { readonly name: string; readonly bytes: Uint8Array }[] {
  const files = []
  for (const little of [true, false]) {
    const make = pcapngBlocks(little)
    const packets = Array.from({ length: 12 }, (_unused, i) =>
      i % 4 === 0
        ? make.obsolete({ ticks: BigInt(i), bytes: patterned(60 + i, i), comments: ['old'] })
        : i % 4 === 1
          ? make.simple(patterned(61 + i, i))
          : make.enhanced({
              interface: i & 1,
              ticks: BigInt(i),
              bytes: patterned(64 + i, i),
              flags: 1,
              comments: [`frame ${i}`],
            }),
    )
    const section = [
      make.section(),
      make.interface({ name: 'a', tsresol: 9 }),
      make.interface({ tsresol: 0x8a, tsoffset: -9n }),
    ]
    files.push({
      name: `pcapng, ${String(little)}`,
      bytes: joined(...section, ...packets, make.block(5, patterned(12)), ...section, ...packets),
    })
    const records = Array.from({ length: 12 }, (_unused, i) => ({
      seconds: i,
      fraction: i,
      bytes: patterned(60 + i, i),
    }))
    for (const magic of [PCAP_MAGIC.MICROSECONDS, PCAP_MAGIC.NANOSECONDS])
      files.push({ name: `pcap, ${String(little)}`, bytes: pcapFile(little, records, { magic }) })
  }
  return files
}
const GOOD = goodFiles().map((file) => ({ ...file, frames: readCapture(file.bytes).frames }))
const anyGood = fc.constantFrom(...GOOD)

/** How many frames end before the damage for sure: those that are followed by one. */
const before = (frames: readonly CaptureFrame[], damage: number): number =>
  frames.filter((_frame, i) => (frames[i + 1]?.offset ?? Infinity) <= damage).length

test('the files are right', () => {
  for (const { bytes, frames } of GOOD) {
    expect(readCapture(bytes).problem).toBeUndefined()
    expect(frames.length).toBeGreaterThan(11)
  }
})

describe('whatever the bytes say', () => {
  test('random bytes are read to their end or explained', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...GOOD.map(({ bytes }) => bytes.subarray(0, 28)), new Uint8Array()),
        fc.uint8Array({ maxLength: 400 }),
        (head, tail) => {
          const { problem } = readCapture(joined(head, tail))
          if (problem) expect(problem.offset).toBeLessThanOrEqual(head.length + tail.length)
        },
      ),
      { numRuns: 2000 },
    )
  })
  test('a file that is cut off keeps every whole frame', () => {
    fc.assert(
      fc.property(anyGood, fc.double({ min: 0, max: 1, noNaN: true }), ({ bytes, frames }, part) => {
        const end = Math.floor(part * bytes.length)
        const cut = readCapture(bytes.subarray(0, end))
        expect(cut.frames).toEqual(frames.slice(0, cut.frames.length))
        expect(cut.frames.length).toBeGreaterThanOrEqual(before(frames, end))
        expect(cut.problem?.offset ?? 0).toBeLessThanOrEqual(end)
      }),
      { numRuns: 1000 },
    )
  })
  test('a file with wrong bytes keeps the frames before them', () => {
    const wrong = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(anyGood, wrong, ({ bytes, frames }, changes) => {
        const damaged = bytes.slice()
        for (const [place, value] of changes) damaged[place % bytes.length] = value
        const first = Math.min(...changes.map(([place]) => place % bytes.length))
        const whole = before(frames, first)
        const result = readCapture(damaged)
        expect(result.frames.slice(0, whole)).toEqual(frames.slice(0, whole))
      }),
      { numRuns: 3000 },
    )
  })
  test('no more is read at once than a block may be long', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
    fc.assert(
      fc.property(anyGood, fc.nat(), u32, ({ bytes }, place, value) => {
        const damaged = bytes.slice()
        const at = place % (damaged.length - 4)
        new DataView(damaged.buffer).setUint32(at, value, true)
        let most = 0
        const reading = openCapture({
          length: damaged.length,
          read(from, to) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeLessThanOrEqual(damaged.length)
            most = Math.max(most, to - from)
            return sourceOf(damaged).read(from, to)
          },
        })
        for (const frame of reading) expect(frame.bytes.length).toBeLessThanOrEqual(damaged.length)
        expect(most).toBeLessThanOrEqual(damaged.length)
      }),
      { numRuns: 2000 },
    )
  })
})
