import { u16, u32 } from '../bytes'
import { ipv6Text } from './addresses'
import { tellChecksum, transportSum } from './internet-checksum'
import { ICMPV6_TYPES } from './names.table'
import { dissectNeighborDiscovery, isNeighborDiscovery } from './neighbor-discovery'
import { dissectPayload } from './payload'
import { dissectQuoted } from './quoted'
import { columnsOf, needs, type Walk } from './walk'

const PROTOCOL = 58
const HEADER = 4
const BODY = 4
const PACKET_TOO_BIG = 2
const PARAMETER_PROBLEM = 4
const FIRST_INFORMATIONAL = 128
const ECHO_REQUEST = 128
const ECHO_REPLY = 129
const LISTENER_QUERY = 130
const LISTENER_DONE = 132
const IPV6 = 0x86dd

/** RFC 4443; neighbour discovery is RFC 4861, multicast listeners RFC 2710. */
export function dissectIcmpv6(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'ICMPv6'
  if (!needs(walk, at, HEADER, 'the ICMPv6 header')) return dissectPayload(walk, at)
  const type = bytes[at]!
  const words = ICMPV6_TYPES[type] ?? `type ${type}`
  if (columns) columns.info = words
  sink.open('icmpv6', at, walk.end - at, walk.end)
  if (sink.worded) sink.describe(words)
  sink.number('icmpv6.type', at, 1, type, 0)
  sink.number('icmpv6.code', at + 1, 1, bytes[at + 1]!, 0)
  tellChecksum(walk, 'icmpv6', at + 2, transportSum(walk, PROTOCOL, at, walk.end))
  if (needs(walk, at + HEADER, BODY, 'the ICMPv6 message')) message(walk, at + HEADER, type)
  sink.close()
}

function message(walk: Walk, at: number, type: number): void {
  if (isNeighborDiscovery(type)) return dissectNeighborDiscovery(walk, at, type)
  if (type < FIRST_INFORMATIONAL) return error(walk, at, type)
  if (type === ECHO_REQUEST || type === ECHO_REPLY) return echo(walk, at)
  if (type >= LISTENER_QUERY && type <= LISTENER_DONE) return listener(walk, at)
  dissectPayload(walk, at)
}

function error(walk: Walk, at: number, type: number): void {
  const { bytes, sink } = walk
  const value = u32(bytes, at)
  if (type === PACKET_TOO_BIG) sink.number('icmpv6.mtu', at, BODY, value, 0)
  else if (type === PARAMETER_PROBLEM) sink.number('icmpv6.pointer', at, BODY, value, 0)
  else sink.bytes('icmpv6.unused', at, BODY)
  dissectQuoted(walk, at + BODY, IPV6)
}

function echo(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const [id, sequence] = [u16(bytes, at), u16(bytes, at + 2)]
  sink.number('icmpv6.echo.identifier', at, 2, id, 0)
  sink.number('icmpv6.echo.sequence_number', at + 2, 2, sequence, 0)
  const columns = columnsOf(walk)
  if (columns) columns.info += `, id ${id}, sequence ${sequence}`
  dissectPayload(walk, at + BODY)
}

function listener(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  sink.number('icmpv6.mld.maximum_response_delay', at, 2, u16(bytes, at), 0)
  if (!needs(walk, at + BODY, 16, 'the multicast address')) return
  sink.bytes('icmpv6.mld.multicast_address', at + BODY, 16)
  const columns = columnsOf(walk)
  if (columns) columns.info += ` for ${ipv6Text(bytes, at + BODY)}`
}
