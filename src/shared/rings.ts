/**
 * The rings in shared memory between an engine worker (writer) and its host (reader). Each begins with sixteen 32-bit
 * words; positions only grow (modulo 2^32) and the writer waits with Atomics.wait on READ when the ring is full. What core writes
 * has core's types, so that the compiler compares the values.
 */
import type * as log from '../core/trace/log'

export const RING_HEADER_WORDS: typeof log.RING_HEADER_WORDS = 16
export const RING_HEADER_BYTES = RING_HEADER_WORDS * 4
/** Words of the header. */
export const RING = {
  /** Write position: records in the event ring, bytes in the notice and capture rings. */
  WRITE: 0,
  READ: 1,
  /** Capacity in the unit of the positions. */
  CAPACITY: 2,
  /** READER_ATTACHED or 0: without a reader old content is overwritten. */
  FLAGS: 3,
} as const
export const READER_ATTACHED = 1

/** An event record is eight 32-bit words. */
export const EVENT_WORDS = 8
export const EVENT_BYTES = EVENT_WORDS * 4
/** Words of an event record. */
export const EVENT_WORD = {
  /** API number (or a number of EVENT_NUMBER) | cpu << 16 | irql << 20 | phase << 26. */
  WHAT: 0,
  /** Call site number. */
  SITE: 1,
  /** Low word of virtual time, ticks of 100 ns. */
  TIME: 2,
  /** Low byte: index of the activation, 255 for none; above it 24 bits of the high word of virtual time. */
  CONTEXT: 3,
  /** First of four arguments; a result takes the last one. */
  ARGUMENTS: 4,
} as const
export const EVENT_PHASE: typeof log.PHASE = {
  CALL: 0,
  ENTER: 1,
  RETURN: 2,
  CALLBACK_ENTER: 3,
  CALLBACK_RETURN: 4,
  OTHER: 5,
}
/** Events that are not calls. */
export const EVENT_NUMBER: typeof log.EVENT = {
  VIOLATION: 0xfff0,
  BUGCHECK: 0xfff1,
  IRQL: 0xfff2,
  DPC: 0xfff3,
  INTERRUPT: 0xfff4,
  TIMER: 0xfff5,
  /** A keyword of the instance. Arguments: its place in the order of the upper-case names, two hashes, REG_ type. */
  CONFIGURATION: 0xfff6,
  /** Something about the wire; arguments as in src/core/wire/formats/wire-event.ts. */
  WIRE: 0xfff7,
  /** A fault that was injected. Arguments: kind (0 allocation, 1 low memory, 2 removal), API number, its place in the report. */
  FAULT: 0xfff8,
}

/** Notices: u32 length, then that many bytes of UTF-8 JSON, padded to four bytes; the ring wraps byte-wise. */
export const NOTICE_ALIGNMENT = 4

/**
 * The capture ring: whole blocks of a pcapng file; its capacity is a power of two. Behind it lies room for one block, so that the
 * writer has a block in one piece; what reaches over the end is moved to the beginning before it counts as written.
 * The double of the header at CAPTURE_TIME is the virtual time of the newest block, nanoseconds: none that follows is of an earlier one.
 */
export const CAPTURE_TIME = 2
export const MOST_CAPTURED_BLOCK_BYTES = 32_768
