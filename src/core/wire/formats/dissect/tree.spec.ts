import { describe, expect, it } from 'vitest'
import type { CapturedFrame } from '../captured-frame'
import { summarize } from './dissect'
import type { FieldNode } from './field'
import { FRAMES } from './frames.fixture'
import { fieldTree } from './tree'

const captured = (bytes: Uint8Array, more: Partial<CapturedFrame> = {}): CapturedFrame => ({
  number: 1,
  interface: 0,
  interfaceName: 'NIC 0',
  timeNs: 0,
  length: bytes.length,
  bytes,
  ...more,
})
const flat = (nodes: readonly FieldNode[]): FieldNode[] => nodes.flatMap((node) => [node, ...flat(node.children ?? [])])
const fieldsOf = (bytes: Uint8Array, more?: Partial<CapturedFrame>) => flat(fieldTree(captured(bytes, more)))
/** Values of a field, in order. */
const values = (bytes: Uint8Array, name: string): string[] =>
  fieldsOf(bytes)
    .filter((node) => node.name === name)
    .map((node) => node.value)
const only = (bytes: Uint8Array, name: string, more?: Partial<CapturedFrame>): FieldNode => {
  const found = fieldsOf(bytes, more).filter((node) => node.name === name)
  expect(found, name).toHaveLength(1)
  return found[0]!
}
const warnings = (bytes: Uint8Array, more?: Partial<CapturedFrame>): string[] =>
  fieldsOf(bytes, more).flatMap((node) => node.warning ?? [])
const layers = (bytes: Uint8Array): string[] =>
  fieldTree(captured(bytes))
    .map((node) => node.name)
    .slice(1)

describe('Ethernet, VLAN and LLC', () => {
  it('has addresses with their bits, the type and the padding', () => {
    expect(only(FRAMES.ARP_REQUEST, 'eth.dst')).toMatchObject({ value: 'ff:ff:ff:ff:ff:ff', offset: 0, length: 6 })
    expect(only(FRAMES.ARP_REQUEST, 'eth.dst.ig')).toMatchObject({
      value: 'Set',
      offset: 0,
      length: 3,
      mask: 0x010000,
      bits: '.... ...1 .... .... .... ....',
    })
    expect(only(FRAMES.ARP_REQUEST, 'eth.src')).toMatchObject({ value: '02:00:00:00:00:01', offset: 6 })
    expect(only(FRAMES.ARP_REQUEST, 'eth.type')).toMatchObject({ value: 'ARP (0x0806)', offset: 12, length: 2 })
    expect(only(FRAMES.ARP_REQUEST, 'eth.padding')).toMatchObject({ offset: 42, length: 18 })
  })
  it('goes through stacked tags', () => {
    expect(layers(FRAMES.VLAN_UDP)).toEqual(['eth', 'vlan', 'vlan', 'ip', 'udp', 'data', 'eth.padding'])
    expect(values(FRAMES.VLAN_UDP, 'vlan.id')).toEqual(['100', '10'])
    expect(values(FRAMES.VLAN_UDP, 'vlan.priority')).toEqual(['0', '5'])
  })
  it('takes a small type for a length, with what it announces', () => {
    expect(only(FRAMES.LLC_STP, 'eth.len').value).toBe('38 bytes')
    expect(only(FRAMES.LLC_STP, 'llc.dsap').value).toBe('Spanning Tree BPDU (0x42)')
    expect(only(FRAMES.LLC_STP, 'eth.padding')).toMatchObject({ offset: 52, length: 8 })
    expect(layers(FRAMES.SNAP_ARP)).toEqual(['eth', 'llc', 'arp', 'eth.padding'])
  })
  it('shows what it does not know as bytes', () => {
    expect(summarize(captured(FRAMES.LLDP))).toMatchObject({ protocol: 'LLDP', source: '02:00:00:00:00:01' })
    expect(layers(FRAMES.LLDP)).toEqual(['eth', 'data'])
  })
})

describe('ARP', () => {
  it('says who asks for whom', () => {
    expect(summarize(captured(FRAMES.ARP_REQUEST))).toEqual({
      source: '02:00:00:00:00:01',
      destination: 'ff:ff:ff:ff:ff:ff',
      protocol: 'ARP',
      info: 'Who has 10.0.0.2? Tell 10.0.0.1',
    })
    expect(summarize(captured(FRAMES.ARP_REPLY)).info).toBe('10.0.0.2 is at 00:1b:21:aa:bb:cc')
    expect(only(FRAMES.ARP_REPLY, 'arp.opcode')).toMatchObject({ value: 'reply (2)', offset: 20, length: 2 })
    expect(only(FRAMES.ARP_REPLY, 'arp.dst.proto_ipv4')).toMatchObject({ value: '10.0.0.1', offset: 38, length: 4 })
  })
})

describe('IPv4', () => {
  it('has every field of the header at its place', () => {
    expect(only(FRAMES.UDP, 'ip.hdr_len')).toMatchObject({
      value: '20 bytes',
      mask: 0x0f,
      bits: '.... 0101',
      offset: 14,
    })
    expect(only(FRAMES.UDP, 'ip.dsfield.dscp').value).toBe('Expedited Forwarding (46)')
    expect(only(FRAMES.UDP, 'ip.dsfield.ecn').value).toBe('ECT(1) (1)')
    expect(only(FRAMES.UDP, 'ip.flags.df')).toMatchObject({ value: 'Set', bits: '.1.. ....', offset: 20 })
    expect(only(FRAMES.UDP, 'ip.checksum.status').value).toBe('Good (1)')
    expect(only(FRAMES.UDP, 'ip.src')).toMatchObject({ value: '10.0.0.1', offset: 26, filter: 'ip.src == 10.0.0.1' })
  })
  it('says which header checksum is right when it is wrong', () => {
    const broken = Uint8Array.from(FRAMES.UDP)
    broken[24]! ^= 0x01
    const right = FRAMES.UDP[24]!.toString(16).padStart(2, '0') + FRAMES.UDP[25]!.toString(16).padStart(2, '0')
    expect(only(broken, 'ip.checksum').warning).toBe(`the checksum is wrong, it should be 0x${right}`)
    expect(only(broken, 'ip.checksum.status').value).toBe('Bad (0)')
  })
  it('lists options', () => {
    expect(values(FRAMES.IP_OPTIONS, 'ip.opt.type')).toEqual([
      'Router Alert (148)',
      'No-Operation (1)',
      'No-Operation (1)',
      'No-Operation (1)',
      'End of Options List (0)',
    ])
    expect(only(FRAMES.IP_OPTIONS, 'udp.checksum.status').value).toBe('Good (1)')
  })
  it('does not take the middle of a packet for a header', () => {
    expect(summarize(captured(FRAMES.FRAGMENT)).info).toBe('Fragment of UDP, offset 1480, ID 0xbeef')
    expect(layers(FRAMES.FRAGMENT)).toEqual(['eth', 'ip', 'data'])
    expect(only(FRAMES.FRAGMENT, 'ip.frag_offset').value).toBe('185 (× 8 bytes)')
    expect(only(FRAMES.FIRST_FRAGMENT, 'udp.checksum.status').value).toBe('Unverified (2)')
    expect(warnings(FRAMES.FIRST_FRAGMENT)).toEqual([])
  })
  it('names nonsense lengths', () => {
    const small = Uint8Array.from(FRAMES.UDP)
    small[14] = 0x44
    expect(warnings(small)).toContain('the header length of 16 bytes is less than 20')
    const short = Uint8Array.from(FRAMES.UDP)
    short[17] = 10
    expect(warnings(short)).toContain('the total length of 10 bytes is less than the header')
    const long = Uint8Array.from(FRAMES.UDP)
    long[16] = 4
    expect(warnings(long)).toContain('the total length is more than the frame holds')
  })
})

describe('ICMP', () => {
  it('has echo identifier and sequence', () => {
    expect(summarize(captured(FRAMES.PING))).toMatchObject({
      source: '10.0.0.1',
      destination: '10.0.0.2',
      protocol: 'ICMP',
      info: 'Echo (ping) request, id 7, sequence 1',
    })
    expect(only(FRAMES.PING, 'icmp.checksum.status').value).toBe('Good (1)')
  })
  it('shows the packet that an error quotes, and stays about the error', () => {
    expect(summarize(captured(FRAMES.UNREACHABLE)).info).toBe('Destination unreachable (Port unreachable)')
    expect(values(FRAMES.UNREACHABLE, 'ip.src')).toEqual(['10.0.0.2', '10.0.0.1'])
    expect(values(FRAMES.UNREACHABLE, 'udp.dstport')).toEqual(['9999'])
    expect(warnings(FRAMES.UNREACHABLE)).toEqual([])
  })
})

describe('IPv6 and ICMPv6', () => {
  it('has traffic class and flow label by their bits', () => {
    expect(only(FRAMES.PING6, 'ipv6.tclass')).toMatchObject({ value: '0x20', mask: 0x0ff00000 })
    expect(only(FRAMES.PING6, 'ipv6.flow')).toMatchObject({ value: '0x012345', mask: 0xfffff })
    expect(summarize(captured(FRAMES.PING6))).toMatchObject({
      source: 'fe80::1',
      info: 'Echo (ping) request, id 9, sequence 3',
    })
    expect(only(FRAMES.PING6, 'icmpv6.checksum.status').value).toBe('Good (1)')
  })
  it('knows neighbour discovery with its options', () => {
    expect(summarize(captured(FRAMES.NEIGHBOR_SOLICITATION)).info).toBe('Neighbor Solicitation for fe80::2')
    expect(only(FRAMES.NEIGHBOR_SOLICITATION, 'icmpv6.opt.linkaddr').value).toBe('02:00:00:00:00:01')
    expect(only(FRAMES.NEIGHBOR_ADVERTISEMENT, 'icmpv6.nd.na.flag.s')).toMatchObject({
      value: 'Set',
      bits: '.1.. ....',
    })
    expect(only(FRAMES.NEIGHBOR_ADVERTISEMENT, 'icmpv6.nd.na.flag.r').value).toBe('Not set')
  })
  it('goes through extension headers', () => {
    expect(layers(FRAMES.IPV6_EXTENSIONS)).toEqual([
      'eth',
      'ipv6',
      'ipv6.hopopts',
      'ipv6.dstopts',
      'ipv6.fraghdr',
      'udp',
      'data',
    ])
    expect(only(FRAMES.IPV6_EXTENSIONS, 'ipv6.fraghdr.ident').value).toBe('0x0000cafe')
    expect(only(FRAMES.IPV6_EXTENSIONS, 'udp.checksum.status').value).toBe('Good (1)')
  })
})

describe('UDP and TCP', () => {
  it('tells a checksum that is wrong, absent or right', () => {
    expect(only(FRAMES.UDP, 'udp.checksum.status').value).toBe('Good (1)')
    expect(only(FRAMES.UDP_BAD_SUM, 'udp.checksum.status').value).toBe('Bad (0)')
    expect(only(FRAMES.VLAN_UDP, 'udp.checksum.status').value).toBe('Not present (3)')
    expect(only(FRAMES.UDP, 'data.data').value).toBe('68:65:6c:6c:6f:20:77:69:72:65')
  })
  it('has flags and options of a connection that begins', () => {
    expect(summarize(captured(FRAMES.TCP_SYN)).info).toBe('49152 → 80 [SYN] Seq=287454020 Ack=0 Win=64240 Len=0')
    expect(only(FRAMES.TCP_SYN, 'tcp.options.mss_val').value).toBe('1460 bytes')
    expect(only(FRAMES.TCP_SYN, 'tcp.options.wscale.shift').value).toBe('7')
    expect(only(FRAMES.TCP_SYN, 'tcp.options.timestamp.tsval').value).toBe('10')
    expect(only(FRAMES.TCP_SYN, 'tcp.checksum.status').value).toBe('Good (1)')
    expect(only(FRAMES.TCP_DATA, 'tcp.len').value).toBe('18 bytes')
  })
})

describe('what is not whole', () => {
  it('is cut short when the capture kept less than was on the wire', () => {
    const bytes = FRAMES.UDP.slice(0, 38)
    expect(warnings(bytes, { length: 60 })).toEqual([
      'the capture holds 38 of 60 bytes',
      'the capture holds only the beginning of the UDP header',
    ])
    expect(summarize(captured(bytes, { length: 60 })).info).toContain('[the UDP header is cut short]')
  })
  it('is malformed when there never was more', () => {
    expect(warnings(FRAMES.PING6.slice(0, 40))).toEqual(['the IPv6 header ends too early'])
    expect(summarize(captured(new Uint8Array(3)))).toMatchObject({ info: '[the Ethernet header is malformed]' })
    expect(fieldTree(captured(new Uint8Array(0)))).toHaveLength(2)
  })
  it('does not follow packets in packets for ever', () => {
    const nested = new Uint8Array(14 + 400 * 4)
    nested.set([0x81, 0x00], 12)
    for (let at = 14; at < nested.length; at += 4) nested.set([0, 1, 0x81, 0x00], at)
    expect(warnings(nested)).toContain('more than 32 layers')
  })
})

it('takes IP packets apart that have no link layer, and shows other links as bytes', () => {
  const packet = FRAMES.UDP.slice(14)
  expect(summarize(captured(packet, { linkType: 101 }))).toMatchObject({ protocol: 'UDP', source: '10.0.0.1' })
  expect(fieldsOf(packet, { linkType: 101 }).some((node) => node.name === 'eth')).toBe(false)
  expect(summarize(captured(packet, { linkType: 105 })).info).toBe('IEEE802_11 (wireless), not taken apart')
})

it('has the comment and the direction of a frame', () => {
  const more = { comment: 'NdisSend in 18.ts:40', direction: 'out' as const, timeNs: 1_500, number: 12 }
  expect(only(FRAMES.UDP, 'frame.comment', more).value).toBe('NdisSend in 18.ts:40')
  expect(only(FRAMES.UDP, 'direction', more).value).toBe('out (1)')
  expect(only(FRAMES.UDP, 'frame.time', more)).toMatchObject({ value: '0.000001500 s', filter: 'frame.time == 1500ns' })
})
