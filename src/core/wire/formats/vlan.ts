import { scratchHeader, u16 } from './bytes'
import { ETHER_TYPE, ETHERNET, etherType } from './ethernet'

/** Bytes of a tag: the type 0x8100 and the tag control information (IEEE 802.1Q, 9.3). */
export const VLAN_BYTES = 4
export interface VlanTag {
  /** 0 to 7. */
  readonly priority: number
  /** Drop eligible indicator. */
  readonly dropEligible: boolean
  /** 0 to 4095; 0: priority only. */
  readonly id: number
}
const PRIORITY_SHIFT = 13
const DROP_ELIGIBLE = 0x1000
const ID_MASK = 0x0fff

export const vlanControl = ({ priority, dropEligible, id }: VlanTag): number =>
  ((priority & 7) << PRIORITY_SHIFT) | (dropEligible ? DROP_ELIGIBLE : 0) | (id & ID_MASK)
export const vlanTag = (control: number): VlanTag => ({
  priority: control >>> PRIORITY_SHIFT,
  dropEligible: (control & DROP_ELIGIBLE) !== 0,
  id: control & ID_MASK,
})
export const isTagged = (bytes: Uint8Array): boolean => etherType(bytes) === ETHER_TYPE.VLAN
/** The tag of a tagged frame. */
export const readVlan = (bytes: Uint8Array): VlanTag => vlanTag(u16(bytes, ETHERNET.TYPE + 2))

const tag = scratchHeader(VLAN_BYTES)
/** Puts a tag into a frame, behind its addresses; its length then. The array has room for it. */
export function insertVlan(bytes: Uint8Array, length: number, control: number): number {
  bytes.copyWithin(ETHERNET.TYPE + VLAN_BYTES, ETHERNET.TYPE, length)
  tag.view.setUint16(0, ETHER_TYPE.VLAN)
  tag.view.setUint16(2, control)
  bytes.set(tag.bytes, ETHERNET.TYPE)
  return length + VLAN_BYTES
}
/** Takes the tag out of a tagged frame; its length then. */
export function removeVlan(bytes: Uint8Array, length: number): number {
  bytes.copyWithin(ETHERNET.TYPE, ETHERNET.TYPE + VLAN_BYTES, length)
  return length - VLAN_BYTES
}
