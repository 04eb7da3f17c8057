import { u16 } from '../bytes'
import { macText } from './addresses'
import { dissectLlc } from './llc'
import { ETHER_TYPES } from './names.table'
import { dissectPayload } from './payload'
import { columnsOf, enter, needs, type Walk } from './walk'

export const ETHERNET_HEADER = 14
const TYPE = 12
/** Smaller values of the type field are lengths: IEEE 802.3 clause 3.2.6. */
const FIRST_TYPE = 0x0600
const LOCAL_BIT = 0x020000
const GROUP_BIT = 0x010000

/** An address of six bytes with what its first byte says: IEEE 802 clause 8. */
function address(walk: Walk, name: 'eth.dst' | 'eth.src', at: number): void {
  const { sink, bytes } = walk
  sink.bytes(name, at, 6)
  sink.number(`${name}.lg`, at, 3, (bytes[at]! >> 1) & 1, LOCAL_BIT)
  sink.number(`${name}.ig`, at, 3, bytes[at]! & 1, GROUP_BIT)
}

export function dissectEthernet(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  if (!needs(walk, at, ETHERNET_HEADER, 'the Ethernet header')) return dissectPayload(walk, at)
  const columns = columnsOf(walk)
  if (columns) {
    columns.destination = macText(bytes, at)
    columns.source = macText(bytes, at + 6)
    columns.protocol = 'Ethernet'
  }
  sink.open('eth', at, ETHERNET_HEADER, walk.end)
  if (sink.worded) sink.describe(`${macText(bytes, at + 6)} → ${macText(bytes, at)}`)
  address(walk, 'eth.dst', at)
  address(walk, 'eth.src', at + 6)
  const type = u16(bytes, at + TYPE)
  sink.number(type < FIRST_TYPE ? 'eth.len' : 'eth.type', at + TYPE, 2, type, 0)
  sink.close()
  afterType(walk, at + ETHERNET_HEADER, type)
}

/** What a type or length field announces. */
export function afterType(walk: Walk, at: number, type: number): void {
  if (type >= FIRST_TYPE) {
    const dissect = walk.dissectors.etherType(type)
    if (dissect) return enter(walk, at, dissect)
    const columns = columnsOf(walk)
    if (columns) {
      columns.protocol = ETHER_TYPES[type] ?? `0x${type.toString(16).padStart(4, '0')}`
      columns.info = `${ETHER_TYPES[type] ?? 'Unknown type'}, ${walk.end - at} bytes`
    }
    return dissectPayload(walk, at)
  }
  const claimed = at + type
  if (claimed > walk.claimed) walk.sink.warn('_ws.malformed', at - 2, 'the length is more than the frame holds')
  walk.claimed = Math.min(walk.claimed, claimed)
  walk.end = Math.min(walk.end, claimed)
  enter(walk, at, dissectLlc)
}

/** What lies behind the end of the packet inside: short frames are filled up to 60 bytes. */
export function dissectPadding(walk: Walk): void {
  const { sink, bytes, end } = walk
  if (end < bytes.length) sink.bytes('eth.padding', end, bytes.length - end)
}
