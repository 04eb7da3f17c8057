import { FCS_BYTES, SHORTEST_FRAME } from './formats/ethernet'

/** Bytes on the line in front of a frame and behind it (IEEE 802.3, 3.2.1, 3.2.2, 4.4.2). */
const PREAMBLE_BYTES = 8
const GAP_BYTES = 12
const BITS = 8
const NS_AT_ONE_MEGABIT = 1000

const nsOf = (bytes: number, speed: number): number => (bytes * BITS * NS_AT_ONE_MEGABIT) / speed

/** Nanoseconds from the first bit of the preamble to the last one of the check sequence. `speed`: megabits a second, not 0. */
export const frameNs = (length: number, speed: number): number =>
  nsOf(PREAMBLE_BYTES + Math.max(length, SHORTEST_FRAME) + FCS_BYTES, speed)
/** Nanoseconds that must pass before the next preamble. */
export const gapNs = (speed: number): number => nsOf(GAP_BYTES, speed)
