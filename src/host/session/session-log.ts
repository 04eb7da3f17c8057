import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { EVENT_BYTES, EVENT_WORDS } from '../../shared/rings'

/** Records in a chunk: one mebibyte. */
const CHUNK_RECORDS = 32_768
const CHUNK_BYTES = CHUNK_RECORDS * EVENT_BYTES
/** Chunks kept in memory; older ones go to a temporary file. */
const CHUNKS_IN_MEMORY = 64

/** The event log of a session: only ever added to, complete. What is long past lies in a temporary file. */
export class SessionLog {
  readonly #chunks = new Map<number, Int32Array>()
  #current = new Int32Array(CHUNK_RECORDS * EVENT_WORDS)
  #fill = 0
  #full = 0
  #file: number | undefined
  #folder: string | undefined
  /** Set when the disk could not take more: events before this number are gone. */
  lost = 0

  get count(): number {
    return this.#full * CHUNK_RECORDS + this.#fill / EVENT_WORDS
  }

  append(words: Int32Array): void {
    let from = 0
    while (from < words.length) {
      const room = Math.min(words.length - from, this.#current.length - this.#fill)
      this.#current.set(words.subarray(from, from + room), this.#fill)
      this.#fill += room
      from += room
      if (this.#fill === this.#current.length) this.#close()
    }
  }

  #close(): void {
    this.#chunks.set(this.#full++, this.#current)
    this.#current = new Int32Array(CHUNK_RECORDS * EVENT_WORDS)
    this.#fill = 0
    if (this.#chunks.size <= CHUNKS_IN_MEMORY) return
    const [oldest, words] = this.#chunks.entries().next().value!
    this.#chunks.delete(oldest)
    try {
      writeSync(this.#open(), new Uint8Array(words.buffer), 0, CHUNK_BYTES, oldest * CHUNK_BYTES)
    } catch {
      this.lost = (oldest + 1) * CHUNK_RECORDS
    }
  }
  #open(): number {
    if (this.#file !== undefined) return this.#file
    this.#folder = mkdtempSync(path.join(tmpdir(), 'ndis-workbench-'))
    this.#file = openSync(path.join(this.#folder, 'events'), 'w+')
    return this.#file
  }

  /** The eight words of an event, or undefined when there is no such event (any more). */
  at(index: number): Int32Array | undefined {
    if (index < this.lost || index >= this.count) return undefined
    const chunk = Math.floor(index / CHUNK_RECORDS)
    const offset = (index % CHUNK_RECORDS) * EVENT_WORDS
    const words = chunk === this.#full ? this.#current : this.#chunks.get(chunk)
    if (words) return words.slice(offset, offset + EVENT_WORDS)
    const bytes = new Uint8Array(EVENT_BYTES)
    readSync(this.#file!, bytes, 0, EVENT_BYTES, chunk * CHUNK_BYTES + offset * 4)
    return new Int32Array(bytes.buffer)
  }

  dispose(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#file = undefined
    this.#folder = undefined
  }
}
