/**
 * The event log: one record of 32 bytes an event, in a ring that a host drains while the machine runs. Its layout is the
 * contract in src/shared/rings.ts. The 64-bit hash over all records is the identity of a run.
 */
export const RING_HEADER_WORDS = 16
const WRITE = 0
const READ = 1
const CAPACITY = 2
const FLAGS = 3
const READER_ATTACHED = 1
const WORDS = 8
/** Records between two looks at the reader and two steps of the hash. A power of two; the ring holds at least two chunks. */
const CHUNK = 1024

export const PHASE = { CALL: 0, ENTER: 1, RETURN: 2, CALLBACK_ENTER: 3, CALLBACK_RETURN: 4, OTHER: 5 } as const

/** Events that are not calls use these numbers in place of an API number. */
export const EVENT = {
  VIOLATION: 0xfff0,
  BUGCHECK: 0xfff1,
  IRQL: 0xfff2,
  DPC: 0xfff3,
  INTERRUPT: 0xfff4,
  TIMER: 0xfff5,
} as const

export interface EventLog {
  readonly enabled: boolean
  /** `what`: API number or EVENT | cpu << 16 | irql << 20 | phase << 26. */
  emit(what: number, site: number, time: number, context: number, a: number, b: number, c: number, d: number): void
  /** Events so far; the next event has this index. */
  count(): number
  /** Sixteen hexadecimal digits over all events so far. */
  hash(): string
}

/** Bytes of a ring with room for `records` events; `records` must be a power of two and at least 2048. */
export const ringBytes = (records: number): number => 4 * (RING_HEADER_WORDS + records * WORDS)

export function createRing(records: number): SharedArrayBuffer {
  const ring = new SharedArrayBuffer(ringBytes(records))
  new Int32Array(ring)[CAPACITY] = records
  return ring
}

export const noLog: EventLog = { enabled: false, emit: () => undefined, count: () => 0, hash: () => '' }

/** FNV's prime: each step is (state ^ word) * PRIME over four lanes. */
const PRIME = 0x0100_0193

export function createEventLog(buffer: SharedArrayBuffer): EventLog {
  const header = new Int32Array(buffer, 0, RING_HEADER_WORDS)
  const ring = new Int32Array(buffer, RING_HEADER_WORDS * 4)
  const mask = ring.length - 1
  const capacity = header[CAPACITY]!
  if (capacity * WORDS !== ring.length || (capacity & (capacity - 1)) !== 0 || capacity < 2 * CHUNK)
    throw new RangeError('an event ring holds a power of two of records, at least 2048')
  let position = 0
  let full = 0
  let h0 = 0x811c_9dc5 | 0
  let h1 = 0x6e64_6973
  let h2 = 0x9e37_79b1 | 0
  let h3 = 0x85eb_ca77 | 0

  /** Hashes the records [first, last) and returns the lanes; positions in words. */
  function absorb(first: number, last: number): void {
    for (let at = first; at < last; at += WORDS) {
      const i = at & mask
      h0 = Math.imul(h0 ^ ring[i]! ^ (ring[i + 4]! << 7), PRIME)
      h1 = Math.imul(h1 ^ ring[i + 1]! ^ (ring[i + 5]! << 11), PRIME)
      h2 = Math.imul(h2 ^ ring[i + 2]! ^ (ring[i + 6]! << 13), PRIME)
      h3 = Math.imul(h3 ^ ring[i + 3]! ^ (ring[i + 7]! << 17), PRIME)
      h0 = (h0 + (ring[i + 7]! ^ (ring[i + 4]! >>> 25))) | 0
      h2 = (h2 + (ring[i + 5]! ^ (ring[i + 6]! >>> 19))) | 0
    }
  }
  function turn(): void {
    absorb(position - CHUNK * WORDS, position)
    full += CHUNK
    if (position >= ring.length * 16) position -= ring.length * 8
    while (header[FLAGS] === READER_ATTACHED) {
      const read = Atomics.load(header, READ)
      if (full - read <= capacity - CHUNK) break
      Atomics.wait(header, READ, read, 1000)
    }
  }

  return {
    enabled: true,
    emit(what, site, time, context, a, b, c, d) {
      const i = position & mask
      ring[i] = what
      ring[i + 1] = site
      ring[i + 2] = time
      ring[i + 3] = context
      ring[i + 4] = a
      ring[i + 5] = b
      ring[i + 6] = c
      ring[i + 7] = d
      position += WORDS
      header[WRITE] = full + ((position >> 3) & (CHUNK - 1))
      if ((position & (CHUNK * WORDS - 1)) === 0) turn()
    },
    count: () => full + ((position >> 3) & (CHUNK - 1)),
    hash() {
      const lanes = [h0, h1, h2, h3]
      const rest = ((position >> 3) & (CHUNK - 1)) * WORDS
      absorb(position - rest, position)
      const high = Math.imul(h0 ^ (h1 >>> 15), 0x2c1b_3c6d) ^ h2
      const low = Math.imul(h1 ^ (h3 >>> 13), 0x297a_2d39) ^ h3 ^ (h0 >>> 7)
      ;[h0, h1, h2, h3] = lanes as [number, number, number, number]
      const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')
      return hex(high) + hex(low)
    },
  }
}
