import { u16 } from '../bytes'
import { CHECKSUM, tellChecksum, transportSum } from './internet-checksum'
import { dissectPayload } from './payload'
import { columnsOf, needs, type Walk } from './walk'

const PROTOCOL = 17
const HEADER = 8

/** RFC 768. */
export function dissectUdp(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'UDP'
  if (!needs(walk, at, HEADER, 'the UDP header')) return dissectPayload(walk, at)
  const [source, destination, length] = [u16(bytes, at), u16(bytes, at + 2), u16(bytes, at + 4)]
  const end = at + Math.max(length, HEADER)
  if (columns) columns.info = `${source} → ${destination}  Len=${Math.max(0, length - HEADER)}`
  sink.open('udp', at, HEADER, Math.min(walk.end, end))
  if (sink.worded) sink.describe(`${source} → ${destination}`)
  sink.number('udp.srcport', at, 2, source, 0)
  sink.number('udp.dstport', at + 2, 2, destination, 0)
  sink.number('udp.length', at + 4, 2, length, 0)
  if (length < HEADER) sink.warn('_ws.malformed', at + 4, `the length of ${length} bytes is less than the header`)
  else if (end > walk.claimed && !walk.fragment)
    sink.warn('_ws.malformed', at + 4, 'the length is more than the packet holds')
  checksum(walk, at, end)
  sink.close()
  walk.claimed = Math.min(walk.claimed, end)
  walk.end = Math.min(walk.end, end)
  dissectPayload(walk, at + HEADER)
}

function checksum(walk: Walk, at: number, end: number): void {
  const { bytes, sink } = walk
  if (u16(bytes, at + 6) !== 0) return tellChecksum(walk, 'udp', at + 6, transportSum(walk, PROTOCOL, at, end))
  sink.number('udp.checksum', at + 6, 2, 0, 0)
  // RFC 8200 section 8.1: over IPv6 there must be one.
  if (walk.ipVersion === 6) sink.warn('_ws.expert', at + 6, 'over IPv6 the checksum must not be left out')
  sink.number('udp.checksum.status', at + 6, 2, CHECKSUM.ABSENT, 0)
}
