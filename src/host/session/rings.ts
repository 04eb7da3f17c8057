import type { EngineNotice } from '../../shared/engine'
import {
  EVENT_BYTES,
  EVENT_WORDS,
  NOTICE_ALIGNMENT,
  READER_ATTACHED,
  RING,
  RING_HEADER_BYTES,
  RING_HEADER_WORDS,
} from '../../shared/rings'

/** A ring with its header set; `capacity` in the unit of its positions, `unit` bytes each. */
function newRing(capacity: number, unit: number, read: boolean): SharedArrayBuffer {
  const ring = new SharedArrayBuffer(RING_HEADER_BYTES + capacity * unit)
  const header = new Int32Array(ring, 0, RING_HEADER_WORDS)
  header[RING.CAPACITY] = capacity
  header[RING.FLAGS] = read ? READER_ATTACHED : 0
  return ring
}
/** `records` must be a power of two, at least 2048. A ring that nobody reads is overwritten. */
export const newEventRing = (records: number, read: boolean): SharedArrayBuffer => newRing(records, EVENT_BYTES, read)
export const newNoticeRing = (bytes: number): SharedArrayBuffer => newRing(bytes, 1, true)

/** Reads the notices that came since the last time, in order. */
export class NoticeReader {
  readonly #header: Int32Array
  readonly #data: Uint8Array
  readonly #decoder = new TextDecoder()
  #position = 0
  constructor(ring: SharedArrayBuffer) {
    this.#header = new Int32Array(ring, 0, RING_HEADER_WORDS)
    this.#data = new Uint8Array(ring, RING_HEADER_BYTES)
  }
  #bytes(length: number): Uint8Array {
    const copy = new Uint8Array(length)
    const start = this.#position % this.#data.length
    const first = Math.min(length, this.#data.length - start)
    copy.set(this.#data.subarray(start, start + first))
    copy.set(this.#data.subarray(0, length - first), first)
    this.#position += length
    return copy
  }
  read(): EngineNotice[] {
    const notices: EngineNotice[] = []
    const end = Atomics.load(this.#header, RING.WRITE)
    while ((this.#position | 0) !== end) {
      const length = new DataView(this.#bytes(4).buffer).getUint32(0, true)
      const body = this.#bytes(Math.ceil(length / NOTICE_ALIGNMENT) * NOTICE_ALIGNMENT)
      notices.push(JSON.parse(this.#decoder.decode(body.subarray(0, length))) as EngineNotice)
    }
    Atomics.store(this.#header, RING.READ, this.#position | 0)
    Atomics.notify(this.#header, RING.READ)
    return notices
  }
}

/** Reads the event records that came since the last time; `sink` gets them as words, whole records, and keeps a copy. */
export class EventReader {
  readonly #header: Int32Array
  readonly #data: Int32Array
  #position = 0
  constructor(ring: SharedArrayBuffer) {
    this.#header = new Int32Array(ring, 0, RING_HEADER_WORDS)
    this.#data = new Int32Array(ring, RING_HEADER_BYTES)
  }
  drain(sink: (words: Int32Array) => void): void {
    const end = Atomics.load(this.#header, RING.WRITE)
    const capacity = this.#data.length / EVENT_WORDS
    while (this.#position !== end) {
      const start = ((this.#position >>> 0) % capacity) * EVENT_WORDS
      const count = Math.min((end - this.#position) >>> 0, capacity - start / EVENT_WORDS)
      sink(this.#data.subarray(start, start + count * EVENT_WORDS))
      this.#position = (this.#position + count) | 0
    }
    Atomics.store(this.#header, RING.READ, this.#position)
    Atomics.notify(this.#header, RING.READ)
  }
}
