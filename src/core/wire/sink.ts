import { words } from '../memory/address-space'
import { MOST_FRAME_BYTES, type Frame } from './frame'
import type { Stream } from './stream'

/** What arrived. arrived = received + duplicated + damaged + unexpected; sent = received + lost. */
export interface SinkCounts {
  readonly arrived: number
  /** Whole, each for the first time. */
  readonly received: number
  readonly receivedBytes: number
  readonly lost: number
  readonly duplicated: number
  /** Of those received: with a smaller number than one before them. */
  readonly reordered: number
  /** Of the stream, but not as they were sent. */
  readonly damaged: number
  /** Of nobody, or not sent yet. */
  readonly unexpected: number
}

export interface Sink {
  /** Looks at a frame; true when it is as it was sent, and has not been here before. */
  check(bytes: Uint8Array, length: number, intact?: boolean): boolean
  counts(): SinkCounts
  /** Where the last damaged frame differed: its number and its first wrong byte; undefined when none did. */
  damage(): { readonly sequence: number; readonly at: number } | undefined
}

const BITS = 32
const FIRST_WORDS = 1024

/** Checks every frame against what was sent, byte for byte. `sent`: how many frames of the stream are out. */
export function createSink(stream: Stream, sent: () => number): Sink {
  const buffer = new ArrayBuffer(MOST_FRAME_BYTES)
  const expected: Frame = {
    bytes: new Uint8Array(buffer),
    words: words(new Int32Array(buffer)),
    length: 0,
    intact: true,
    site: 0,
    origin: '',
  }
  let seen = words(new Int32Array(FIRST_WORDS))
  let seenWords = FIRST_WORDS
  let highest = -1
  let damage: { sequence: number; at: number } | undefined
  const counts = { arrived: 0, received: 0, receivedBytes: 0, duplicated: 0, reordered: 0, damaged: 0, unexpected: 0 }

  function makeRoom(sequence: number): void {
    if (sequence < seenWords * BITS) return
    const size = Math.max(2 * seenWords, (sequence >> 5) + 1)
    const larger = words(new Int32Array(size))
    for (let at = 0; at < seenWords; at++) larger[at] = seen[at]!
    seen = larger
    seenWords = size
  }
  /** Whether a frame was here before; from now on it was. */
  function wasHere(sequence: number): boolean {
    makeRoom(sequence)
    const bit = 1 << (sequence & (BITS - 1))
    const before = seen[sequence >> 5]!
    seen[sequence >> 5] = before | bit
    return (before & bit) !== 0
  }
  /** First byte that is not as it was sent; -1 when there is none. */
  function firstWrong(bytes: Uint8Array, length: number, sequence: number): number {
    stream.write(expected, sequence)
    const end = Math.min(length, expected.length)
    for (let at = 0; at < end; at++) if (bytes[at] !== expected.bytes[at]) return at
    return length === expected.length ? -1 : end
  }
  return {
    check(bytes, length, intact = true) {
      counts.arrived++
      const sequence = stream.sequenceOf(bytes, length)
      if (sequence < 0 || sequence >= sent()) {
        if (intact) counts.unexpected++
        else counts.damaged++
        return false
      }
      const at = firstWrong(bytes, length, sequence)
      if (at >= 0 || !intact) {
        counts.damaged++
        damage = { sequence, at }
        return false
      }
      if (wasHere(sequence)) {
        counts.duplicated++
        return false
      }
      counts.received++
      counts.receivedBytes += length
      if (sequence < highest) counts.reordered++
      else highest = sequence
      return true
    },
    counts: () => ({ ...counts, lost: sent() - counts.received }),
    damage: () => damage,
  }
}
