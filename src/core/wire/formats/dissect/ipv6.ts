import { u16, u32 } from '../bytes'
import { ipv6Text } from './addresses'
import { dissectExtension, isExtension } from './ipv6-extensions'
import { IP_PROTOCOLS } from './names.table'
import { dissectPayload } from './payload'
import { columnsOf, enter, needs, type Walk } from './walk'

const HEADER = 40
const NO_NEXT_HEADER = 59

/** RFC 8200. */
export function dissectIpv6(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'IPv6'
  if (!needs(walk, at, HEADER, 'the IPv6 header')) return dissectPayload(walk, at)
  const first = u32(bytes, at)
  const length = u16(bytes, at + 4)
  const next = bytes[at + 6]!
  if (columns) {
    columns.source = ipv6Text(bytes, at + 8)
    columns.destination = ipv6Text(bytes, at + 24)
    columns.info = `${IP_PROTOCOLS[next] ?? `next header ${next}`}, ${length} bytes`
  }
  sink.open('ipv6', at, HEADER, Math.min(walk.end, at + HEADER + length))
  if (sink.worded) sink.describe(`${ipv6Text(bytes, at + 8)} → ${ipv6Text(bytes, at + 24)}`)
  sink.number('ipv6.version', at, 4, first >>> 28, 0xf0000000)
  sink.number('ipv6.tclass', at, 4, (first >>> 20) & 0xff, 0x0ff00000)
  sink.number('ipv6.flow', at, 4, first & 0xfffff, 0x000fffff)
  sink.number('ipv6.plen', at + 4, 2, length, 0)
  sink.number('ipv6.nxt', at + 6, 1, next, 0)
  sink.number('ipv6.hlim', at + 7, 1, bytes[at + 7]!, 0)
  sink.bytes('ipv6.src', at + 8, 16)
  sink.bytes('ipv6.dst', at + 24, 16)
  const bad = first >>> 28 === 6 ? '' : `the version is ${first >>> 28}, not 6`
  if (bad) sink.warn('_ws.malformed', at, bad)
  sink.close()
  if (bad) {
    if (columns) columns.info = `[malformed: ${bad}]`
    return
  }
  limit(walk, at, length)
  afterHeaders(walk, at + HEADER, next)
}

/** The packet ends where its payload length says; 0 with a jumbo option would be one too long for any link here. */
function limit(walk: Walk, at: number, length: number): void {
  const claimed = at + HEADER + length
  const missing = claimed > walk.claimed
  if (missing && !walk.quoted)
    walk.sink.warn('_ws.malformed', at + 4, 'the payload length is more than the frame holds')
  walk.claimed = missing ? walk.claimed : claimed
  walk.fragment ||= missing || claimed > walk.end
  walk.end = Math.min(walk.end, claimed)
  walk.ipVersion = 6
  walk.ipAddresses = at + 8
}

/** Extension headers one by one, then what they announce. */
function afterHeaders(walk: Walk, from: number, first: number): void {
  let at = from
  let next = first
  while (isExtension(next)) {
    const extension = dissectExtension(walk, at, next)
    if (!extension) return
    next = extension.next
    at = extension.end
    if (!extension.goesOn) {
      const columns = columnsOf(walk)
      if (columns) columns.info = `Fragment of ${IP_PROTOCOLS[next] ?? `next header ${next}`}, ${extension.words}`
      return dissectPayload(walk, at)
    }
  }
  const columns = columnsOf(walk)
  if (next === NO_NEXT_HEADER && columns) columns.info = 'No next header'
  enter(walk, at, walk.dissectors.ipProtocol(next) ?? dissectPayload)
}
