import { describe, expect, it } from 'vitest'
import type { CapturedFrame } from '../captured-frame'
import { FRAMES } from '../dissect/frames.fixture'
import { compileFilter } from './compile'

const captured = (bytes: Uint8Array, more: Partial<CapturedFrame> = {}): CapturedFrame => ({
  number: 7,
  interface: 1,
  interfaceName: 'NIC 1',
  direction: 'out',
  timeNs: 2_500_000,
  length: bytes.length,
  bytes,
  comment: 'NdisMSendComplete in driver.ts:12',
  ...more,
})
const passes = (text: string, bytes: Uint8Array, more?: Partial<CapturedFrame>): boolean => {
  const { filter, problem } = compileFilter(text)
  expect(problem, text).toBeUndefined()
  return filter!.test(captured(bytes, more))
}
/** Names of the frames that pass. */
const passing = (text: string): string[] =>
  Object.entries(FRAMES)
    .filter(([, bytes]) => passes(text, bytes))
    .map(([name]) => name)

describe('a display filter', () => {
  it.each([
    ['arp', ['ARP_REQUEST', 'ARP_REPLY', 'SNAP_ARP']],
    ['arp.opcode == 2', ['ARP_REPLY']],
    ['arp.opcode == reply', ['ARP_REPLY']],
    ['arp.opcode != "request" ', ['ARP_REPLY']],
    ['icmp or icmpv6.type == 128', ['PING', 'PING6', 'UNREACHABLE']],
    ['icmp && !(icmp.type == 8)', ['UNREACHABLE']],
    ['not ip and not ipv6 and not arp', ['LLC_STP', 'LLDP']],
    ['ip.dst == 93.184.216.34 and tcp.flags.syn', ['TCP_SYN', 'TCP_DATA']],
    ['tcp.flags.syn == true', ['TCP_SYN']],
    ['tcp.flags & 0x02', ['TCP_SYN']],
    ['tcp.flags & 0x12 == 0x10', ['TCP_DATA']],
    ['ip.addr == 192.168.0.0/16', ['TCP_SYN', 'TCP_DATA']],
    ['ipv6.addr == 2001:db8::/32', ['IPV6_EXTENSIONS']],
    ['ipv6.dst == ff02::1:ff00:2', ['NEIGHBOR_SOLICITATION']],
    ['eth.dst == 01:80:c2:00:00:00/40', ['LLC_STP', 'LLDP']],
    ['eth.dst[0:3] == 01:80:c2', ['LLC_STP', 'LLDP']],
    ['eth.dst[0-2] == 01-80-c2', ['LLC_STP', 'LLDP']],
    ['eth.type in {0x0806, 0x88cc}', ['ARP_REQUEST', 'ARP_REPLY', 'LLDP']],
    ['udp.dstport in {1..7} and ip.ttl == 64 and udp.checksum.status == bad', ['UDP_BAD_SUM']],
    ['vlan.id == 100 and vlan.id == 10', ['VLAN_UDP']],
    ['udp contains "hello"', ['UDP', 'UDP_BAD_SUM']],
    ['frame contains 68:65:6c:6c:6f', ['UDP', 'UDP_BAD_SUM']],
    ['tcp matches "GET /\\\\s?http"', ['TCP_DATA']],
    ['tcp.payload matches r"^GET \\S+ HTTP/1\\.[01]"', ['TCP_DATA']],
    ['ip.proto == UDP and ip.frag_offset > 0', ['FRAGMENT']],
    ['_ws.col.protocol == "LLDP"', ['LLDP']],
    ['_ws.expert contains "checksum"', ['UDP_BAD_SUM']],
    ['ip.opt.type == 148', ['IP_OPTIONS']],
  ])('%s', (text, expected) => expect(passing(text)).toEqual(expected))

  it('knows what surrounds the bytes', () => {
    for (const text of [
      'frame.number == 7',
      'frame.number in {1, 5..9}',
      'frame.len == 60 && frame.cap_len <= 60',
      'frame.time == 2.5ms',
      'frame.time >= 0.0025 and frame.time < 2501us',
      'frame.comment contains "SendComplete"',
      'frame.comment matches "driver\\\\.ts:\\\\d+$"',
      'frame.interface_id == 1',
      'direction == out',
      'frame.interface_name == "NIC 1"',
    ])
      expect(passes(text, FRAMES.UDP), text).toBe(true)
    for (const text of ['direction == in', 'frame.comment contains "Receive"', 'frame.time > 1s'])
      expect(passes(text, FRAMES.UDP), text).toBe(false)
    expect(passes('frame.comment', FRAMES.UDP, { comment: undefined })).toBe(false)
    expect(passes('direction', FRAMES.UDP, { direction: undefined })).toBe(false)
  })

  it('takes != for: there, and never this value', () => {
    expect(passes('ip.addr != 10.0.0.1', FRAMES.UDP)).toBe(false)
    expect(passes('ip.addr != 10.0.0.9', FRAMES.UDP)).toBe(true)
    expect(passes('ip.addr != 10.0.0.1', FRAMES.ARP_REQUEST)).toBe(false)
  })

  it('binds not before and, and before or', () => {
    expect(passes('arp or icmp and icmp.type == 0', FRAMES.ARP_REQUEST)).toBe(true)
    expect(passes('(arp or icmp) and icmp.type == 0', FRAMES.ARP_REQUEST)).toBe(false)
    expect(passes('! arp || arp', FRAMES.ARP_REQUEST)).toBe(true)
  })

  it('lets everything pass when empty', () => expect(passes('  ', FRAMES.LLDP)).toBe(true))

  it('does not remember the frame before', () => {
    const { filter } = compileFilter('udp.dstport == 7')
    expect([FRAMES.UDP, FRAMES.ARP_REQUEST, FRAMES.UDP].map((bytes) => filter!.test(captured(bytes)))).toEqual([
      true,
      false,
      true,
    ])
  })
})

describe('what is no filter', () => {
  it.each([
    ['ip.sorc == 1', 0, 7, "There is no field or protocol 'ip.sorc'."],
    ['ip.src ==', 9, 0, 'Here a value is missing.'],
    ['ip.src == 10.0.0.300', 10, 10, "'10.0.0.300' is not an IPv4 address, as in 10.0.0.1 or 10.0.0.0/8."],
    ['ip.src == 10.0.0.0/33', 10, 11, "'10.0.0.0/33' is not an address with a prefix of 0 to 32 bits."],
    ['eth.src == 02:00:00', 11, 8, "'02:00:00' is not a MAC address, as in 02:00:00:00:00:01."],
    ['ipv6.src == fe80:::1', 12, 8, "'fe80:::1' is not an IPv6 address, as in fe80::1 or fe80::/10."],
    ['ip.ttl == many', 10, 4, "'many' is not a number."],
    ['arp.opcode == ask', 14, 3, '\'ask\' is not a number, nor a name such as "request", "reply", "reverse request".'],
    ['tcp.flags.syn == 2', 17, 1, "'2' is not true or false."],
    ['frame.time > soon', 13, 4, "'soon' is not a time: 0.5, 20us, 1.5ms, 3s."],
    ['udp and', 7, 0, 'Here the name of a field or protocol is missing.'],
    ['(udp', 4, 0, "Here a ')' is missing."],
    ['udp tcp', 4, 3, "'tcp' stands where 'and', 'or' or a comparison is expected."],
    ['udp ? tcp', 4, 1, "'?' means nothing here."],
    ['ip.ttl contains 5', 7, 8, "'ip.ttl' is no text and no bytes: use '=='."],
    ['udp contains 5g', 13, 2, "'5g' is not a row of bytes, as in 0a:1b:2c, nor a quoted text."],
    ['udp matches "a("', 12, 4, "The pattern has a '(' without its ')'."],
    ['ip.addr < 10.0.0.0/8', 10, 10, "A network fits '==' and '!='; '<' needs one address."],
    ['udp contains "ab', 13, 3, 'This text has no closing quote.'],
    ['eth.src[3-1] == 00', 8, 3, 'The last byte comes before the first.'],
    ['udp.port in {1', 14, 0, "Here a '}' is missing."],
    ['eth & 1', 0, 3, "'eth' is no number: '&' takes bits of numbers."],
    ['ip.options == 1', 0, 10, "'ip.options' has no value to compare with."],
  ])('%s', (text, at, length, message) => expect(compileFilter(text).problem).toEqual({ at, length, message }))

  it('is refused when it nests without end or is a pasted book', () => {
    expect(compileFilter(`${'('.repeat(500)}udp`).problem?.message).toBe('This is nested too deeply.')
    expect(compileFilter(`udp ${'x'.repeat(20_000)}`).problem?.message).toBe('A filter has at most 10000 characters.')
    const long = Array.from({ length: 900 }, () => 'udp').join(' or ')
    expect(passes(long, FRAMES.UDP)).toBe(true)
  })
})
