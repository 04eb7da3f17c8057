import type { Chip, Handlers } from './chip'
import { MASK, WORD } from './registers'

const { CTRL, CTRL_EXT, PBA } = MASK
const ALL_KIB = 64
const CTRL_BITS = Object.values(CTRL).reduce((all, mask) => all | mask, 0)
const CTRL_EXT_BITS = Object.values(CTRL_EXT).reduce((all, mask) => all | mask, 0)

interface Parts {
  /** CTRL.RST. */
  readonly reset: () => void
  readonly holdPhy: (held: boolean) => void
  /** CTRL_EXT.EE_RST. */
  readonly loadAddress: () => void
  readonly linkChanged: () => void
}

/** What CTRL, CTRL_EXT and PBA do (SDM 13.4.1, 13.4.6, 13.4.16). Flow control is not modelled and says so. */
export function createControl({ host, words, at }: Chip, { reset, holdPhy, loadAddress, linkChanged }: Parts) {
  let told = false
  const handlers: Handlers = {
    write: {
      [WORD.CTRL](value) {
        if ((value & CTRL.RST) !== 0) return reset()
        words[at + WORD.CTRL] = value & CTRL_BITS
        if ((value & (CTRL.RFCE | CTRL.TFCE)) !== 0 && !told) {
          told = true
          host.log('82540EM: CTRL.RFCE and CTRL.TFCE are kept, but the model neither obeys nor sends PAUSE frames')
        }
        holdPhy((value & CTRL.PHY_RST) !== 0)
        linkChanged()
      },
      [WORD.CTRL_EXT](value) {
        words[at + WORD.CTRL_EXT] = value & CTRL_EXT_BITS & ~CTRL_EXT.EE_RST
        if ((value & CTRL_EXT.EE_RST) !== 0) loadAddress()
      },
      [WORD.PBA](value) {
        const receive = Math.min(value & PBA.RXA, ALL_KIB)
        words[at + WORD.PBA] = receive | ((ALL_KIB - receive) << 16)
      },
    },
  }
  return { handlers }
}
