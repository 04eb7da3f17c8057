import { createDelay } from './delay'
import type { Chip, Handlers } from './chip'
import { createMicrowire } from './microwire'
import { MASK, SHIFT, WORD } from './registers'
import { EEPROM_WORDS, INSIDE } from './state'

const { EERD, EECD } = MASK
/** The sum of all words (SDM 5.6.35). */
const CHECKSUM = 0xbaba
const CHECKSUM_WORD = 0x3f
/** 27 clocks of a Microwire EEPROM at 1 MHz, ticks. */
const READ_TICKS = 270
/** Organisation that the addresses of the virtual NICs begin with. */
const ADDRESS_START = [0x1b00, 0x0021] as const

export const VENDOR_INTEL = 0x8086
export const DEVICE_82540EM = 0x100e

/** The address of the NIC in a slot is 00-1B-21-00-00-01 for slot 0, and so on (words 0 to 2, low byte first; SDM 5.6.1). */
function contents(slot: number): number[] {
  const words = new Array<number>(EEPROM_WORDS).fill(0xffff)
  words.splice(0, 3, ...ADDRESS_START, ((slot + 1) & 0xff) << 8)
  // Initialization control word 1: signature 01, subsystem and device identity are loaded (SDM 5.6.7).
  words[0x0a] = 0x4003
  words[0x0b] = DEVICE_82540EM
  words[0x0c] = VENDOR_INTEL
  words[0x0d] = DEVICE_82540EM
  words[0x0e] = VENDOR_INTEL
  words[CHECKSUM_WORD] = 0
  words[CHECKSUM_WORD] = (CHECKSUM - words.reduce((sum, word) => sum + word, 0)) & 0xffff
  return words
}

export interface Eeprom {
  /** Loads the station address into the first receive address, as after a reset (SDM 13.5.2). */
  loadAddress(): void
  reset(): void
  readonly handlers: Handlers
}

/** The EEPROM, read through EERD (SDM 13.4.4) and by its wires through EECD (SDM 13.4.3, 5.3). It survives every reset. */
export function createEeprom({ host, words, at }: Chip): Eeprom {
  const store = at + INSIDE.EEPROM
  contents(host.slot).forEach((word, index) => (words[store + index] = word))
  const microwire = createMicrowire(words, store)
  const word = (address: number): number => words[store + (address & (EEPROM_WORDS - 1))]!
  const eerd = at + WORD.EERD
  const reading = createDelay(host, () => {
    const address = (words[eerd]! & EERD.ADDR) >> SHIFT.EERD.ADDR
    words[eerd] = (address << SHIFT.EERD.ADDR) | (word(address) << SHIFT.EERD.DATA) | EERD.DONE
  })

  return {
    loadAddress() {
      words[at + WORD.RAL] = word(0) | (word(1) << 16)
      words[at + WORD.RAH] = word(2) | MASK.RAH.AV
    },
    reset: () => reading.stop(),
    handlers: {
      write: {
        [WORD.EERD](value) {
          words[eerd] = value & EERD.ADDR
          if ((value & EERD.START) !== 0) reading.startAt(host.clock.now() + READ_TICKS)
          else reading.stop()
        },
        [WORD.EECD](value) {
          // Nobody else wants the EEPROM: it is granted at once. Without a grant the wires are not connected.
          const granted = (value & EECD.EE_REQ) !== 0
          const out = microwire.wires(
            granted && (value & EECD.CS) !== 0,
            (value & EECD.SK) !== 0,
            (value & EECD.DI) !== 0,
          )
          const kept = value & (EECD.SK | EECD.CS | EECD.DI | EECD.FWE | EECD.EE_REQ)
          words[at + WORD.EECD] = kept | EECD.EE_PRES | (granted ? EECD.EE_GNT : 0) | (granted && out ? EECD.DO : 0)
        },
      },
    },
  }
}
