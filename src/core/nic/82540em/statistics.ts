import type { Chip, Handlers } from './chip'
import { WORD } from './registers'

const MOST = -1
const SMALLEST = 64
const LARGEST_CLASS = 5
const BROADCAST_LOW = -1
const BROADCAST_HIGH = 0xffff
const GROUP_BIT = 1
const HALF = 0x1_0000_0000

/** The first words of a frame say whom it is for. */
export const isGroup = (low: number): boolean => (low & GROUP_BIT) !== 0
export const isBroadcast = (low: number, high: number): boolean =>
  low === BROADCAST_LOW && (high & BROADCAST_HIGH) === BROADCAST_HIGH

export interface Statistics {
  /** One more, of a register of 32 bits, which stays at its maximum. */
  count(register: number): void
  /** Any frame that arrived; bytes with its CRC. */
  arrived(bytes: number): void
  /** A good frame that was stored: the first eight bytes of it, its length with CRC. */
  received(low: number, high: number, bytes: number): void
  sent(low: number, high: number, bytes: number): void
  readonly handlers: Handlers
}

/** Counters that clear when they are read (SDM 13.7). */
export function createStatistics({ words, at }: Chip): Statistics {
  function count(register: number): void {
    const value = words[at + register]!
    if (value !== MOST) words[at + register] = value + 1
  }
  function add(low: number, bytes: number): void {
    const sum = (words[at + low]! >>> 0) + bytes
    words[at + low] = sum | 0
    if (sum >= HALF) words[at + low + 1]!++
  }
  /** Counters of sizes follow one another: 64, to 127, to 255, to 511, to 1023, more. */
  function countSize(first: number, bytes: number): void {
    if (bytes === SMALLEST) count(first)
    else if (bytes > SMALLEST) count(first + Math.min(LARGEST_CLASS, 26 - Math.clz32(bytes)))
  }
  const low = (register: number) => () => words[at + register]!
  const high = (register: number) => () => {
    const value = words[at + register]!
    words[at + register] = words[at + register - 1] = 0
    return value
  }
  return {
    count,
    arrived(bytes) {
      count(WORD.TPR)
      add(WORD.TORL, bytes)
    },
    received(low, high, bytes) {
      count(WORD.GPRC)
      add(WORD.GORCL, bytes)
      countSize(WORD.PRC64, bytes)
      if (isGroup(low)) count(isBroadcast(low, high) ? WORD.BPRC : WORD.MPRC)
    },
    sent(low, high, bytes) {
      count(WORD.TPT)
      count(WORD.GPTC)
      add(WORD.TOTL, bytes)
      add(WORD.GOTCL, bytes)
      countSize(WORD.PTC64, bytes)
      if (isGroup(low)) count(isBroadcast(low, high) ? WORD.BPTC : WORD.MPTC)
    },
    handlers: {
      read: {
        [WORD.GORCL]: low(WORD.GORCL),
        [WORD.GORCH]: high(WORD.GORCH),
        [WORD.GOTCL]: low(WORD.GOTCL),
        [WORD.GOTCH]: high(WORD.GOTCH),
        [WORD.TORL]: low(WORD.TORL),
        [WORD.TORH]: high(WORD.TORH),
        [WORD.TOTL]: low(WORD.TOTL),
        [WORD.TOTH]: high(WORD.TOTH),
      },
    },
  }
}
