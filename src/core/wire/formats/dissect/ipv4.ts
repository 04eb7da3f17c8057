import { u16 } from '../bytes'
import { ipv4Text } from './addresses'
import { addWords } from '../checksum'
import { tellChecksum } from './internet-checksum'
import { IP_PROTOCOLS } from './names.table'
import { dissectPayload } from './payload'
import { columnsOf, enter, needs, tooShort, type Walk } from './walk'

const LEAST_HEADER = 20
const MORE_FRAGMENTS = 0x2000
const DONT_FRAGMENT = 0x4000
const RESERVED = 0x8000
const OFFSET = 0x1fff
const END_OF_OPTIONS = 0
const NO_OPERATION = 1

/** RFC 791. */
export function dissectIpv4(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'IPv4'
  if (!needs(walk, at, LEAST_HEADER, 'the IPv4 header')) return dissectPayload(walk, at)
  const header = (bytes[at]! & 0x0f) * 4
  const total = u16(bytes, at + 2)
  const protocol = bytes[at + 9]!
  const here = Math.min(at + Math.max(header, LEAST_HEADER), walk.end)
  if (columns) {
    columns.source = ipv4Text(bytes, at + 12)
    columns.destination = ipv4Text(bytes, at + 16)
    columns.info = `${IP_PROTOCOLS[protocol] ?? `protocol ${protocol}`}, ${total} bytes`
  }
  sink.open('ip', at, here - at, Math.min(walk.end, at + Math.max(total, header)))
  if (sink.worded) sink.describe(`${ipv4Text(bytes, at + 12)} → ${ipv4Text(bytes, at + 16)}`)
  headerFields(walk, at, header)
  const sound = checkLengths(walk, at, header, total)
  if (header > LEAST_HEADER && at + header <= walk.end) options(walk, at + LEAST_HEADER, at + header)
  sink.close()
  if (sound) payload(walk, at, at + header, protocol)
}

function headerFields(walk: Walk, at: number, header: number): void {
  const { bytes, sink } = walk
  const service = bytes[at + 1]!
  const fragment = u16(bytes, at + 6)
  sink.number('ip.version', at, 1, bytes[at]! >> 4, 0xf0)
  sink.number('ip.hdr_len', at, 1, header, 0x0f)
  sink.open('ip.dsfield', at + 1, 1, at + 2)
  sink.number('ip.dsfield', at + 1, 1, service, 0)
  sink.number('ip.dsfield.dscp', at + 1, 1, service >> 2, 0xfc)
  sink.number('ip.dsfield.ecn', at + 1, 1, service & 3, 0x03)
  sink.close()
  sink.number('ip.len', at + 2, 2, u16(bytes, at + 2), 0)
  sink.number('ip.id', at + 4, 2, u16(bytes, at + 4), 0)
  sink.number('ip.flags', at + 6, 1, fragment >> 13, 0xe0)
  sink.number('ip.flags.rb', at + 6, 1, (fragment & RESERVED) >> 15, 0x80)
  sink.number('ip.flags.df', at + 6, 1, (fragment & DONT_FRAGMENT) >> 14, 0x40)
  sink.number('ip.flags.mf', at + 6, 1, (fragment & MORE_FRAGMENTS) >> 13, 0x20)
  sink.number('ip.frag_offset', at + 6, 2, fragment & OFFSET, OFFSET)
  sink.number('ip.ttl', at + 8, 1, bytes[at + 8]!, 0)
  sink.number('ip.proto', at + 9, 1, bytes[at + 9]!, 0)
  const whole = header >= LEAST_HEADER && at + header <= walk.end
  tellChecksum(walk, 'ip', at + 10, whole ? addWords(bytes, at, at + header) : undefined)
  sink.bytes('ip.src', at + 12, 4)
  sink.bytes('ip.dst', at + 16, 4)
}

/** Whether the lengths make sense, so that there is something behind the header. */
function checkLengths(walk: Walk, at: number, header: number, total: number): boolean {
  const version = walk.bytes[at]! >> 4
  const bad =
    version !== 4
      ? `the version is ${version}, not 4`
      : header < LEAST_HEADER
        ? `the header length of ${header} bytes is less than ${LEAST_HEADER}`
        : total < header
          ? `the total length of ${total} bytes is less than the header`
          : ''
  if (bad) {
    walk.sink.warn('_ws.malformed', at, bad)
    const columns = columnsOf(walk)
    if (columns) columns.info = `[malformed: ${bad}]`
    return false
  }
  if (at + header > walk.end) {
    tooShort(walk, at + LEAST_HEADER, 'the IPv4 header')
    return false
  }
  return true
}

function options(walk: Walk, from: number, to: number): void {
  const { bytes, sink } = walk
  sink.open('ip.options', from, to - from, to)
  let at = from
  while (at < to) {
    const type = bytes[at]!
    const single = type === END_OF_OPTIONS || type === NO_OPERATION
    const length = single ? 1 : at + 1 < to ? bytes[at + 1]! : 0
    const bad = !single && (length < 2 || at + length > to)
    const size = bad ? to - at : length
    sink.open('ip.opt', at, size, at + size)
    sink.number('ip.opt.type', at, 1, type, 0)
    if (!single && at + 1 < to) sink.number('ip.opt.len', at + 1, 1, length, 0)
    if (bad) sink.warn('_ws.malformed', at, 'the length of the option does not fit')
    else if (length > 2) sink.bytes('ip.opt.data', at + 2, length - 2)
    sink.close()
    if (type === END_OF_OPTIONS) break
    at += size
  }
  sink.close()
}

function payload(walk: Walk, at: number, from: number, protocol: number): void {
  const { bytes } = walk
  const fragment = u16(bytes, at + 6)
  const offset = (fragment & OFFSET) * 8
  const claimed = at + u16(bytes, at + 2)
  const missing = claimed > walk.claimed
  if (missing && !walk.quoted) walk.sink.warn('_ws.malformed', at + 2, 'the total length is more than the frame holds')
  walk.claimed = missing ? walk.claimed : claimed
  walk.fragment ||= (fragment & MORE_FRAGMENTS) !== 0 || offset > 0 || missing || claimed > walk.end
  walk.end = Math.min(walk.end, claimed)
  walk.ipVersion = 4
  walk.ipAddresses = at + 12
  if (offset > 0) {
    const columns = columnsOf(walk)
    const name = IP_PROTOCOLS[protocol] ?? `protocol ${protocol}`
    if (columns) columns.info = `Fragment of ${name}, offset ${offset}, ID 0x${u16(bytes, at + 4).toString(16)}`
    return dissectPayload(walk, from)
  }
  enter(walk, from, walk.dissectors.ipProtocol(protocol) ?? dissectPayload)
}
