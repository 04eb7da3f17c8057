import { describe, expect, it } from 'vitest'
import { colonHex, ipv4Text, ipv6Text } from '../../src/core/wire/formats/dissect/addresses'
import { dissectFrame } from '../../src/core/wire/formats/dissect/dissect'
import { fieldType, type FieldName } from '../../src/core/wire/formats/dissect/fields.table'
import { FRAMES } from '../../src/core/wire/formats/dissect/frames.fixture'
import { createCollector, type Slot } from '../../src/core/wire/formats/display-filter/collector'
import { compileFilter } from '../../src/core/wire/formats/display-filter/compile'
import type { CapturedFrame } from '../../src/core/wire/formats/captured-frame'
import { runWell, save, useFolder } from './tools'

useFolder()

const KNOWN = Object.values(FRAMES)
const captured = (bytes: Uint8Array, index: number): CapturedFrame => ({
  number: index + 1,
  interface: 0,
  interfaceName: '',
  timeNs: index * 1_000_000_000,
  length: bytes.length,
  bytes,
})

function pcap(): string {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(65_535, 16)
  head.writeUInt32LE(1, 20)
  const records = KNOWN.flatMap((frame, index) => {
    const record = Buffer.alloc(16)
    record.writeUInt32LE(index, 0)
    record.writeUInt32LE(frame.length, 8)
    record.writeUInt32LE(frame.length, 12)
    return [record, Buffer.from(frame)]
  })
  return save('known.pcap', Buffer.concat([head, ...records]))
}
/** Wireshark leaves checksums alone unless told, and puts fragments together, which is not done here. */
const PREFERENCES = [
  'ip.check_checksum:TRUE',
  'udp.check_checksum:TRUE',
  'tcp.check_checksum:TRUE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
].flatMap((preference) => ['-o', preference])

// prettier-ignore
const NAMES: readonly FieldName[] = [
  'eth.src', 'eth.dst', 'eth.type', 'eth.len', 'llc.dsap', 'llc.ssap', 'llc.type', 'arp.hw.type', 'arp.opcode', 'arp.src.hw_mac', 'arp.src.proto_ipv4',
  'arp.dst.hw_mac', 'arp.dst.proto_ipv4', 'ip.src', 'ip.dst', 'ip.hdr_len', 'ip.len', 'ip.id', 'ip.ttl', 'ip.flags.df', 'ip.flags.mf',
  'ip.frag_offset', 'ip.proto', 'ip.checksum', 'ip.checksum.status', 'ip.dsfield.dscp', 'ip.dsfield.ecn', 'ip.opt.type', 'ipv6.src', 'ipv6.dst',
  'ipv6.plen', 'ipv6.nxt', 'ipv6.hlim', 'ipv6.flow', 'ipv6.tclass', 'ipv6.fraghdr.ident', 'ipv6.fraghdr.offset', 'ipv6.opt.type',
  'ipv6.hopopts.nxt', 'ipv6.dstopts.nxt', 'icmp.type', 'icmp.code', 'icmp.checksum', 'icmp.checksum.status', 'icmp.ident', 'icmp.seq', 'icmpv6.type',
  'icmpv6.code', 'icmpv6.checksum.status', 'icmpv6.nd.ns.target_address', 'icmpv6.nd.na.flag.s', 'icmpv6.nd.na.flag.o', 'icmpv6.opt.type',
  'icmpv6.opt.linkaddr', 'icmpv6.echo.identifier', 'icmpv6.echo.sequence_number', 'udp.srcport', 'udp.dstport', 'udp.length', 'udp.checksum',
  'udp.checksum.status', 'tcp.srcport', 'tcp.dstport', 'tcp.hdr_len', 'tcp.flags', 'tcp.flags.syn', 'tcp.seq_raw', 'tcp.ack_raw', 'tcp.len',
  'tcp.window_size_value', 'tcp.checksum.status', 'tcp.options.mss_val', 'tcp.option_kind', 'tcp.options.wscale.shift', 'tcp.options.timestamp.tsval',
]

/** The values of a field in one frame, as tshark writes them. */
function written(name: FieldName, slot: Slot, bytes: Uint8Array): string {
  const { kind } = fieldType(name)
  const one = (index: number): string => {
    const at = slot.starts[index]!
    if (kind === 'mac') return colonHex(bytes, at, 6)
    if (kind === 'ipv4') return ipv4Text(bytes, at)
    if (kind === 'ipv6') return ipv6Text(bytes, at)
    return String(slot.numbers[index])
  }
  return Array.from({ length: slot.count }, (_, index) => one(index)).join(',')
}
/** Numbers in any base and truths as plain numbers. */
const plain = (text: string, kind: string): string =>
  text
    .split(',')
    .map((value) =>
      value === 'True' ? '1' : value === 'False' ? '0' : kind.startsWith('hex') && value ? `${Number(value)}` : value,
    )
    .join(',')

describe('frames are taken apart as tshark takes them apart', () => {
  it('field for field', () => {
    const fields = NAMES.flatMap((name) => ['-e', name])
    const lines = runWell('tshark', '-r', pcap(), ...PREFERENCES, '-T', 'fields', '-E', 'separator=|', ...fields).split(
      '\n',
    )
    const collector = createCollector()
    const slots = NAMES.map((name) => collector.slot(name))
    KNOWN.forEach((bytes, index) => {
      collector.clear()
      dissectFrame(captured(bytes, index), collector.sink)
      const theirs = lines[index]!.split('|')
      const both = NAMES.map((name, place) => ({
        name,
        here: written(name, slots[place]!, bytes),
        there: plain(theirs[place]!, fieldType(name).kind),
      }))
      expect(
        both.map(({ name, here }) => `${name}=${here}`),
        `frame ${index + 1}`,
      ).toEqual(both.map(({ name, there }) => `${name}=${there}`))
    })
  })

  it('and pass the same display filters', () => {
    const file = pcap()
    // prettier-ignore
    const filters = [
      'arp or icmpv6.type in {135..136}', 'not ip and not ipv6', 'ip.addr != 10.0.0.2', 'ip.src == 192.168.0.0/16 or ip.dst > 10.0.0.1',
      'eth.dst[0:3] == 01:80:c2', 'eth.addr == 02:00:00:00:00:01 && !(eth.src == 02:00:00:00:00:01)', 'tcp.flags & 0x12',
      'udp.port in {7, 1000..2000}', 'ip.ttl < 65 and ip.len > 60', 'ipv6.dst == ff02::/16 or frame contains "hello"',
      'udp contains 68:65:6c or tcp.payload matches "^get .*http"', 'udp.checksum.status == "Bad"', 'ip.flags.mf == 1 or llc',
      'eth.src < 02:00:00:00:00:01 and frame.len >= 70',
    ]
    for (const text of filters) {
      const there = runWell('tshark', '-r', file, ...PREFERENCES, '-Y', text, '-T', 'fields', '-e', 'frame.number')
      const { filter, problem } = compileFilter(text)
      expect(problem, text).toBeUndefined()
      const here = KNOWN.flatMap((bytes, index) => (filter!.test(captured(bytes, index)) ? [`${index + 1}`] : []))
      expect(here, text).toEqual(there.trim() === '' ? [] : there.trim().split('\n'))
    }
  }, 120_000)
})
