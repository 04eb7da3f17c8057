import type { LinkSpeed } from '../../wire/port'
import type { Chip } from './chip'
import type { Phy } from './phy'
import { MASK, SHIFT, WORD } from './registers'

const { CTRL, STATUS } = MASK
const CODE = { 0: 0, 10: 0, 100: 1, 1000: 2 } as const
const FORCED: readonly LinkSpeed[] = [10, 100, 1000, 1000]

/** The MAC's side of the link (SDM 8.6, 13.4.1, 13.4.2): STATUS follows the PHY where CTRL permits it. */
export function createLink({ words, at }: Chip, phy: Pick<Phy, 'speed'>, parts: { readonly changed: () => void }) {
  const ctrl = at + WORD.CTRL
  const status = at + WORD.STATUS

  /** No link with a speed forced that is not the one of the PHY: the clocks differ. */
  function speed(): LinkSpeed {
    const control = words[ctrl]!
    const line = phy.speed()
    if ((control & CTRL.SLU) === 0 || (control & CTRL.LRST) !== 0) return 0
    const forced = (control & CTRL.FRCSPD) !== 0 ? FORCED[(control & CTRL.SPEED) >> SHIFT.CTRL.SPEED] : line
    return forced === line ? line : 0
  }
  return {
    /** CTRL or the link of the PHY changed. */
    update(): void {
      const before = words[status]! & STATUS.LU
      const now = speed()
      const code = (CODE[now] << SHIFT.STATUS.SPEED) | (CODE[now] << SHIFT.STATUS.ASDV)
      words[status] = now === 0 ? 0 : STATUS.LU | STATUS.FD | code
      if (before !== (words[status]! & STATUS.LU)) parts.changed()
    },
  }
}
