import { u16 } from '../bytes'
import { ICMP_TYPES, ICMP_UNREACHABLE } from './names.table'
import { addWords } from '../checksum'
import { tellChecksum } from './internet-checksum'
import { dissectPayload } from './payload'
import { dissectQuoted } from './quoted'
import { columnsOf, needs, type Walk } from './walk'

const HEADER = 8
const ECHO_REPLY = 0
const UNREACHABLE = 3
const REDIRECT = 5
const ECHO_REQUEST = 8
const FRAGMENTATION_NEEDED = 4
/** Messages that quote the beginning of the packet that they are about. */
const QUOTING = new Set([UNREACHABLE, 4, REDIRECT, 11, 12])
const WITH_IDENTIFIER = new Set([ECHO_REPLY, ECHO_REQUEST, 13, 14])
const IPV4 = 0x0800

/** RFC 792. */
export function dissectIcmp(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'ICMP'
  if (!needs(walk, at, HEADER, 'the ICMP header')) return dissectPayload(walk, at)
  const [type, code] = [bytes[at]!, bytes[at + 1]!]
  const words = describe(type, code)
  if (columns) columns.info = words
  sink.open('icmp', at, HEADER, walk.end)
  if (sink.worded) sink.describe(words)
  sink.number('icmp.type', at, 1, type, 0)
  sink.number('icmp.code', at + 1, 1, code, 0)
  tellChecksum(walk, 'icmp', at + 2, walk.fragment || walk.quoted ? undefined : addWords(bytes, at, walk.end))
  if (WITH_IDENTIFIER.has(type)) {
    sink.number('icmp.ident', at + 4, 2, u16(bytes, at + 4), 0)
    sink.number('icmp.seq', at + 6, 2, u16(bytes, at + 6), 0)
    if (columns) columns.info = `${words}, id ${u16(bytes, at + 4)}, sequence ${u16(bytes, at + 6)}`
  } else if (type === REDIRECT) sink.bytes('icmp.redir_gw', at + 4, 4)
  else if (type === UNREACHABLE && code === FRAGMENTATION_NEEDED) {
    sink.bytes('icmp.unused', at + 4, 2)
    sink.number('icmp.mtu', at + 6, 2, u16(bytes, at + 6), 0)
  } else sink.bytes('icmp.unused', at + 4, 4)
  sink.close()
  if (QUOTING.has(type)) dissectQuoted(walk, at + HEADER, IPV4)
  else dissectPayload(walk, at + HEADER)
}

function describe(type: number, code: number): string {
  const name = ICMP_TYPES[type] ?? `type ${type}`
  if (type === UNREACHABLE) return `${name} (${ICMP_UNREACHABLE[code] ?? `code ${code}`})`
  return code === 0 ? name : `${name}, code ${code}`
}
