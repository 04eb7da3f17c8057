import { describe, expect, test } from 'vitest'
import { readCapture } from './capture-read'
import { BLOCK } from './pcapng'
import { joined, patterned, pcapngBlocks } from './test-captures'

const ORDERS = [
  ['little-endian', true],
  ['big-endian', false],
] as const

describe.each(ORDERS)('%s pcapng', (_name, little) => {
  const make = pcapngBlocks(little)
  const read = (...blocks: Uint8Array[]) => readCapture(joined(make.section(), ...blocks))
  const bytes = patterned(61)

  test('enhanced packets: interface, time, bytes, length, direction, comments', () => {
    const { format, frames, interfaces, problem } = read(
      make.interface({ name: 'one', snapLength: 61 }),
      make.interface({ name: 'zwei ü', linkType: 101 }),
      make.enhanced({ interface: 1, ticks: 5n, bytes, length: 1500, comments: ['grün', '網路'], flags: 1 }),
      make.enhanced({ ticks: 6n, bytes, flags: 2 }),
    )
    expect({ format, problem }).toEqual({ format: 'pcapng', problem: undefined })
    expect(interfaces).toEqual([
      { name: 'one', description: '', linkType: 1, snapLength: 61, fcsBytes: 0 },
      { name: 'zwei ü', description: '', linkType: 101, snapLength: 0, fcsBytes: 0 },
    ])
    expect(frames).toMatchObject([
      { interface: 1, timeNs: 5000n, length: 1500, direction: 'in', comment: 'grün\n網路' },
      { interface: 0, timeNs: 6000n, length: 61, direction: 'out', comment: '' },
    ])
    expect(frames.map((frame) => frame.bytes)).toEqual([bytes, bytes])
  })
  // draft-ietf-opsawg-pcapng 4.2: if_tsresol; its high bit chooses powers of two.
  test.each([
    [undefined, 3n, 3000n],
    [6, 3n, 3000n],
    [9, 3n, 3n],
    [0, 3n, 3_000_000_000n],
    [3, 3n, 3_000_000n],
    [12, 3999n, 3n],
    [0x80, 3n, 3_000_000_000n],
    [0x81, 3n, 1_500_000_000n],
    [0x80 | 10, 1024n, 1_000_000_000n],
    [0x80 | 32, 1n << 31n, 500_000_000n],
    [127, (1n << 64n) - 1n, 0n],
    [255, (1n << 64n) - 1n, 0n],
    [9, 1_700_000_000_123_456_789n, 1_700_000_000_123_456_789n],
  ])('a tick of if_tsresol %s: %s ticks are %s ns', (tsresol, ticks, ns) => {
    const { frames } = read(make.interface(tsresol === undefined ? {} : { tsresol }), make.enhanced({ ticks, bytes }))
    expect(frames[0]?.timeNs).toBe(ns)
  })
  test('if_tsoffset moves times, also back', () => {
    for (const tsoffset of [1_700_000_000n, -5n])
      expect(
        read(make.interface({ tsresol: 9, tsoffset }), make.enhanced({ ticks: 7n, bytes })).frames[0]?.timeNs,
      ).toBe(tsoffset * 1_000_000_000n + 7n)
  })
  test('obsolete packets are packets', () => {
    const { frames } = read(
      make.interface(),
      make.obsolete({ ticks: 9n, bytes, length: 99, flags: 2, comments: ['x'] }),
    )
    expect(frames).toMatchObject([{ timeNs: 9000n, length: 99, direction: 'out', comment: 'x' }])
    expect(frames[0]?.bytes).toEqual(bytes)
  })
  test('simple packets have no time, and as many bytes as the snap length lets through', () => {
    const { frames } = read(make.interface({ snapLength: 20 }), make.simple(bytes.slice(0, 20), 61))
    expect(frames).toMatchObject([{ timeNs: undefined, length: 61, bytes: bytes.slice(0, 20) }])
    expect(read(make.interface(), make.simple(bytes)).frames[0]?.bytes).toEqual(bytes)
  })
  test('other blocks are skipped, whatever is in them', () => {
    const { frames, problem } = read(
      make.block(BLOCK.INTERFACE_STATISTICS, new Uint8Array(3 * 4)),
      make.interface(),
      make.block(0x0bad_cafe, patterned(400)),
      make.block(4),
      make.enhanced({ ticks: 1n, bytes }),
      make.block(0x8000_0001, patterned(8)),
    )
    expect([frames.length, problem]).toEqual([1, undefined])
  })
  test('a section has interfaces and a byte order of its own', () => {
    const other = pcapngBlocks(!little)
    const { frames, interfaces, problem } = read(
      make.interface({ name: 'a' }),
      make.enhanced({ ticks: 1n, bytes }),
      other.section(),
      other.interface({ name: 'b', tsresol: 9 }),
      other.enhanced({ ticks: 2n, bytes }),
      make.section(),
      make.interface({ name: 'c', tsresol: 3 }),
      make.enhanced({ ticks: 3n, bytes }),
    )
    expect(problem).toBeUndefined()
    expect(frames.map(({ interface: on, timeNs }) => [interfaces[on]?.name, timeNs])).toEqual([
      ['a', 1000n],
      ['b', 2n],
      ['c', 3_000_000n],
    ])
  })
  test('options that do not end are options', () => {
    const whole = make.enhanced({ ticks: 1n, bytes, comments: ['kept'] })
    const view = new DataView(whole.buffer)
    const length = whole.length - 4
    const short = joined(whole.subarray(0, length - 4), new Uint8Array(4))
    view.setUint32(4, length, little)
    short.set(whole.subarray(4, 8), 4)
    short.set(whole.subarray(4, 8), length - 4)
    expect(read(make.interface(), short)).toMatchObject({ frames: [{ comment: 'kept' }] })
  })
})

describe('a damaged pcapng file', () => {
  const make = pcapngBlocks(true)
  const good = [make.section(), make.interface(), make.enhanced({ ticks: 1n, bytes: patterned(60) })]
  const start = joined(...good).length
  const HEX = start.toString(16)
  const u32 = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice()
    new DataView(copy.buffer).setUint32(at, value, true)
    return copy
  }
  const frame = make.enhanced({ ticks: 2n, bytes: patterned(60), comments: ['a comment'] })
  const length = frame.length

  test.each<[what: string, damage: Uint8Array, offset: number, message: string]>([
    [
      'is cut off',
      frame.subarray(0, 50),
      start,
      `The file ends within the block at byte ${start} (0x${HEX}): 50 of ${length} bytes are there.`,
    ],
    ['is cut off in a block header', frame.subarray(0, 7), start, '7 of 12 bytes are there'],
    ['claims a length of four gigabytes', u32(frame, 4, 0xffff_fffc), start, 'claims a length of 4294967292 bytes'],
    ['claims a length below that of a block', u32(frame, 4, 8), start, 'claims a length of 8 bytes'],
    ['claims an odd length', u32(frame, 4, length + 1), start, `claims a length of ${length + 1} bytes`],
    [
      'has two lengths for a block',
      u32(frame, length - 4, length - 4),
      start,
      `begins with the length ${length} and ends with ${length - 4}`,
    ],
    [
      'has a frame longer than its block',
      u32(frame, 20, 0xffff_ffff),
      start,
      'claims 4294967295 bytes, its block has room for',
    ],
    ['has a frame of an interface that is not there', u32(frame, 8, 1), start, 'is of interface 1, its section has 1'],
    [
      'has an option that leaves its block',
      u32(frame, 88, 0xffff_0001),
      start + 88,
      'claims 65535 bytes, its block has 16 left',
    ],
    [
      'has a packet block without a packet',
      make.block(BLOCK.ENHANCED_PACKET, new Uint8Array(8)),
      start,
      'has 20 bytes, its type needs 32',
    ],
    [
      'has an interface without a description',
      make.block(BLOCK.INTERFACE_DESCRIPTION),
      start,
      'has 12 bytes, its type needs 20',
    ],
    ['has a section of another version', make.section(2), start, 'is of pcapng version 2; known is version 1'],
    [
      'has a section without a byte order',
      u32(make.section(), 8, 0x1111_1111),
      start,
      'its magic number is 0x11111111',
    ],
    [
      'has a simple packet before any interface',
      joined(make.section(), make.simple(patterned(60))),
      start + 28,
      'is of interface 0, its section has 0',
    ],
  ])('that %s keeps what lies before, and says where and what', (_what, damage, offset, message) => {
    const { frames, problem } = readCapture(joined(...good, damage))
    expect(frames).toMatchObject([{ timeNs: 1000n, bytes: patterned(60) }])
    expect(problem?.offset).toBe(offset)
    expect(problem?.message).toContain(message)
    expect(problem?.message).toMatch(/what lies before( it)? was read|newer Wireshark/)
  })
})
