import type { Cable, LinkSpeed } from '../../wire/port'
import { masksOf, writableMask, type Register } from './register'
import { createDelay } from './delay'
import type { Chip, Handlers } from './chip'
import { PHY_82540EM } from './phy.table'
import { MASK, SHIFT, WORD } from './registers'
import { INSIDE, PHY_REGISTERS } from './state'

const PHY = masksOf(PHY_82540EM)
const { MDIC } = MASK
const PHY_ADDRESS = 1
const WRITE = 1
const READ = 2
/** 64 clocks of 2.5 MHz, ticks. */
const MDIO_TICKS = 256
/** Auto-negotiation, ticks: 2 ms. A real one takes one to three seconds; nobody needs to wait that long here. */
export const NEGOTIATION_TICKS = 20_000

const N = Object.fromEntries(Object.entries(PHY_82540EM).map(([name, { offset }]) => [name, offset])) as {
  readonly [R in keyof typeof PHY_82540EM]: number
}
const REGISTERS: readonly Register[] = Object.values(PHY_82540EM)
const writable = new Map(REGISTERS.map((register) => [register.offset, writableMask(register)]))
/** Abilities of the partner that a speed shows: it can do the slower ones too. */
const PARTNER = {
  10: PHY.LPA.ACK | PHY.LPA['10T_HD'] | PHY.LPA['10T_FD'] | 1,
  100: PHY.LPA.ACK | PHY.LPA['10T_HD'] | PHY.LPA['10T_FD'] | PHY.LPA['100TX_HD'] | PHY.LPA['100TX_FD'] | 1,
} as const
const GIGABIT = PHY.GSTATUS.PARTNER_HD | PHY.GSTATUS.PARTNER_FD | PHY.GSTATUS.REMOTE_OK | PHY.GSTATUS.LOCAL_OK
const SPEED_CODE = { 0: 0, 10: 0, 100: 1, 1000: 2 } as const
const SPEED_SHIFT = PHY_82540EM.PSSTAT.fields.SPEED.shift

export interface Phy {
  /** Speed of the link that was negotiated; 0: none. */
  speed(): LinkSpeed
  /** What is sent comes back (PCTRL.LOOPBACK). */
  loopback(): boolean
  /** The cable has a link of this speed, or lost it. */
  cableChanged(speed: LinkSpeed): void
  /** CTRL.PHY_RST: no link as long as it is held. */
  hold(held: boolean): void
  /** As at power-on: defaults, then it negotiates. */
  powerOn(): void
  /** The MAC was reset: an access in progress is forgotten. */
  reset(): void
  readonly handlers: Handlers
}

interface Parts {
  readonly cable: () => Cable
  /** The link came up or went down. */
  readonly changed: () => void
  /** An access through MDIC that was to interrupt is complete. */
  readonly accessed: () => void
}

/** The PHY and the way to it, MDIC (SDM 13.4.7): auto-negotiation with the other end of the cable, copper only. */
export function createPhy({ host, words, at }: Chip, { cable, changed, accessed }: Parts): Phy {
  const base = at + INSIDE.PHY
  const mdic = at + WORD.MDIC
  let held = false
  let onCable: LinkSpeed = 0
  let linked: LinkSpeed = 0
  /** The link was lost and PSTATUS not read since. */
  let lost = false

  /** The best that this end offers. */
  function offered(): LinkSpeed {
    const control = words[base + N.PCTRL]!
    if (held || (control & PHY.PCTRL.POWER_DOWN) !== 0) return 0
    if ((control & PHY.PCTRL.AN_ENABLE) === 0) {
      if ((control & PHY.PCTRL.SPEED_MSB) !== 0) return 1000
      return (control & PHY.PCTRL.SPEED_LSB) !== 0 ? 100 : 10
    }
    const abilities = words[base + N.ANA]!
    if ((words[base + N.GCON]! & (PHY.GCON['1000T_FD'] | PHY.GCON['1000T_HD'])) !== 0) return 1000
    if ((abilities & (PHY.ANA['100TX_FD'] | PHY.ANA['100TX_HD'])) !== 0) return 100
    return (abilities & (PHY.ANA['10T_FD'] | PHY.ANA['10T_HD'])) !== 0 ? 10 : 0
  }
  function setLink(speed: LinkSpeed): void {
    const before = linked
    linked = speed
    lost ||= before !== 0 && speed === 0
    words[base + N.PSTATUS]! &= ~(PHY.PSTATUS.LINK | PHY.PSTATUS.AN_COMPLETE)
    words[base + N.LPA] = words[base + N.GSTATUS] = words[base + N.PSSTAT] = 0
    words[base + N.ANE]! &= ~(PHY.ANE.PARTNER_ABLE | PHY.ANE.PAGE)
    if (speed !== 0) {
      const negotiated = (words[base + N.PCTRL]! & PHY.PCTRL.AN_ENABLE) !== 0
      words[base + N.PSTATUS]! |= (lost ? 0 : PHY.PSTATUS.LINK) | (negotiated ? PHY.PSTATUS.AN_COMPLETE : 0)
      if (negotiated) {
        words[base + N.LPA] = PARTNER[speed === 10 ? 10 : 100]
        words[base + N.GSTATUS] = speed === 1000 ? GIGABIT : 0
        words[base + N.ANE]! |= PHY.ANE.PARTNER_ABLE | PHY.ANE.PAGE
      }
      words[base + N.PSSTAT] =
        PHY.PSSTAT.LINK | PHY.PSSTAT.RESOLVED | PHY.PSSTAT.FD | (SPEED_CODE[speed] << SPEED_SHIFT)
      if (negotiated) words[base + N.PINTS]! |= PHY.PINTS.AN_COMPLETE
    }
    if (before === speed) return
    words[base + N.PINTS]! |= PHY.PINTS.LINK_CHANGED | (before && speed ? PHY.PINTS.SPEED_CHANGED : 0)
    changed()
  }
  const negotiation = createDelay(host, () => setLink(onCable))

  /** The link goes down and, where both ends want one, comes up again. */
  function negotiate(): void {
    setLink(0)
    cable().negotiate(offered())
    cableChanged(cable().speed())
  }
  function cableChanged(speed: LinkSpeed): void {
    onCable = speed
    words[at + INSIDE.LINK_SPEED] = speed
    if (speed === 0 || offered() === 0) {
      negotiation.stop()
      setLink(0)
    } else if (speed !== linked) negotiation.startAt(host.clock.now() + NEGOTIATION_TICKS)
  }
  function setDefaults(): void {
    for (let n = 0; n < PHY_REGISTERS; n++) words[base + n] = 0
    for (const { offset, reset } of REGISTERS) words[base + offset] = reset
    lost = false
  }
  function write(n: number, value: number): void {
    const mask = writable.get(n) ?? 0
    words[base + n] = (words[base + n]! & ~mask) | (value & mask)
    if (n !== N.PCTRL) return
    const now = words[base + n]!
    words[base + n] = now & ~(PHY.PCTRL.RESET | PHY.PCTRL.RESTART_AN)
    if ((now & PHY.PCTRL.RESET) !== 0) setDefaults()
    const settle = PHY.PCTRL.RESET | PHY.PCTRL.RESTART_AN | PHY.PCTRL.POWER_DOWN
    if ((now & settle) !== 0 || (linked === 0 && negotiation.due() === Infinity)) negotiate()
  }
  function read(n: number): number {
    const value = words[base + n]!
    // A loss of the link stays visible for one reading (IEEE 802.3, 22.2.4.2.13).
    if (n === N.PSTATUS) {
      lost = false
      if (linked !== 0) words[base + n] = value | PHY.PSTATUS.LINK
    }
    if (n === N.PINTS || n === N.RXERR) words[base + n] = 0
    return value
  }
  const access = createDelay(host, () => {
    const command = words[mdic]!
    const operation = (command & MDIC.OP) >> SHIFT.MDIC.OP
    const n = (command & MDIC.REGADD) >> SHIFT.MDIC.REGADD
    const answers = !held && (command & MDIC.PHYADD) >> SHIFT.MDIC.PHYADD === PHY_ADDRESS
    let result = command | MDIC.R
    if (!answers || (operation !== READ && operation !== WRITE)) result |= MDIC.E
    else if (operation === WRITE) write(n, command & MDIC.DATA)
    else result = (result & ~MDIC.DATA) | read(n)
    words[mdic] = result
    if ((command & MDIC.I) !== 0) accessed()
  })

  return {
    speed: () => linked,
    loopback: () => (words[base + N.PCTRL]! & PHY.PCTRL.LOOPBACK) !== 0,
    cableChanged,
    hold(now) {
      if (now === held) return
      held = now
      setDefaults()
      negotiate()
    },
    powerOn() {
      setDefaults()
      negotiate()
    },
    reset: () => access.stop(),
    handlers: {
      write: {
        [WORD.MDIC](value) {
          words[mdic] = value & ~(MDIC.R | MDIC.E)
          access.startAt(host.clock.now() + MDIO_TICKS)
        },
      },
    },
  }
}
