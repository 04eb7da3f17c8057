import { u16 } from '../bytes'
import { ETHER_TYPES, LLC_SAPS } from './names.table'
import { dissectPayload } from './payload'
import { columnsOf, enter, needs, type Walk } from './walk'

const LLC_HEADER = 3
const SNAP = 0xaa
const SNAP_HEADER = 5
/** IPX sends its packets in 802.3 frames without LLC: they begin with the checksum that it never computes. */
const RAW_IPX = 0xffff

/** IEEE 802.2, with the sub-network access header of RFC 1042. */
export function dissectLlc(walk: Walk, at: number): void {
  const { bytes, sink } = walk
  const columns = columnsOf(walk)
  if (columns) columns.protocol = 'LLC'
  if (!needs(walk, at, LLC_HEADER, 'the LLC header')) return dissectPayload(walk, at)
  if (u16(bytes, at) === RAW_IPX) {
    if (columns) columns.protocol = 'IPX'
    return dissectPayload(walk, at)
  }
  const [dsap, ssap] = [bytes[at]!, bytes[at + 1]!]
  const snap = dsap === SNAP && ssap === SNAP && at + LLC_HEADER + SNAP_HEADER <= walk.end
  sink.open('llc', at, snap ? LLC_HEADER + SNAP_HEADER : LLC_HEADER, walk.end)
  sink.number('llc.dsap', at, 1, dsap, 0)
  sink.number('llc.ssap', at + 1, 1, ssap, 0)
  sink.number('llc.control', at + 2, 1, bytes[at + 2]!, 0)
  if (columns) columns.info = `${LLC_SAPS[ssap & 0xfe] ?? 'SAP'} → ${LLC_SAPS[dsap & 0xfe] ?? 'SAP'}`
  if (!snap) {
    sink.close()
    return dissectPayload(walk, at + LLC_HEADER)
  }
  const [oui, type] = [(bytes[at + 3]! << 16) | u16(bytes, at + 4), u16(bytes, at + 6)]
  sink.number('llc.oui', at + 3, 3, oui, 0)
  sink.number('llc.type', at + 6, 2, type, 0)
  sink.close()
  if (columns) columns.info = `SNAP, ${ETHER_TYPES[type] ?? `type 0x${type.toString(16).padStart(4, '0')}`}`
  const dissect = oui === 0 ? walk.dissectors.etherType(type) : undefined
  enter(walk, at + LLC_HEADER + SNAP_HEADER, dissect ?? dissectPayload)
}
