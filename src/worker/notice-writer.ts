import type { EngineNotice } from '../shared/engine'
import { NOTICE_ALIGNMENT, READER_ATTACHED, RING, RING_HEADER_BYTES, RING_HEADER_WORDS } from '../shared/rings'

/** Writes notices into their ring; waits for the reader when there is no room. Longer ones than half the ring are cut. */
export function createNoticeWriter(ring: SharedArrayBuffer): (notice: EngineNotice) => void {
  const header = new Int32Array(ring, 0, RING_HEADER_WORDS)
  const data = new Uint8Array(ring, RING_HEADER_BYTES)
  const encoder = new TextEncoder()
  const capacity = header[RING.CAPACITY]!
  let position = 0

  const put = (bytes: Uint8Array): void => {
    const start = position % capacity
    const first = Math.min(bytes.length, capacity - start)
    data.set(bytes.subarray(0, first), start)
    data.set(bytes.subarray(first), 0)
    position += bytes.length
  }
  const waitForRoom = (needed: number): void => {
    for (;;) {
      const read = Atomics.load(header, RING.READ)
      if (((position - read) >>> 0) + needed <= capacity) return
      if (header[RING.FLAGS] !== READER_ATTACHED) return
      Atomics.wait(header, RING.READ, read, 1000)
    }
  }

  return (notice) => {
    let body = encoder.encode(JSON.stringify(notice))
    if (body.length > capacity / 2 && notice.type === 'output')
      body = encoder.encode(JSON.stringify({ ...notice, text: `${notice.text.slice(0, 4096)} ... (cut)` }))
    const padded = Math.ceil(body.length / NOTICE_ALIGNMENT) * NOTICE_ALIGNMENT
    const record = new Uint8Array(4 + padded)
    new DataView(record.buffer).setUint32(0, body.length, true)
    record.set(body, 4)
    waitForRoom(record.length)
    put(record)
    Atomics.store(header, RING.WRITE, position | 0)
    Atomics.notify(header, RING.WRITE)
  }
}
