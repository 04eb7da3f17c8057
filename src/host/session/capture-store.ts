import type { CaptureInterface } from '../../core/wire/formats/capture'
import type { CapturedFrame } from '../../core/wire/formats/captured-frame'
import { readCapture } from '../../core/wire/formats/capture-read'
import { BLOCK } from '../../core/wire/formats/pcapng'
import { writeAtomic } from '../files/atomic-write'
import { CaptureFile } from './capture-file'
import { CaptureOrder } from './capture-order'
import { CaptureReader, newCaptureRing } from './rings'

/** Room for four frames of display at a gigabit both ways; a power of two. */
const RING_BYTES = 16 * 1024 * 1024
/** Offsets in one piece of the index. */
const CHUNK_FRAMES = 65_536
/** How much of the file is in memory at once while it is read or copied, about. */
const BATCH_BYTES = 1024 * 1024

/**
 * The frames of a session, complete, in a file that is a pcapng capture at any time. In memory there is a number for each of them.
 * What the disk does not take is `problem`; the run goes on.
 */
export class CaptureStore {
  /** EngineWorkerData.capture. */
  readonly ring: SharedArrayBuffer
  /** Virtual time of the machine, nanoseconds, for frames that are heard before they leave; whoever knows it sets this. */
  now: () => number = () => 0
  readonly #reader: CaptureReader
  readonly #order = new CaptureOrder()
  readonly #file: CaptureFile
  readonly #offsets: Float64Array[] = []
  #count = 0
  /** The section header and the interfaces: with them any run of frames is a capture of its own. */
  #head = new Uint8Array()

  /** @param file - where the capture grows; a temporary file, removed by close(), when left out */
  constructor(file?: string) {
    this.ring = newCaptureRing(RING_BYTES)
    this.#reader = new CaptureReader(this.ring)
    this.#file = new CaptureFile(file)
  }

  /** Frames that can be read. */
  get count(): number {
    return this.#count
  }
  get interfaces(): readonly CaptureInterface[] {
    return readCapture(this.#head).interfaces
  }
  /** Why the capture ended before the run, and what to do. */
  get problem(): string | undefined {
    return this.#file.problem
  }

  /** Takes over what the ring holds. */
  drain(): void {
    // Before the ring is looked at: what it has later is of that time or later.
    const machineNs = this.now()
    const { bytes, nowNs } = this.#reader.read()
    if (bytes.length > 0) this.#store(this.#order.add(bytes, nowNs))
    else if (!this.#order.empty) this.#store(this.#order.add(bytes, Math.max(nowNs, machineNs)))
  }
  #store(bytes: Uint8Array): void {
    const start = this.#file.length
    if (bytes.length > 0 && this.#file.append(bytes)) this.#note(bytes, start)
  }
  /** Notes where the frames are among blocks that are whole. */
  #note(bytes: Uint8Array, start: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let at = 0; at < bytes.length; at += view.getUint32(at + 4, true)) {
      const type = view.getUint32(at, true)
      if (type === BLOCK.ENHANCED_PACKET) this.#add(start + at)
      else if (this.#count === 0)
        this.#head = concat([this.#head, bytes.subarray(at, at + view.getUint32(at + 4, true))])
    }
  }
  #add(offset: number): void {
    if (this.#count % CHUNK_FRAMES === 0) this.#offsets.push(new Float64Array(CHUNK_FRAMES))
    this.#offsets.at(-1)![this.#count++ % CHUNK_FRAMES] = offset
  }
  /** Where a frame's block begins, or for the frame behind the last one, where the file ends. */
  #offset(index: number): number {
    return index < this.#count
      ? this.#offsets[Math.floor(index / CHUNK_FRAMES)]![index % CHUNK_FRAMES]!
      : this.#file.length
  }

  /** The frame at an index from 0, if there is one. */
  read(index: number): CapturedFrame | undefined {
    return this.rows(index, index + 1)[0]
  }
  /** Frames at the indices `from` to `to`, counted from 0, as many as there are. All of them are in memory at once: for what a screen shows. */
  rows(from: number, to: number): CapturedFrame[] {
    const first = Math.max(0, from)
    const end = Math.min(to, this.#count)
    if (first >= end) return []
    const bytes = this.#file.read(this.#offset(first), this.#offset(end))
    const { frames, interfaces } = readCapture(concat([this.#head, bytes]))
    return frames.map(({ timeNs = 0n, offset: _offset, ...frame }, i) => ({
      ...frame,
      number: first + i + 1,
      interfaceName: interfaces[frame.interface]?.name ?? '',
      timeNs: Number(timeNs),
    }))
  }
  /** Frames `from` to `to` one after the other, a megabyte in memory at a time. */
  *scan(from = 0, to = Infinity): Generator<CapturedFrame, void> {
    for (let next = Math.max(0, from); next < Math.min(to, this.#count);) {
      const end = Math.min(to, this.#batchEnd(next))
      yield* this.rows(next, end)
      next = end
    }
  }
  /** The frames from `first` on that make up about a batch: at least one. */
  #batchEnd(first: number): number {
    const limit = this.#offset(first) + BATCH_BYTES
    let [low, high] = [first + 1, this.#count]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#offset(middle) <= limit) low = middle
      else high = middle - 1
    }
    return low
  }

  /**
   * Writes all frames, or those at the given indices in that order, as a pcapng capture. The file has its old content or
   * the new one, whole.
   *
   * @throws the system's error
   */
  async export(which: 'all' | readonly number[], file: string): Promise<void> {
    await writeAtomic(file, which === 'all' ? this.#everything() : this.#chosen(which))
  }
  *#everything(): Generator<Uint8Array, void> {
    const end = this.#file.length
    for (let at = 0; at < end; at += BATCH_BYTES) yield this.#file.read(at, Math.min(end, at + BATCH_BYTES))
  }
  *#chosen(indices: readonly number[]): Generator<Uint8Array, void> {
    yield this.#head
    for (const index of indices) {
      if (!Number.isInteger(index) || index < 0 || index >= this.#count) continue
      const block = this.#file.read(this.#offset(index), this.#offset(index + 1))
      // Behind the last frame there may be statistics.
      yield block.subarray(0, new DataView(block.buffer, block.byteOffset, block.length).getUint32(4, true))
    }
  }

  /** Ends the capture and gives its file, which the constructor was told, its final name. */
  keepAs(file: string): void {
    this.drain()
    this.#store(this.#order.add(new Uint8Array(), Infinity))
    this.#file.keepAs(file)
  }
  /** Takes a temporary file away. */
  close(): void {
    this.#file.close()
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
