import { words, type Words } from '../memory/address-space'
import { WASM_PAGE } from '../memory/map'
import { createAbsorb, digits, FACTORS } from './hash'

/**
 * The event log: one record of 32 bytes an event, in a ring that a host drains while the machine runs. Its layout is the
 * contract in src/shared/rings.ts. The 64-bit hash over all records is the identity of a run.
 */
export const RING_HEADER_WORDS = 16
const WRITE = 0
const READ = 1
const CAPACITY = 2
const FLAGS = 3
/** Words: the lanes of the hash over all full chunks. */
const LANES = 4
const LANE_COUNT = 8
const READER_ATTACHED = 1
const WORDS = 8
const RECORD_BYTES = 4 * WORDS
/** Records between two looks at the reader. A power of two; the ring holds at least two chunks. */
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
  CONFIGURATION: 0xfff6,
  WIRE: 0xfff7,
  FAULT: 0xfff8,
} as const

export interface EventLog {
  readonly enabled: boolean
  /** Events so far; the next event has this index. */
  count(): number
  /** The same in 32 bits, signed; 0 without a log. */
  index(): number
  /** Sixteen hexadecimal digits over all events so far. */
  hash(): string
  /** The newest `count` events that are still in the ring, oldest first. */
  recent(count: number): readonly LoggedEvent[]
}

/** An event as it is read back. */
export interface LoggedEvent {
  /** API number, or one of EVENT. */
  readonly number: number
  /** One of PHASE. */
  readonly phase: number
  readonly cpu: number
  readonly irql: number
  /** Call site. */
  readonly site: number
  /** Its last argument, or what it returned; signed. */
  readonly last: number
}

/** Appends one event: `what` is an API number or EVENT | phase << 26; CPU, IRQL, call site and time are added. */
export type RecordEvent = (what: number, a: number, b: number, c: number, d: number) => void

/** Words of the machine that go into each record. */
export interface EventSource {
  readonly i32: Words
  /** Word indices: SYS_MACHINE's Where, Context, Slice and the low word of SliceEnd. */
  readonly where: number
  readonly context: number
  readonly slice: number
  readonly sliceEnd: number
  readonly site: { readonly s: number }
}

/** Bytes of a ring with room for `records` events; `records` must be a power of two and at least 2048. */
export const ringBytes = (records: number): number => 4 * (RING_HEADER_WORDS + records * WORDS)

/** A ring nobody has written to. It is a WebAssembly memory, because the hash runs there. */
export function createRing(records: number): WebAssembly.Memory {
  const pages = Math.ceil(ringBytes(records) / WASM_PAGE)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  new Int32Array(memory.buffer)[CAPACITY] = records
  return memory
}

export interface WrittenLog extends EventLog {
  /** The function that appends events of this machine. */
  recorder(source: EventSource): RecordEvent
}

export const noLog: WrittenLog = {
  enabled: false,
  count: () => 0,
  index: () => 0,
  hash: () => '',
  recent: () => [],
  recorder: () => () => undefined,
}

export function createEventLog(memory: WebAssembly.Memory): WrittenLog {
  const buffer = memory.buffer as SharedArrayBuffer
  const shared = new Int32Array(buffer, 0, RING_HEADER_WORDS)
  const header = words(new Int32Array(buffer, 0, RING_HEADER_WORDS))
  const capacity = header[CAPACITY]!
  const mask = capacity * WORDS - 1
  if (ringBytes(capacity) > buffer.byteLength || (capacity & (capacity - 1)) !== 0 || capacity < 2 * CHUNK)
    throw new RangeError('an event ring holds a power of two of records, at least 2048')
  const ring = words(new Int32Array(buffer, RING_HEADER_WORDS * 4, capacity * WORDS))
  const absorb = createAbsorb(memory)
  for (let lane = 0; lane < LANE_COUNT; lane++) header[LANES + lane] = FACTORS[lane & 3]! ^ lane
  let full = 0
  const inChunk = (): number => header[WRITE]! & (CHUNK - 1)

  /** Hashes the newest `count` records, an even number of one chunk; `end` is the index behind them. */
  function absorbNewest(count: number, end: number): void {
    const last = RING_HEADER_WORDS * 4 + (((end - 1) & (capacity - 1)) + 1) * RECORD_BYTES
    absorb(last - count * RECORD_BYTES, last, LANES * 4)
  }
  /** After the last record of each chunk. */
  function turn(): void {
    absorbNewest(CHUNK, header[WRITE]!)
    full += CHUNK
    while (header[FLAGS] === READER_ATTACHED) {
      const read = Atomics.load(shared, READ)
      if ((full - read) >>> 0 <= capacity - CHUNK) break
      Atomics.wait(shared, READ, read, 1000)
    }
  }

  return {
    enabled: true,
    recorder:
      ({ i32, where, context, slice, sliceEnd, site }) =>
      (what, a, b, c, d) => {
        // The write position is kept in shared memory only: every binding has this code in it.
        const index = header[WRITE]!
        const i = (index << 3) & mask
        ring[i] = what | i32[where]!
        ring[i + 1] = site.s
        ring[i + 2] = (i32[sliceEnd]! - i32[slice]!) | 0
        ring[i + 3] = i32[context]!
        ring[i + 4] = a
        ring[i + 5] = b
        ring[i + 6] = c
        ring[i + 7] = d
        header[WRITE] = (index + 1) | 0
        if ((index & (CHUNK - 1)) === CHUNK - 1) turn()
      },
    count: () => full + inChunk(),
    index: () => header[WRITE]!,
    recent(count) {
      const end = full + inChunk()
      const first = Math.max(0, end - Math.min(count, capacity - CHUNK))
      return Array.from({ length: end - first }, (_event, i) => {
        const at = ((first + i) << 3) & mask
        const what = ring[at]!
        return {
          number: what & 0xffff,
          phase: (what >>> 26) & 0x3f,
          cpu: (what >>> 16) & 0xf,
          irql: (what >>> 20) & 0x3f,
          site: ring[at + 1]!,
          last: ring[at + 7]!,
        }
      })
    },
    hash() {
      const lanes = (): number[] => Array.from({ length: LANE_COUNT }, (_, lane) => header[LANES + lane]!)
      const before = lanes()
      const end = header[WRITE]!
      const rest = inChunk()
      // An odd one out is hashed with a record of zeros, in a place that is free: a chunk is never full here.
      if (rest & 1) for (let word = 0; word < WORDS; word++) ring[((end << 3) & mask) + word] = 0
      if (rest > 0) absorbNewest(rest + (rest & 1), end + (rest & 1))
      const after = lanes()
      before.forEach((word, lane) => (header[LANES + lane] = word))
      return digits(after)
    },
  }
}
