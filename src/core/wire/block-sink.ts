import type { WordTarget } from './formats/pcapng-write'

/** Where the blocks of a capture go. */
export interface BlockSink {
  readonly words: WordTarget
  /** Room for a block of that many words, at most MOST_BLOCK_WORDS; the index of its first one. May wait for a reader. */
  reserve(words: number): number
  /** The block that was reserved last is complete. From now on nothing has an earlier time than `ns`, in nanoseconds. */
  commit(ns: number): void
}
