import { afterEach, expect, test, vi } from 'vitest'
import { CaptureReader, newCaptureRing } from '../host/session/rings'
import { MOST_CAPTURED_BLOCK_BYTES, RING, RING_HEADER_WORDS } from '../shared/rings'
import { createCaptureWriter } from './capture-writer'

const RING_BYTES = 65_536
afterEach(() => void vi.restoreAllMocks())

/** Writes blocks of many sizes whose words are numbered; the numbers. */
function write(ring: SharedArrayBuffer, blocks: number): number[] {
  const writer = createCaptureWriter(ring)
  const written: number[] = []
  for (let i = 0; i < blocks; i++) {
    const size = 3 + ((i * 797) % (MOST_CAPTURED_BLOCK_BYTES / 4 - 3))
    const at = writer.reserve(size)
    for (let word = 0; word < size; word++) {
      writer.words[at + word] = written.length
      written.push(written.length)
    }
    writer.commit(i)
  }
  return written
}
const wordsOf = (bytes: Uint8Array): number[] => [...new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)]

test('blocks arrive whole and in order over many turns of the ring; a writer without room waits for its reader', () => {
  const ring = newCaptureRing(RING_BYTES)
  const reader = new CaptureReader(ring)
  const read: number[] = []
  let waits = 0
  // The other thread: it reads when the writer has gone to sleep.
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    waits++
    read.push(...wordsOf(reader.read().bytes))
    return 'ok'
  })
  const written = write(ring, 60)
  const last = reader.read()
  read.push(...wordsOf(last.bytes))
  expect(read).toEqual(written)
  expect(waits).toBeGreaterThan(10)
  expect(last.nowNs).toBe(59)
  expect(reader.read().bytes).toHaveLength(0)
})
test('without a reader nobody is waited for', () => {
  const ring = newCaptureRing(RING_BYTES)
  new Int32Array(ring, 0, RING_HEADER_WORDS)[RING.FLAGS] = 0
  const wait = vi.spyOn(Atomics, 'wait')
  write(ring, 20)
  expect(wait).not.toHaveBeenCalled()
})
test('a block that does not fit is refused', () => {
  const writer = createCaptureWriter(newCaptureRing(RING_BYTES))
  expect(() => writer.reserve(MOST_CAPTURED_BLOCK_BYTES / 4 + 1)).toThrow('a captured block of 32772 bytes is too long')
})
