import { u16, u32 } from '../bytes'
import { columnsOf, needs, tooShort, type Walk } from './walk'

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
const DESTINATION = 60
const EXTENSIONS = new Set([HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION])
/** Every extension header is a multiple of eight bytes long and at least as long. */
const LEAST = 8
const FRAGMENT_OFFSET = 0xfff8
const MOST_EXTENSIONS_BYTES = 2048
const PAD1 = 0

export interface Extension {
  readonly next: number
  readonly end: number
  /** false: what follows is the middle of a packet. */
  readonly goesOn: boolean
  readonly words: string
}

export const isExtension = (next: number): boolean => EXTENSIONS.has(next)

/** RFC 8200 section 4; the length of an authentication header counts in units of its own (RFC 4302 section 2.2). */
export function dissectExtension(walk: Walk, at: number, kind: number): Extension | undefined {
  const { bytes } = walk
  if (!needs(walk, at, LEAST, 'the extension header')) return undefined
  const next = bytes[at]!
  const units = bytes[at + 1]!
  const size = kind === FRAGMENT ? LEAST : kind === AUTHENTICATION ? (units + 2) * 4 : (units + 1) * LEAST
  if (at + size > walk.end || size > MOST_EXTENSIONS_BYTES) {
    tooShort(walk, at, 'the extension header')
    return undefined
  }
  const end = at + size
  if (kind === FRAGMENT) return fragment(walk, at, end, next)
  if (kind === ROUTING) routing(walk, at, end, next, units)
  else if (kind === AUTHENTICATION) authentication(walk, at, end, next, units)
  else optionsHeader(walk, kind === HOP_BY_HOP ? 'hopopts' : 'dstopts', at, end)
  return { next, end, goesOn: true, words: '' }
}

function fragment(walk: Walk, at: number, end: number, next: number): Extension {
  const { bytes, sink } = walk
  const word = u16(bytes, at + 2)
  const offset = word & FRAGMENT_OFFSET
  const more = word & 1
  sink.open('ipv6.fraghdr', at, end - at, walk.end)
  sink.number('ipv6.fraghdr.nxt', at, 1, next, 0)
  sink.number('ipv6.fraghdr.offset', at + 2, 2, offset >> 3, FRAGMENT_OFFSET)
  sink.number('ipv6.fraghdr.more', at + 2, 2, more, 0x0001)
  sink.number('ipv6.fraghdr.ident', at + 4, 4, u32(bytes, at + 4), 0)
  sink.close()
  walk.fragment ||= offset > 0 || more === 1
  return { next, end, goesOn: offset === 0, words: `offset ${offset}, ID 0x${u32(bytes, at + 4).toString(16)}` }
}

function routing(walk: Walk, at: number, end: number, next: number, units: number): void {
  const { bytes, sink } = walk
  const left = bytes[at + 3]!
  sink.open('ipv6.routing', at, end - at, walk.end)
  sink.number('ipv6.routing.nxt', at, 1, next, 0)
  sink.number('ipv6.routing.len', at + 1, 1, units, 0)
  sink.number('ipv6.routing.type', at + 2, 1, bytes[at + 2]!, 0)
  sink.number('ipv6.routing.segleft', at + 3, 1, left, 0)
  sink.close()
  // The pseudo header has the last destination, which is not in the IPv6 header yet.
  if (left > 0) walk.fragment = true
}

function authentication(walk: Walk, at: number, end: number, next: number, units: number): void {
  const { bytes, sink } = walk
  sink.open('ah', at, end - at, walk.end)
  sink.number('ah.next_header', at, 1, next, 0)
  sink.number('ah.length', at + 1, 1, units, 0)
  sink.number('ah.spi', at + 4, 4, u32(bytes, at + 4), 0)
  sink.close()
}

function optionsHeader(walk: Walk, name: 'hopopts' | 'dstopts', from: number, end: number): void {
  const { bytes, sink } = walk
  sink.open(`ipv6.${name}`, from, end - from, walk.end)
  sink.number(`ipv6.${name}.nxt`, from, 1, bytes[from]!, 0)
  sink.number(`ipv6.${name}.len`, from + 1, 1, bytes[from + 1]!, 0)
  let at = from + 2
  while (at < end) {
    const type = bytes[at]!
    const length = type === PAD1 ? 0 : at + 1 < end ? bytes[at + 1]! : end
    const size = type === PAD1 ? 1 : 2 + length
    const bad = at + size > end
    sink.open('ipv6.opt', at, bad ? end - at : size, end)
    sink.number('ipv6.opt.type', at, 1, type, 0)
    if (type !== PAD1 && at + 1 < end) sink.number('ipv6.opt.length', at + 1, 1, length, 0)
    if (bad) sink.warn('_ws.malformed', at, 'the length of the option does not fit')
    else if (length > 0) sink.bytes('ipv6.opt.data', at + 2, length)
    sink.close()
    at += size
  }
  sink.close()
  const columns = columnsOf(walk)
  if (columns && at > end) columns.info = '[malformed option]'
}
