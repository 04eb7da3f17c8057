import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { readCapture } from '../../src/core/wire/formats/capture-read'
import { joined, patterned, PCAP_MAGIC, pcapFile, pcapngBlocks } from '../../src/core/wire/formats/test-captures'
import { inFolder, run, runWell, save, seenByTshark, seenHere, useFolder } from './tools'
import { ethernet, write, type Heard } from './written'

useFolder()

/** A capture of ours for the tools to work on; another one of frames between them. */
const frames = Array.from({ length: 40 }, (_unused, i): Heard => ({
  nic: i & 1,
  direction: i % 3 === 0 ? 'in' : 'out',
  time: i * 1_234_567 + 3,
  bytes: ethernet(60 + i * 37, i),
  site: i % 3,
}))
beforeAll(() => {
  write(inFolder('a.pcapng'), frames)
  write(
    inFolder('b.pcapng'),
    frames.slice(0, 9).map((frame) => ({ ...frame, time: frame.time + 7 })),
  )
  save('keys.txt', 'CLIENT_RANDOM 00 00\n')
  save('hosts.txt', '10.0.0.1 one.example\n')
  // Offsets and bytes, as text2pcap takes them: a direction and a time in front of each frame.
  const dumps = frames.slice(0, 5).map(({ bytes, direction }, i) => {
    const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_row, row) => {
      const part = [...bytes.subarray(16 * row, 16 * row + 16)].map((byte) => byte.toString(16).padStart(2, '0'))
      return `${(16 * row).toString(16).padStart(6, '0')} ${part.join(' ')}`
    })
    return `${direction === 'in' ? 'I' : 'O'} 2024-02-29 12:00:0${i}.123456789\n${rows.join('\n')}\n`
  })
  save('dump.txt', dumps.join('\n'))
})

/** A file that a tool writes, frame for frame as tshark sees it. */
function same(file: string, least = 1): void {
  const seen = seenByTshark(inFolder(file))
  expect(seen.length).toBeGreaterThanOrEqual(least)
  expect(seenHere(inFolder(file))).toEqual(seen)
}

describe('captures that other tools wrote', () => {
  test.each([
    ['pcapng', ['-F', 'pcapng']],
    ['pcap', ['-F', 'pcap']],
    ['nsecpcap', ['-F', 'nsecpcap']],
    ['pcapng, snapped', ['-F', 'pcapng', '-s', '64']],
    ['pcap, snapped', ['-F', 'pcap', '-s', '61']],
    ['nsecpcap, snapped', ['-F', 'nsecpcap', '-s', '70']],
    ['another link type, pcapng', ['-T', 'rawip', '-F', 'pcapng']],
    ['another link type, pcap', ['-T', 'ieee-802-11', '-F', 'pcap']],
    ['times moved', ['-t', '1700000000.000000001']],
    ['times moved back before 1970', ['-t', '-2', '-F', 'pcapng']],
    ['frames chopped at both ends', ['-C', '4', '-C', '-4', '-L']],
    ['frames taken out', ['-r']],
    ['comments added', ['-a', '2:an added comment', '-a', '2:and one more', '--capture-comment', 'of the file']],
    ['secrets', ['--inject-secrets', 'tls,keys.txt']],
  ])('editcap: %s', (_what, options) => {
    const selection = options.includes('-r') ? ['3-7', '11'] : []
    runWell('editcap', ...options, 'a.pcapng', 'edited', ...selection)
    same('edited', selection.length === 0 ? 40 : 6)
  })
  test.each([
    ['by time', []],
    ['one behind the other', ['-a']],
    ['with all interfaces', ['-I', 'all']],
    ['with interfaces of their own', ['-I', 'none']],
    ['as pcap', ['-F', 'pcap']],
    ['as nsecpcap, snapped', ['-F', 'nsecpcap', '-s', '65']],
  ])('mergecap: %s', (_what, options) => {
    runWell('mergecap', ...options, '-w', 'merged', 'a.pcapng', 'b.pcapng')
    same('merged', 49)
  })
  test('mergecap: of a pcapng and a pcap', () => {
    runWell('editcap', '-F', 'pcap', 'b.pcapng', 'b.pcap')
    runWell('mergecap', '-w', 'merged', 'a.pcapng', 'b.pcap')
    same('merged', 49)
  })
  test.each([
    ['pcapng with directions', ['-n', '-D', '-N', 'tap0']],
    ['pcap', ['-F', 'pcap', '-D']],
    ['nsecpcap', ['-F', 'nsecpcap', '-D']],
    ['another link type', ['-D', '-l', '101']],
    ['headers in front', ['-D', '-i', '17']],
  ])('text2pcap: %s', (_what, options) => {
    const { code } = run('text2pcap', '-q', '-t', '%Y-%m-%d %H:%M:%S.%f', ...options, 'dump.txt', 'dumped')
    expect(code).toBe(0)
    same('dumped', 5)
  })
  test.each([
    ['pcapng', []],
    ['pcap', ['-F', 'pcap']],
    ['nsecpcap', ['-F', 'nsecpcap']],
    ['pcapng with names', ['-W', 'n', '-H', 'hosts.txt']],
    ['chosen frames', ['-Y', 'frame.len > 500']],
  ])('tshark -w: %s', (_what, options) => {
    runWell('tshark', '-r', 'a.pcapng', ...options, '-w', 'rewritten')
    same('rewritten', 20)
  })
  test('two pcapng files put together are sections of one', () => {
    save('sections', joined(readFileSync(inFolder('a.pcapng')), readFileSync(inFolder('b.pcapng'))))
    const seen = seenByTshark(inFolder('sections'))
    expect(seen).toHaveLength(49)
    // tshark counts the interfaces of each section from 0; here they have numbers of their own.
    const here = seenHere(inFolder('sections'))
    expect(here.map((frame) => frame.interface)).toEqual(seen.map((frame, i) => frame.interface + (i < 40 ? 0 : 2)))
    expect(here.map((frame) => ({ ...frame, interface: 0 }))).toEqual(seen.map((frame) => ({ ...frame, interface: 0 })))
  })
})

/** What no tool on a little-endian machine writes; that they are right, tshark says. */
describe('captures that no tool here writes, as tshark reads them', () => {
  const bytes = (i: number): Uint8Array => ethernet(60 + i, i)
  describe.each([
    ['little-endian', true],
    ['big-endian', false],
  ])('%s', (name, little) => {
    const make = pcapngBlocks(little)
    test('every resolution of times, with and without an offset', () => {
      const resolutions = [0, 3, 6, 7, 9, 0x80, 0x81, 0x80 | 10, 0x80 | 20, 0x80 | 29]
      const bases = resolutions.flatMap((tsresol) => [{ tsresol }, { tsresol, tsoffset: 1_000_000n }])
      // Coarse ones stay below the year 2038.
      const ticks = [0n, 1n, 999n, 123_456n, 0x1_2345_6789n]
      const frames = bases.flatMap(({ tsresol }, on) =>
        ticks.map((tick, i) =>
          make.enhanced({ interface: on, ticks: tsresol % 0x80 < 4 ? tick % 1000n : tick, bytes: bytes(i) }),
        ),
      )
      save('resolution', joined(make.section(), ...bases.map((base) => make.interface(base)), ...frames))
      same('resolution', 100)
    })
    test('obsolete packets, simple packets, blocks of other kinds', () => {
      const file = joined(
        make.section(),
        make.interface({ snapLength: 64 }),
        make.interface({ tsresol: 9, name: 'second' }),
        make.block(0x8000_0bad, patterned(32)),
        make.enhanced({ interface: 1, ticks: 1n, bytes: bytes(0), flags: 1, comments: ['one', 'two'] }),
        make.obsolete({ interface: 0, ticks: 2n, bytes: bytes(1), length: 99, flags: 2 }),
        make.obsolete({ interface: 1, ticks: 3n, bytes: bytes(2), comments: ['old'] }),
        make.simple(bytes(3)),
        make.simple(bytes(9).subarray(0, 64), 69),
        make.enhanced({ interface: 0, ticks: 4n, bytes: bytes(5), length: 1514 }),
      )
      save(`kinds-${name}`, file)
      same(`kinds-${name}`, 6)
    })
    test.each([
      ['microseconds', PCAP_MAGIC.MICROSECONDS],
      ['nanoseconds', PCAP_MAGIC.NANOSECONDS],
    ])('classic pcap of %s', (_unit, magic) => {
      const records = Array.from({ length: 5 }, (_unused, i) => ({
        seconds: 1_700_000_000 + i,
        fraction: 999_000 + i,
        bytes: bytes(i),
        length: i === 3 ? 1514 : 60 + i,
      }))
      save('classic', pcapFile(little, records, { magic }))
      same('classic', 5)
    })
  })
})

describe('what is not read says so', () => {
  test.each([
    'modpcap',
    'suse6_3pcap',
    'snoop',
    'netmon1',
    'netmon2',
    'lanalyzer',
    'k12text',
    'observer',
    'visual',
    '5views',
  ])('a capture that editcap writes as %s', (format) => {
    runWell('editcap', '-F', format, 'a.pcapng', 'other')
    const { frames, problem } = readCapture(readFileSync(inFolder('other')))
    expect(frames).toEqual([])
    expect(problem?.message).toMatch(/editcap -F pcapng/)
  })
  test('a compressed capture', () => {
    expect(readCapture(gzipSync(readFileSync(inFolder('a.pcapng')))).problem?.message).toContain('gunzip it first')
  })
})
