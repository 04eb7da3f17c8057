import { u16, u32 } from '../bytes'
import { ipv6Text } from './addresses'
import { columnsOf, needs, tooShort, type Walk } from './walk'

const ROUTER_SOLICITATION = 133
const ROUTER_ADVERTISEMENT = 134
const NEIGHBOR_SOLICITATION = 135
const NEIGHBOR_ADVERTISEMENT = 136
const REDIRECT = 137
const ADDRESS = 16
/** Bytes behind type, code and checksum, up to the options. */
const BODY: Readonly<Record<number, number>> = {
  [ROUTER_SOLICITATION]: 4,
  [ROUTER_ADVERTISEMENT]: 12,
  [NEIGHBOR_SOLICITATION]: 4 + ADDRESS,
  [NEIGHBOR_ADVERTISEMENT]: 4 + ADDRESS,
  [REDIRECT]: 4 + 2 * ADDRESS,
}
const OPTION_UNIT = 8
const SOURCE_LINK_LAYER = 1
const TARGET_LINK_LAYER = 2
const PREFIX = 3
const MTU = 5

export const isNeighborDiscovery = (type: number): boolean => BODY[type] !== undefined

/** RFC 4861 section 4; `at` is behind the checksum. */
export function dissectNeighborDiscovery(walk: Walk, at: number, type: number): void {
  const size = BODY[type] ?? 0
  if (!needs(walk, at, size, 'the neighbour discovery message')) return
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  const flags = bytes[at]!
  if (type === ROUTER_ADVERTISEMENT) routerAdvertisement(walk, at)
  else if (type === NEIGHBOR_SOLICITATION) {
    sink.bytes('icmpv6.nd.ns.target_address', at + 4, ADDRESS)
    if (columns) columns.info = `Neighbor Solicitation for ${ipv6Text(bytes, at + 4)}`
  } else if (type === NEIGHBOR_ADVERTISEMENT) {
    sink.number('icmpv6.nd.na.flag.r', at, 1, flags >> 7, 0x80)
    sink.number('icmpv6.nd.na.flag.s', at, 1, (flags >> 6) & 1, 0x40)
    sink.number('icmpv6.nd.na.flag.o', at, 1, (flags >> 5) & 1, 0x20)
    sink.bytes('icmpv6.nd.na.target_address', at + 4, ADDRESS)
    if (columns) columns.info = `Neighbor Advertisement of ${ipv6Text(bytes, at + 4)}`
  } else if (type === REDIRECT) {
    sink.bytes('icmpv6.nd.rd.target_address', at + 4, ADDRESS)
    sink.bytes('icmpv6.rd.na.destination_address', at + 4 + ADDRESS, ADDRESS)
    if (columns) columns.info = `Redirect to ${ipv6Text(bytes, at + 4)}`
  }
  options(walk, at + size)
}

function routerAdvertisement({ bytes, sink }: Walk, at: number): void {
  const flags = bytes[at + 1]!
  sink.number('icmpv6.nd.ra.cur_hop_limit', at, 1, bytes[at]!, 0)
  sink.number('icmpv6.nd.ra.flag.m', at + 1, 1, flags >> 7, 0x80)
  sink.number('icmpv6.nd.ra.flag.o', at + 1, 1, (flags >> 6) & 1, 0x40)
  sink.number('icmpv6.nd.ra.router_lifetime', at + 2, 2, u16(bytes, at + 2), 0)
  sink.number('icmpv6.nd.ra.reachable_time', at + 4, 4, u32(bytes, at + 4), 0)
  sink.number('icmpv6.nd.ra.retrans_timer', at + 8, 4, u32(bytes, at + 8), 0)
}

function options(walk: Walk, from: number): void {
  const { bytes, sink, end } = walk
  let at = from
  while (at + 2 <= end) {
    const units = bytes[at + 1]!
    const size = units * OPTION_UNIT
    if (size === 0) return sink.warn('_ws.malformed', at, 'an option of length 0')
    if (at + size > end) return tooShort(walk, at, 'the option')
    sink.open('icmpv6.opt', at, size, at + size)
    sink.number('icmpv6.opt.type', at, 1, bytes[at]!, 0)
    sink.number('icmpv6.opt.length', at + 1, 1, units, 0)
    optionBody(walk, at, size, bytes[at]!)
    sink.close()
    at += size
  }
  if (at < end) tooShort(walk, at, 'the option')
}

function optionBody({ bytes, sink }: Walk, at: number, size: number, type: number): void {
  if ((type === SOURCE_LINK_LAYER || type === TARGET_LINK_LAYER) && size === OPTION_UNIT)
    sink.bytes('icmpv6.opt.linkaddr', at + 2, 6)
  else if (type === MTU && size === OPTION_UNIT) sink.number('icmpv6.opt.mtu', at + 4, 4, u32(bytes, at + 4), 0)
  else if (type === PREFIX && size === 4 * OPTION_UNIT) {
    const flags = bytes[at + 3]!
    sink.number('icmpv6.opt.prefix.length', at + 2, 1, bytes[at + 2]!, 0)
    sink.number('icmpv6.opt.prefix.flag.l', at + 3, 1, flags >> 7, 0x80)
    sink.number('icmpv6.opt.prefix.flag.a', at + 3, 1, (flags >> 6) & 1, 0x40)
    sink.number('icmpv6.opt.prefix.valid_lifetime', at + 4, 4, u32(bytes, at + 4), 0)
    sink.number('icmpv6.opt.prefix.preferred_lifetime', at + 8, 4, u32(bytes, at + 8), 0)
    sink.bytes('icmpv6.opt.prefix', at + 16, ADDRESS)
  } else sink.bytes('icmpv6.opt.data', at + 2, size - 2)
}
