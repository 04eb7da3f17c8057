import { linkTypeName } from '../link-types.table'
import { dissectPayload } from './payload'
import { enter, type Walk } from './walk'

const RAW = 101
const IPV4 = 228
const IPV6 = 229
const ETHER_TYPE_OF_VERSION: Readonly<Record<number, number>> = { 4: 0x0800, 6: 0x86dd }

/** Frames of captures that are not of Ethernet: IP packets without a link layer, or bytes that nothing is known about. */
export function dissectLinkType(walk: Walk, linkType: number): void {
  const version = (walk.bytes[0] ?? 0) >> 4
  const type = linkType === RAW || linkType === IPV4 || linkType === IPV6 ? ETHER_TYPE_OF_VERSION[version] : undefined
  const dissect = type === undefined ? undefined : walk.dissectors.etherType(type)
  if (dissect) return enter(walk, 0, dissect)
  if (walk.columns)
    Object.assign(walk.columns, { protocol: 'bytes', info: `${linkTypeName(linkType)}, not taken apart` })
  dissectPayload(walk, 0)
}
