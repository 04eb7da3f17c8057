import { words, type Words } from '../memory/address-space'
import { MOST_THREADS } from './lock-threads'

/** What somebody has seen of each thread: its time then. */
export type Clocks = Words

/** A thread's number and its time in one word, never 0. */
export const TIME_BITS = 23
export const LAST_TIME = (1 << TIME_BITS) - 1
export const threadOf = (epoch: number): number => epoch >>> TIME_BITS
export const timeOf = (epoch: number): number => epoch & LAST_TIME

const make = (): Clocks => words(new Int32Array(MOST_THREADS))

/** Takes over what is newer in `from`. */
function join(into: Clocks, from: Clocks, count: number): void {
  for (let i = 0; i < count; i++) if (from[i]! > into[i]!) into[i] = from[i]!
}

/**
 * Vector clocks (Lamport; Mattern): what a thread did before it let go of something is seen by whoever takes that up afterwards. One
 * thing for each lock, one for each word of interlocked calls, one for all that is handed over through NDIS.
 */
export function createClocks(count: () => number) {
  const ofThread: Clocks[] = []
  const ofThing = new Map<number, Clocks>()

  function seenBy(thread: number): Clocks {
    let clocks = ofThread[thread]
    if (!clocks) {
      ofThread[thread] = clocks = make()
      clocks[thread] = 1
    }
    return clocks
  }
  return {
    seenBy,
    /** The thread, with its time, as a word. */
    epoch: (thread: number): number => (thread << TIME_BITS) | seenBy(thread)[thread]!,
    /** false when the thread has lived too long for its time to be told. */
    letGo(thread: number, thing: number): boolean {
      const clocks = seenBy(thread)
      let there = ofThing.get(thing)
      if (!there) ofThing.set(thing, (there = make()))
      join(there, clocks, count())
      clocks[thread] = clocks[thread]! + 1
      return clocks[thread]! < LAST_TIME
    },
    /** Only what the thread did itself is seen by whoever takes it up. It may let go of several things: its time passes with the last, letGo. */
    letGoOwn(thread: number, thing: number): void {
      const clocks = seenBy(thread)
      let there = ofThing.get(thing)
      if (!there) ofThing.set(thing, (there = make()))
      there[thread] = clocks[thread]!
    },
    takeUp(thread: number, thing: number): void {
      const there = ofThing.get(thing)
      if (there) join(seenBy(thread), there, count())
    },
  }
}
