import type { EngineNotice } from '../../shared/engine'
import { WASM_PAGE } from '../../shared/memory-map'
import {
  CAPTURE_TIME,
  EVENT_BYTES,
  EVENT_WORDS,
  MOST_CAPTURED_BLOCK_BYTES,
  NOTICE_ALIGNMENT,
  READER_ATTACHED,
  RING,
  RING_HEADER_BYTES,
  RING_HEADER_WORDS,
} from '../../shared/rings'

/** Sets the header of a ring; `capacity` in the unit of its positions. */
function prepare(ring: SharedArrayBuffer, capacity: number, read: boolean): void {
  const header = new Int32Array(ring, 0, RING_HEADER_WORDS)
  header[RING.CAPACITY] = capacity
  header[RING.FLAGS] = read ? READER_ATTACHED : 0
}
/**
 * `records` must be a power of two, at least 2048. A ring that nobody reads is overwritten. It is a WebAssembly memory,
 * because the worker hashes the events there.
 */
export function newEventRing(records: number, read: boolean): WebAssembly.Memory {
  const pages = Math.ceil((RING_HEADER_BYTES + records * EVENT_BYTES) / WASM_PAGE)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  prepare(memory.buffer as SharedArrayBuffer, records, read)
  return memory
}
export function newNoticeRing(bytes: number): SharedArrayBuffer {
  const ring = new SharedArrayBuffer(RING_HEADER_BYTES + bytes)
  prepare(ring, bytes, true)
  return ring
}

/** `bytes` must be a power of two, more than MOST_CAPTURED_BLOCK_BYTES. */
export function newCaptureRing(bytes: number): SharedArrayBuffer {
  const ring = new SharedArrayBuffer(RING_HEADER_BYTES + bytes + MOST_CAPTURED_BLOCK_BYTES)
  prepare(ring, bytes, true)
  return ring
}

/** Reads the blocks that were captured since the last time. */
export class CaptureReader {
  readonly #header: Int32Array
  readonly #clock: Float64Array
  readonly #data: Uint8Array
  #position = 0
  constructor(ring: SharedArrayBuffer) {
    this.#header = new Int32Array(ring, 0, RING_HEADER_WORDS)
    this.#clock = new Float64Array(ring, 0, RING_HEADER_BYTES / 8)
    this.#data = new Uint8Array(ring, RING_HEADER_BYTES, this.#header[RING.CAPACITY]!)
  }
  /** A copy of whole blocks, in order, often empty; no later one is of a time before `nowNs`, nanoseconds. */
  read(): { bytes: Uint8Array; nowNs: number } {
    // Before the position: a block between the two would be of that time or later.
    const nowNs = this.#clock[CAPTURE_TIME]!
    const end = Atomics.load(this.#header, RING.WRITE)
    const bytes = new Uint8Array((end - this.#position) >>> 0)
    const start = (this.#position >>> 0) % this.#data.length
    const first = Math.min(bytes.length, this.#data.length - start)
    bytes.set(this.#data.subarray(start, start + first))
    bytes.set(this.#data.subarray(0, bytes.length - first), first)
    this.#position = end
    Atomics.store(this.#header, RING.READ, end)
    Atomics.notify(this.#header, RING.READ)
    return { bytes, nowNs }
  }
}

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
  constructor({ buffer }: WebAssembly.Memory) {
    this.#header = new Int32Array(buffer, 0, RING_HEADER_WORDS)
    this.#data = new Int32Array(buffer, RING_HEADER_BYTES, this.#header[RING.CAPACITY]! * EVENT_WORDS)
  }
  /** Events so far, modulo 2^32. */
  get written(): number {
    return Atomics.load(this.#header, RING.WRITE) >>> 0
  }
  /** The newest record, read or not; undefined before the first. */
  newest(): Int32Array | undefined {
    const end = Atomics.load(this.#header, RING.WRITE)
    if (end === 0) return undefined
    const start = (((end - 1) >>> 0) % (this.#data.length / EVENT_WORDS)) * EVENT_WORDS
    return this.#data.slice(start, start + EVENT_WORDS)
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
