import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCapture } from './capture-read'
import {
  commentText,
  interfaceDescription,
  interfaceStatistics,
  MOST_COMMENT_BYTES,
  packetBlockWords,
  sectionHeader,
  writePacketBlock,
  type PacketFacts,
} from './pcapng-write'
import { joined, patterned } from './test-captures'

const HEAD = [
  sectionHeader({ application: 'spec', comment: 'grün' }),
  interfaceDescription({ name: 'nic0', description: 'Intel 82540EM', speed: 1e9 }),
  interfaceDescription({ name: 'nic1', description: '', speed: 1e7 }),
]

/** The block of a frame, written among words that are not zero. */
function blockOf(frame: Uint8Array, facts: PacketFacts): Uint8Array {
  const source = new Uint8Array(4 * Math.ceil(frame.length / 4) + 4).fill(0xff)
  source.set(frame)
  const words = packetBlockWords(frame.length, facts)
  const target = new Int32Array(words + 2).fill(-1)
  writePacketBlock(target, 1, words, new Int32Array(source.buffer), frame.length, facts)
  expect([target[0], target[words + 1]]).toEqual([-1, -1])
  return new Uint8Array(target.buffer, 4, 4 * words)
}
const facts = (more: Partial<PacketFacts> = {}): PacketFacts => ({
  interface: 0,
  timeNs: 0,
  outbound: true,
  intact: true,
  comment: commentText(''),
  number: -1,
  ...more,
})

describe('blocks that are written', () => {
  test('are read again, whatever their frame, time, comment and number', () => {
    const anyFacts = fc.record({
      interface: fc.nat(1),
      timeNs: fc.maxSafeNat(),
      outbound: fc.boolean(),
      text: fc.string({ unit: 'grapheme', maxLength: 40 }),
      number: fc.oneof(fc.constant(-1), fc.nat(), fc.constantFrom(0, 9, 10, 4_294_967_295)),
    })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 130 }), anyFacts, (frame, { text, ...more }) => {
        const block = blockOf(frame, facts({ ...more, comment: commentText(text) }))
        const { frames, problem } = readCapture(joined(...HEAD, block))
        expect(problem).toBeUndefined()
        expect(frames).toMatchObject([
          {
            interface: more.interface,
            timeNs: BigInt(more.timeNs),
            direction: more.outbound ? 'out' : 'in',
            length: frame.length,
            comment: text === '' || more.number < 0 ? text : `${text}${more.number}`,
          },
        ])
        expect(frames[0]?.bytes).toEqual(frame)
      }),
      { numRuns: 1000 },
    )
  })
  test('have zeros where they are filled up', () => {
    // Type, length, interface, two words of time, two lengths: the frame begins at byte 28.
    expect([...blockOf(patterned(61), facts()).subarray(28 + 61, 28 + 64)]).toEqual([0, 0, 0])
  })
  test('cut a comment that is too long between two characters', () => {
    const { length, words } = commentText('é'.repeat(MOST_COMMENT_BYTES) + 'x')
    expect(length).toBe(MOST_COMMENT_BYTES)
    expect(commentText(`x${'é'.repeat(MOST_COMMENT_BYTES)}`).length).toBe(MOST_COMMENT_BYTES - 1)
    expect(words).toHaveLength(MOST_COMMENT_BYTES / 4)
  })
  test('describe interfaces', () => {
    const statistics = interfaceStatistics({ interface: 1, startNs: 0, endNs: 5e9, received: 3, dropped: 0 })
    expect(readCapture(joined(...HEAD, statistics))).toEqual({
      format: 'pcapng',
      frames: [],
      interfaces: [
        { name: 'nic0', description: 'Intel 82540EM', linkType: 1, snapLength: 262_144, fcsBytes: 0 },
        { name: 'nic1', description: '', linkType: 1, snapLength: 262_144, fcsBytes: 0 },
      ],
    })
  })
})
