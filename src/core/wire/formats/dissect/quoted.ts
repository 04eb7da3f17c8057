import { dissectPayload } from './payload'
import { enter, type Walk } from './walk'

/** The beginning of another packet, as error messages quote it: its columns and its missing rest do not count. */
export function dissectQuoted(walk: Walk, at: number, etherType: number): void {
  const { quoted, end, claimed, fragment } = walk
  const dissect = walk.dissectors.etherType(etherType) ?? dissectPayload
  walk.quoted = true
  // A quotation is meant to be incomplete.
  walk.claimed = Number.MAX_SAFE_INTEGER
  if (at < end) enter(walk, at, dissect)
  Object.assign(walk, { quoted, end, claimed, fragment })
}
