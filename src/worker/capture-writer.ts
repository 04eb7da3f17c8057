import type { BlockSink } from '../core/wire/block-sink'
import { words } from '../core/memory/address-space'
import {
  CAPTURE_TIME,
  MOST_CAPTURED_BLOCK_BYTES,
  READER_ATTACHED,
  RING,
  RING_HEADER_BYTES,
  RING_HEADER_WORDS,
} from '../shared/rings'

/** Gives the blocks of a capture room in their ring; waits for the reader when there is none. Throws RangeError for a block that is too long. */
export function createCaptureWriter(ring: SharedArrayBuffer): BlockSink {
  const header = new Int32Array(ring, 0, RING_HEADER_WORDS)
  const capacity = header[RING.CAPACITY]!
  const bytes = new Uint8Array(ring, RING_HEADER_BYTES)
  const clock = words(new Float64Array(ring, 0, RING_HEADER_BYTES / 8))
  // Positions wrap at 2^32, as in the header.
  let position = 0
  let reserved = 0

  function waitForRoom(): void {
    for (;;) {
      const read = Atomics.load(header, RING.READ)
      if (((position - read) >>> 0) + reserved <= capacity) return
      if (header[RING.FLAGS] !== READER_ATTACHED) return
      Atomics.wait(header, RING.READ, read, 1000)
    }
  }
  return {
    words: words(new Int32Array(ring, RING_HEADER_BYTES)),
    reserve(count) {
      reserved = 4 * count
      if (reserved > MOST_CAPTURED_BLOCK_BYTES)
        throw new RangeError(`a captured block of ${reserved} bytes is too long`)
      waitForRoom()
      return (position & (capacity - 1)) >>> 2
    },
    commit(ns) {
      clock[CAPTURE_TIME] = ns
      const end = (position & (capacity - 1)) + reserved
      if (end > capacity) bytes.copyWithin(0, capacity, end)
      position = (position + reserved) | 0
      Atomics.store(header, RING.WRITE, position)
    },
  }
}
