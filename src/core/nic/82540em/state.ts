import { bits, type Registers } from './register'
import { PHY_82540EM } from './phy.table'
import { REGISTER_BYTES } from './registers.table'

/** Words of the register file. */
export const REGISTER_WORDS = REGISTER_BYTES >> 2

/** Registers of a PHY that MDIC can name. */
export const PHY_REGISTERS = 32
/** Words of the EEPROM, 16 bits each. */
export const EEPROM_WORDS = 64

const INTERNAL = [
  ['PHY', PHY_REGISTERS, 'registers of the PHY'],
  ['EEPROM', EEPROM_WORDS, 'the EEPROM, a word of 16 bits in each'],
  ['LINK_SPEED', 1, 'speed of the cable, megabits a second; 0: no link'],
  ['INTERRUPT', 1, '1: the interrupt line is asserted'],
  ['TX_STALLED', 1, '1: transmission stopped because memory did not answer, until it is enabled again'],
  ['RX_STALLED', 1, '1: reception stopped because memory did not answer, until it is enabled again'],
  ['TX_GATHERED', 1, 'bytes of the frame that is being gathered'],
  ['TX_CONTEXT', 4, 'the context descriptor that holds for the data descriptors'],
  ['TX_FRAMES', 1, 'frames sent since power-on'],
  ['RX_FRAMES', 1, 'frames received since power-on, those not wanted included'],
  ['RX_STORED', 1, 'frames stored in memory'],
  ['RX_FILTERED', 1, 'frames not for this station'],
  ['RX_BAD', 1, 'frames dropped for their CRC or length'],
  ['RX_MISSED', 1, 'frames dropped for want of descriptors'],
  ['RX_OFF', 1, 'frames dropped because the receiver is off or stalled'],
] as const
type InternalName = (typeof INTERNAL)[number][0]

export interface StateWords {
  /** Index behind the start of the state. */
  readonly word: number
  readonly words: number
  readonly meaning: string
}
let next = REGISTER_WORDS
const layout = Object.fromEntries(
  INTERNAL.map(([name, words, meaning]): [string, StateWords] => {
    next += words
    return [name, { word: next - words, words, meaning }]
  }),
) as Readonly<Record<InternalName, StateWords>>

/**
 * The state of an 82540EM in shared memory: the registers by offset >> 2, then what the device remembers besides. Counters
 * of RX_ and TX_ add up: RX_FRAMES is the sum of STORED, FILTERED, BAD, MISSED and OFF; no reset clears them.
 */
export const STATE_82540EM = {
  /** Words in all. */
  words: next,
  registers: { word: 0, words: REGISTER_WORDS },
  internal: layout,
} as const
/** Word of each internal entry, for the device itself. */
export const INSIDE = Object.fromEntries(Object.entries(layout).map(([name, { word }]) => [name, word])) as Readonly<
  Record<InternalName, number>
>

const BYTES_PER_WORD = 4
const DEBUGGER_ONLY = 'no register'
const inside = ({ word, words, meaning }: StateWords) => ({
  offset: word * BYTES_PER_WORD,
  access: 'RO' as const,
  section: DEBUGGER_ONLY,
  doc: meaning,
  reset: 0,
  fields: { VALUE: bits(31, 0, meaning) },
  ...(words > 1 && { count: words }),
})
/** What a debugger shows beside the registers; offsets are those in the state, at which a driver finds nothing. */
export const INSIDE_82540EM: Readonly<Record<string, Registers>> = {
  'PHY, through MDIC': Object.fromEntries(
    Object.entries(PHY_82540EM).map(([name, register]) => [
      `PHY.${name}`,
      { ...register, offset: (layout.PHY.word + register.offset) * BYTES_PER_WORD },
    ]),
  ),
  'Inside the device, for the debugger': Object.fromEntries(
    Object.entries(layout)
      .filter(([name]) => name !== 'PHY')
      .map(([name, words]) => [name, inside(words)]),
  ),
}
