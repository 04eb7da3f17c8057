import { u16 } from '../bytes'
import { afterType } from './ethernet'
import { dissectPayload } from './payload'
import { columnsOf, needs, type Walk } from './walk'

const TAG = 4
const PRIORITY = 0xe000
const DROP_ELIGIBLE = 0x1000
const IDENTIFIER = 0x0fff

/** A tag of IEEE 802.1Q clause 9.6, behind its type; tags may be stacked. */
export function dissectVlan(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'VLAN'
  if (!needs(walk, at, TAG, 'the VLAN tag')) return dissectPayload(walk, at)
  const control = u16(bytes, at)
  const type = u16(bytes, at + 2)
  sink.open('vlan', at, TAG, walk.end)
  if (sink.worded) sink.describe(`ID ${control & IDENTIFIER}, priority ${control >> 13}`)
  sink.number('vlan.priority', at, 2, control >> 13, PRIORITY)
  sink.number('vlan.dei', at, 2, (control & DROP_ELIGIBLE) >> 12, DROP_ELIGIBLE)
  sink.number('vlan.id', at, 2, control & IDENTIFIER, IDENTIFIER)
  sink.number(type < 0x0600 ? 'vlan.len' : 'vlan.etype', at + 2, 2, type, 0)
  sink.close()
  if (columns) columns.info = `VLAN ${control & IDENTIFIER}`
  afterType(walk, at + TAG, type)
}
