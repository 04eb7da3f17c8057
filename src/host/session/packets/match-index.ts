import type { DisplayFilter } from '../../../core/wire/formats/display-filter/compile'
import type { FrameSource } from './frame-source'

/** Frames that are read at once. */
const BATCH = 128
/** Milliseconds of work before the host sees to others. */
const SLICE_MS = 8
const FIRST_ROOM = 1024

/** Which frames of a capture pass a filter. It is found out in slices, and goes on when the capture has grown. */
export class MatchIndex {
  readonly filter: DisplayFilter
  readonly #source: FrameSource
  #matches = new Uint32Array(FIRST_ROOM)
  #count = 0
  #scanned = 0
  #work: Promise<void> | undefined
  #closed = false

  constructor(source: FrameSource, filter: DisplayFilter) {
    this.#source = source
    this.filter = filter
  }

  /** Frames that pass, so far. */
  get count(): number {
    return this.#count
  }
  /** Frames that were looked at. */
  get scanned(): number {
    return this.#scanned
  }
  /** Index in the capture of the frame at a place among those that pass. */
  at(place: number): number | undefined {
    return place >= 0 && place < this.#count ? this.#matches[place] : undefined
  }
  all(): readonly number[] {
    return [...this.#matches.subarray(0, this.#count)]
  }

  /** Goes on with the frames that came; resolves when all that are there now were looked at, or it was closed. */
  advance(): Promise<void> {
    return (this.#work ??= this.#run().finally(() => (this.#work = undefined)))
  }
  /** Nobody asks any more. */
  close(): void {
    this.#closed = true
  }

  async #run(): Promise<void> {
    while (!this.#closed && this.#slice()) await new Promise((resolve) => setImmediate(resolve))
  }
  /** Whether there is more to do. */
  #slice(): boolean {
    const end = performance.now() + SLICE_MS
    do {
      const frames = this.#source.rows(this.#scanned, this.#scanned + BATCH)
      if (frames.length === 0) return false
      for (const [place, frame] of frames.entries()) if (this.filter.test(frame)) this.#add(this.#scanned + place)
      this.#scanned += frames.length
    } while (performance.now() < end)
    return this.#scanned < this.#source.count
  }
  #add(index: number): void {
    if (this.#count === this.#matches.length) {
      const larger = new Uint32Array(2 * this.#count)
      larger.set(this.#matches)
      this.#matches = larger
    }
    this.#matches[this.#count++] = index
  }
}
