import type { Words } from '../memory/address-space'

/** What the bytes of a payload are. */
export type Pattern = 'increment' | 'random' | 'zero' | 'ones' | 'sequence'

const FOUR_STEPS = 0x0302_0100
const EACH_BYTE = 0x0101_0101
const GOLDEN = 0x9e37_79b1

/** Four bytes that count up: the word with this index begins with 4 * index, modulo 256. */
const counting = (index: number): number => FOUR_STEPS + 4 * (index & 0x3f) * EACH_BYTE

/**
 * Fills words [first, end) with the payload of frame number `sequence`: the same for the same number and seed, so that who
 * receives it can make it again. Nothing is allocated.
 */
export function fillPayload(
  words: Words,
  first: number,
  end: number,
  pattern: Pattern,
  sequence: number,
  seed: number,
): void {
  if (pattern === 'increment') for (let at = first; at < end; at++) words[at] = counting(sequence + at - first)
  else if (pattern === 'random') {
    let state = Math.imul(sequence + 1, GOLDEN) ^ seed || 1
    for (let at = first; at < end; at++) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      words[at] = state
    }
  } else {
    const word = pattern === 'sequence' ? sequence : pattern === 'ones' ? -1 : 0
    for (let at = first; at < end; at++) words[at] = word
  }
}
