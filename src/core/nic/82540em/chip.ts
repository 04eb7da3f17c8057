import type { Words } from '../../memory/address-space'
import type { DeviceHost } from '../device'

/** What the blocks of the device share: its host, and its words in shared memory. */
export interface Chip {
  readonly host: DeviceHost
  readonly words: Words
  /** Index of word 0 of the state: a register is `words[at + WORD.RCTL]`. */
  readonly at: number
}

/** Ticks of 100 ns from units of 1.024 us and 256 ns. */
export const DELAY_TICKS = 10.24
export const THROTTLE_TICKS = 2.56

/** Handlers of registers that do more than keep a value, by word of the register file. */
export interface Handlers {
  readonly read?: Readonly<Record<number, () => number>>
  /** The value is a signed word as it was written; the word of the register comes with it for arrays. */
  readonly write?: Readonly<Record<number, (value: number, index: number) => void>>
}

export const hex = (value: number, digits = 1): string => `0x${(value >>> 0).toString(16).padStart(digits, '0')}`
