/** The frames of a ping as bytes: ARP, ICMP echo, and neighbour discovery and echo of IPv6 (RFC 826, 792, 4861, 4443). */

export type Bytes = readonly number[]

const ETHER_TYPE = { IPV4: 0x0800, ARP: 0x0806, IPV6: 0x86dd } as const
const ICMP = 1
const ICMPV6 = 58
const SHORTEST_FRAME = 60
/** Where the header behind that of Ethernet begins, and those behind IP. */
const NETWORK = 14
const IN_IPV4 = NETWORK + 20
const IN_IPV6 = NETWORK + 40
const ECHO_HEADER = 8
/** Bytes that an echo request carries: with its header 64. */
const DATA_BYTES = 56
const TIME_TO_LIVE = 64
/** Neighbour discovery takes no packet that a router passed on. */
const FROM_THIS_LINK = 255

export const BROADCAST: Bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
const NOBODY: Bytes = [0, 0, 0, 0, 0, 0]
export const ARP_REQUEST = 1
export const ARP_REPLY = 2
export const ECHO = { 4: { REQUEST: 8, REPLY: 0 }, 6: { REQUEST: 128, REPLY: 129 } } as const
const NEIGHBOR_SOLICITATION = 135
const NEIGHBOR_ADVERTISEMENT = 136
const OPTION_SOURCE_ADDRESS = 1
const OPTION_TARGET_ADDRESS = 2

/** A host: its address of Ethernet, and one of IPv4 (4 bytes) or IPv6 (16). */
export interface Host {
  readonly mac: Bytes
  readonly ip: Bytes
}

const u16 = (value: number): number[] => [(value >>> 8) & 0xff, value & 0xff]
const at16 = (bytes: Bytes, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
export const same = (a: Bytes, b: Bytes): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** The one's complement of the sum of 16-bit words (RFC 1071). */
function checksum(bytes: Bytes): number[] {
  let sum = 0
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) | (bytes[at + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return u16(~sum)
}
/** With its checksum at `at`, where zeros were. */
const withChecksum = (bytes: Bytes, at: number, summed: Bytes = bytes): number[] => [
  ...bytes.slice(0, at),
  ...checksum(summed),
  ...bytes.slice(at + 2),
]
const ethernet = (to: Bytes, from: Bytes, type: number, payload: Bytes): number[] => {
  const frame = [...to, ...from, ...u16(type), ...payload]
  return [...frame, ...Array<number>(Math.max(0, SHORTEST_FRAME - frame.length)).fill(0)]
}

/** `operation`: ARP_REQUEST, which asks everybody for the address of `to`, or ARP_REPLY. */
export function arp(operation: number, from: Host, to: Host): number[] {
  const asked = operation === ARP_REQUEST
  const payload = [0, 1, 8, 0, 6, 4, ...u16(operation), ...from.mac, ...from.ip, ...(asked ? NOBODY : to.mac), ...to.ip]
  return ethernet(asked ? BROADCAST : to.mac, from.mac, ETHER_TYPE.ARP, payload)
}

function ipv4(from: Host, to: Host, payload: Bytes): number[] {
  const header = [0x45, 0, ...u16(20 + payload.length), 0, 0, 0x40, 0, TIME_TO_LIVE, ICMP, 0, 0, ...from.ip, ...to.ip]
  return ethernet(to.mac, from.mac, ETHER_TYPE.IPV4, [...withChecksum(header, 10), ...withChecksum(payload, 2)])
}
/** The checksum of ICMPv6 covers a header made of the addresses, the length and the protocol (RFC 8200, 8.1). */
function ipv6(from: Host, to: Host, payload: Bytes): number[] {
  const pseudo = [...from.ip, ...to.ip, 0, 0, ...u16(payload.length), 0, 0, 0, ICMPV6]
  const header = [0x60, 0, 0, 0, ...u16(payload.length), ICMPV6, FROM_THIS_LINK, ...from.ip, ...to.ip]
  return ethernet(to.mac, from.mac, ETHER_TYPE.IPV6, [...header, ...withChecksum(payload, 2, [...pseudo, ...payload])])
}
const isIpv6 = ({ ip }: Host): boolean => ip.length === 16

/** What an echo request carries: bytes that differ from one request to the next. */
export const echoData = (sequence: number): number[] =>
  Array.from({ length: DATA_BYTES }, (_unused, index) => (sequence * 37 + index) & 0xff)

/** An echo request, or the reply to one. */
export function echo(kind: 'REQUEST' | 'REPLY', from: Host, to: Host, id: number, sequence: number, data: Bytes) {
  const type = ECHO[isIpv6(from) ? 6 : 4][kind]
  const payload = [type, 0, 0, 0, ...u16(id), ...u16(sequence), ...data]
  return isIpv6(from) ? ipv6(from, to, payload) : ipv4(from, to, payload)
}

/** Asks for the address of Ethernet of an IPv6 address: not everybody hears it, only those whose address ends alike. */
export function neighborSolicitation(from: Host, ip: Bytes): number[] {
  const end = ip.slice(13)
  const group = { mac: [0x33, 0x33, 0xff, ...end], ip: [0xff, 2, ...Array<number>(9).fill(0), 1, 0xff, ...end] }
  const option = [OPTION_SOURCE_ADDRESS, 1, ...from.mac]
  return ipv6(from, group, [NEIGHBOR_SOLICITATION, 0, 0, 0, 0, 0, 0, 0, ...ip, ...option])
}
/** The address of IPv6 that a NIC has on its link without asking anybody (RFC 4862). */
export const linkLocal = (mac: Bytes): number[] => [
  ...[0xfe, 0x80, 0, 0, 0, 0, 0, 0],
  ...[mac[0]! ^ 2, mac[1]!, mac[2]!, 0xff, 0xfe, mac[3]!, mac[4]!, mac[5]!],
]

/** A frame that was understood; `from` is who sent it. */
export type Understood =
  | { readonly kind: 'arp'; readonly operation: number; readonly from: Host; readonly target: Bytes }
  | { readonly kind: 'neighbor'; readonly from: Host }
  | {
      readonly kind: 'echo'
      readonly type: number
      readonly from: Host
      readonly to: Bytes
      readonly id: number
      readonly sequence: number
      readonly data: Bytes
    }

function readEcho(frame: Bytes, at: number, end: number, from: Host, to: Bytes): Understood {
  const [id, sequence] = [at16(frame, at + 4), at16(frame, at + 6)]
  return { kind: 'echo', type: frame[at]!, from, to, id, sequence, data: frame.slice(at + ECHO_HEADER, end) }
}
/** undefined: it is nothing that a ping has to do with, or its checksum is wrong. */
export function understand(frame: Bytes): Understood | undefined {
  const mac = frame.slice(6, 12)
  switch (at16(frame, 12)) {
    case ETHER_TYPE.ARP: {
      const from = { mac: frame.slice(22, 28), ip: frame.slice(28, 32) }
      return { kind: 'arp', operation: at16(frame, 20), from, target: frame.slice(38, 42) }
    }
    case ETHER_TYPE.IPV4: {
      const end = NETWORK + at16(frame, NETWORK + 2)
      if (frame[NETWORK + 9] !== ICMP || end > frame.length || !sumsUp(frame.slice(NETWORK, IN_IPV4))) return undefined
      if (!sumsUp(frame.slice(IN_IPV4, end))) return undefined
      const [from, to] = [{ mac, ip: frame.slice(26, 30) }, frame.slice(30, 34)]
      return readEcho(frame, IN_IPV4, end, from, to)
    }
    case ETHER_TYPE.IPV6: {
      const length = at16(frame, NETWORK + 4)
      const end = IN_IPV6 + length
      const [from, to] = [{ mac, ip: frame.slice(22, 38) }, frame.slice(38, 54)]
      const pseudo = [...from.ip, ...to, 0, 0, ...u16(length), 0, 0, 0, ICMPV6]
      if (frame[NETWORK + 6] !== ICMPV6 || end > frame.length) return undefined
      if (!sumsUp([...pseudo, ...frame.slice(IN_IPV6, end)])) return undefined
      if (frame[IN_IPV6] === NEIGHBOR_ADVERTISEMENT) return readAdvertisement(frame, end)
      return readEcho(frame, IN_IPV6, end, from, to)
    }
    default:
      return undefined
  }
}
/** Whose address it is stands in the message, and its address of Ethernet in an option behind it. */
function readAdvertisement(frame: Bytes, end: number): Understood | undefined {
  const ip = frame.slice(IN_IPV6 + 8, IN_IPV6 + 24)
  const option = IN_IPV6 + 24
  if (option + 8 > end || frame[option] !== OPTION_TARGET_ADDRESS) return undefined
  return { kind: 'neighbor', from: { mac: frame.slice(option + 2, option + 8), ip } }
}
const sumsUp = (bytes: Bytes): boolean => same(checksum(bytes), [0, 0])
