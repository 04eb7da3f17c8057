import { describe, expect, test } from 'vitest'
import { readCapture } from './capture-read'
import { joined, patterned, PCAP_MAGIC, pcapFile } from './test-captures'

const bytes = patterned(61)
const records = [
  { seconds: 1_700_000_000, fraction: 123_456, bytes, length: 1500 },
  { seconds: 4_294_967_295, fraction: 999_999, bytes: bytes.subarray(0, 1) },
]

describe.each([
  ['little-endian', true],
  ['big-endian', false],
] as const)('%s pcap', (_name, little) => {
  test.each([
    ['microseconds', PCAP_MAGIC.MICROSECONDS, 1000n],
    ['nanoseconds', PCAP_MAGIC.NANOSECONDS, 1n],
  ] as const)('with %s', (_unit, magic, unit) => {
    const { format, frames, interfaces, problem } = readCapture(pcapFile(little, records, { magic }))
    expect({ format, problem }).toEqual({ format: 'pcap', problem: undefined })
    expect(interfaces).toEqual([{ name: '', description: '', linkType: 1, snapLength: 65_535, fcsBytes: 0 }])
    expect(frames.map(({ timeNs, length }) => [timeNs, length])).toEqual([
      [1_700_000_000_000_000_000n + 123_456n * unit, 1500],
      [4_294_967_295_000_000_000n + 999_999n * unit, 1],
    ])
    expect(frames[0]?.bytes).toEqual(bytes)
  })
  test('the link type stands beside what says of check sequences', () => {
    const withFcs = readCapture(pcapFile(little, records, { network: (2 << 28) | (1 << 26) | 1 }))
    expect(withFcs.interfaces[0]).toMatchObject({ linkType: 1, fcsBytes: 4 })
  })
})

const good = pcapFile(true, records)
const record = (captured: number): Uint8Array => {
  const head = new Uint8Array(16)
  new DataView(head.buffer).setUint32(8, captured, true)
  return head
}
test.each([
  ['a record that is cut off', joined(good, record(100), patterned(99)), good.length, '115 of 116 bytes are there'],
  ['a record header that is cut off', joined(good, patterned(5)), good.length, '5 of 16 bytes are there'],
  [
    'a length of four gigabytes',
    joined(good, record(0xffff_ffff)),
    good.length,
    'claims 4294967295 bytes; no frame has more',
  ],
])('%s: what lies before is kept', (_what, file, offset, message) => {
  const { frames, problem } = readCapture(file)
  expect(frames).toHaveLength(2)
  expect(problem).toMatchObject({ offset, message: expect.stringContaining(message) })
})

describe('files that are no capture, or of a kind that is not read', () => {
  const gzip = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0)
  test.each([
    ['nothing', new Uint8Array(), 'The file is empty'],
    [
      'text',
      new TextEncoder().encode('hello'),
      'neither pcapng nor pcap: it begins with 68 65 6c 6c 6f. Wireshark and editcap',
    ],
    ['gzip', gzip, 'gunzip it first'],
    ['two bytes', Uint8Array.of(0xd4, 0xc3), 'neither pcapng nor pcap'],
    ['modified pcap', pcapFile(true, [], { magic: PCAP_MAGIC.MODIFIED }), 'editcap -F pcapng OLD NEW'],
  ])('%s', (_what, file, message) => {
    const { format, frames, problem } = readCapture(file)
    expect([format, frames]).toEqual([undefined, []])
    expect(problem?.message).toContain(message)
  })
  test.each([
    ['another version', pcapFile(false, [], { major: 3 }), 'pcap version 3'],
    ['a header that is cut off', good.subarray(0, 20), '20 of 24 bytes are there'],
  ])('%s', (_what, file, message) => {
    expect(readCapture(file)).toMatchObject({
      format: 'pcap',
      frames: [],
      problem: { message: expect.stringContaining(message) },
    })
  })
})
