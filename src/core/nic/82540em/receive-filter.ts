import type { Words } from '../../memory/address-space'
import { swap16 } from './bytes'
import type { Chip, Handlers } from './chip'
import { MASK, SHIFT, WORD } from './registers'
import { isBroadcast, isGroup } from './statistics'

const { RCTL, RAH } = MASK
const ENTRIES = 16
const HASH_MASK = 0xfff
/** How far the last 16 bits of an address are shifted for the hash, by RCTL.MO (SDM 13.5.1). */
const HASH_SHIFT = [4, 3, 2, 0] as const
const VLAN_MASK = 0xfff
const CFI_BIT = 0x1000
/** Word of a frame with EtherType and tag, which are there high byte first. */
const TYPE_WORD = 3

/** What a filter says of a frame. */
export const PASSED = { NO: 0, EXACT: 1, INEXACT: 2 } as const
export type Passed = (typeof PASSED)[keyof typeof PASSED]

export interface ReceiveFilter {
  /** `frame`: its words, from the destination address on. */
  passes(frame: Words): Passed
  /** true: the EtherType is that of a VLAN tag (VET). */
  tagged(frame: Words): boolean
  /** An address was loaded by the device itself. */
  update(): void
  readonly handlers: Handlers
}

/** The tag of a frame that has one: priority, CFI, identifier. */
export const tagOf = (frame: Words): number => swap16(frame[TYPE_WORD]! >>> 16)

/** Which frames are for this station (SDM 3.2.1, 13.5): exact addresses, multicast hash, broadcast, promiscuous, VLAN. */
export function createReceiveFilter({ words, at }: Chip): ReceiveFilter {
  const rctl = at + WORD.RCTL
  const ral = at + WORD.RAL
  const rah = at + WORD.RAH
  /** Entries from 0 that have to be looked at: behind them none is valid. */
  let used = 0

  function update(): void {
    used = 0
    for (let entry = 0; entry < ENTRIES; entry++) if ((words[rah + 2 * entry]! & RAH.AV) !== 0) used = entry + 1
  }
  function exact(frame: Words): boolean {
    const low = frame[0]!
    const high = (frame[1]! & 0xffff) | RAH.AV
    for (let entry = 0; entry < used; entry++) {
      const compared = words[rah + 2 * entry]!
      if (compared === high && words[ral + 2 * entry] === low) return true
      // AS 1: the source address is what counts.
      if ((compared & RAH.AS) === 1 << SHIFT.RAH.AS && sourceIs(frame, words[ral + 2 * entry]!, compared)) return true
    }
    return false
  }
  const sourceIs = (frame: Words, low: number, high: number): boolean =>
    (high & RAH.AV) !== 0 && ((frame[1]! >>> 16) | (frame[2]! << 16)) === low && frame[2]! >>> 16 === (high & RAH.RAH)

  function hashed(frame: Words): boolean {
    const shift = HASH_SHIFT[(words[rctl]! & RCTL.MO) >> SHIFT.RCTL.MO]!
    const hash = ((frame[1]! & 0xffff) >> shift) & HASH_MASK
    return ((words[at + WORD.MTA + (hash >> 5)]! >> (hash & 31)) & 1) === 1
  }
  function address(frame: Words): Passed {
    if (exact(frame)) return PASSED.EXACT
    const control = words[rctl]!
    if (!isGroup(frame[0]!)) return (control & RCTL.UPE) !== 0 ? PASSED.INEXACT : PASSED.NO
    if ((control & RCTL.BAM) !== 0 && isBroadcast(frame[0]!, frame[1]!)) return PASSED.EXACT
    return (control & RCTL.MPE) !== 0 || hashed(frame) ? PASSED.INEXACT : PASSED.NO
  }
  function tagged(frame: Words): boolean {
    return (frame[TYPE_WORD]! & 0xffff) === swap16(words[at + WORD.VET]!)
  }
  /** Untagged frames pass (SDM 9.4). */
  function vlan(frame: Words): boolean {
    const control = words[rctl]!
    if ((control & RCTL.VFE) === 0 || !tagged(frame)) return true
    const tag = tagOf(frame)
    if ((control & RCTL.CFIEN) !== 0 && ((tag & CFI_BIT) !== 0) !== ((control & RCTL.CFI) !== 0)) return false
    const id = tag & VLAN_MASK
    return ((words[at + WORD.VFTA + (id >> 5)]! >> (id & 31)) & 1) === 1
  }
  const writeHigh = (value: number, index: number): void => {
    words[at + index] = value & (RAH.RAH | RAH.AS | RAH.AV)
    update()
  }
  return {
    passes(frame) {
      const passed = address(frame)
      return passed === PASSED.NO || vlan(frame) ? passed : PASSED.NO
    },
    tagged,
    update,
    handlers: {
      write: Object.fromEntries(Array.from({ length: ENTRIES }, (_, entry) => [WORD.RAH + 2 * entry, writeHigh])),
    },
  }
}
