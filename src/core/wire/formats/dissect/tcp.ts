import { u16, u32 } from '../bytes'
import { tellChecksum, transportSum } from './internet-checksum'
import { dissectPayload } from './payload'
import { dissectTcpOptions } from './tcp-options'
import { columnsOf, needs, tooShort, type Walk } from './walk'

const PROTOCOL = 6
const LEAST_HEADER = 20
const FLAGS = 0x0fff
const FLAG_FIELDS = [
  ['tcp.flags.cwr', 0x080, 'CWR'],
  ['tcp.flags.ece', 0x040, 'ECE'],
  ['tcp.flags.urg', 0x020, 'URG'],
  ['tcp.flags.ack', 0x010, 'ACK'],
  ['tcp.flags.push', 0x008, 'PSH'],
  ['tcp.flags.reset', 0x004, 'RST'],
  ['tcp.flags.syn', 0x002, 'SYN'],
  ['tcp.flags.fin', 0x001, 'FIN'],
] as const

const flagNames = (flags: number): string =>
  FLAG_FIELDS.filter(([, mask]) => flags & mask)
    .map(([, , name]) => name)
    .reverse()
    .join(', ')

/** RFC 9293 section 3.1. */
export function dissectTcp(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'TCP'
  if (!needs(walk, at, LEAST_HEADER, 'the TCP header')) return dissectPayload(walk, at)
  const header = (bytes[at + 12]! >> 4) * 4
  const length = Math.max(0, Math.min(walk.claimed, walk.bytes.length) - at - header)
  const here = Math.min(Math.max(header, LEAST_HEADER), walk.end - at)
  if (columns) columns.info = describe(bytes, at, length)
  sink.open('tcp', at, here, walk.end)
  if (sink.worded) sink.describe(describe(bytes, at, length))
  fields(walk, at, header)
  if (header < LEAST_HEADER) {
    sink.warn('_ws.malformed', at + 12, `the header length of ${header} bytes is less than ${LEAST_HEADER}`)
    if (columns) columns.info += ' [malformed]'
  } else if (at + header > walk.end) tooShort(walk, at + LEAST_HEADER, 'the TCP header')
  else if (header > LEAST_HEADER) dissectTcpOptions(walk, at + LEAST_HEADER, at + header)
  const from = at + Math.max(header, LEAST_HEADER)
  sink.number('tcp.len', at + 12, 1, length, 0)
  if (from < walk.end) sink.bytes('tcp.payload', from, walk.end - from)
  sink.close()
  dissectPayload(walk, from)
}

const describe = (bytes: Uint8Array, at: number, length: number): string =>
  `${u16(bytes, at)} → ${u16(bytes, at + 2)} [${flagNames(u16(bytes, at + 12))}] Seq=${u32(bytes, at + 4)}` +
  ` Ack=${u32(bytes, at + 8)} Win=${u16(bytes, at + 14)} Len=${length}`

function fields(walk: Walk, at: number, header: number): void {
  const { bytes, sink } = walk
  const flags = u16(bytes, at + 12) & FLAGS
  sink.number('tcp.srcport', at, 2, u16(bytes, at), 0)
  sink.number('tcp.dstport', at + 2, 2, u16(bytes, at + 2), 0)
  sink.number('tcp.seq_raw', at + 4, 4, u32(bytes, at + 4), 0)
  sink.number('tcp.ack_raw', at + 8, 4, u32(bytes, at + 8), 0)
  sink.number('tcp.hdr_len', at + 12, 1, header, 0xf0)
  sink.number('tcp.flags', at + 12, 2, flags, FLAGS)
  for (const [name, mask] of FLAG_FIELDS) sink.number(name, at + 12, 2, flags & mask ? 1 : 0, mask)
  sink.number('tcp.window_size_value', at + 14, 2, u16(bytes, at + 14), 0)
  tellChecksum(walk, 'tcp', at + 16, transportSum(walk, PROTOCOL, at, walk.fragment ? walk.end + 1 : walk.end))
  sink.number('tcp.urgent_pointer', at + 18, 2, u16(bytes, at + 18), 0)
}
