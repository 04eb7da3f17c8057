import { words, type Words } from '../memory/address-space'

/** Longest frame that a slot holds, bytes: what an 82540EM takes with RCTL.LPE. */
export const MOST_FRAME_BYTES = 16_384

/**
 * An Ethernet frame on its way, from the destination address on, without preamble and check sequence. Slots are used again:
 * who is handed one may keep it only when the page of the function says so.
 */
export interface Frame {
  /** The first `length` bytes are the frame. Write whole ranges with set(); single bytes are slow in a sandboxed thread. */
  readonly bytes: Uint8Array
  /** The same bytes as little-endian words, for copies that are short. */
  readonly words: Words
  length: number
  /** false: its check sequence does not belong to its bytes. */
  intact: boolean
  /** Call site of the driver that had it sent; 0: the workbench itself. */
  site: number
  /** Who of the workbench sent it, for captures: 'peer host: ICMP echo reply'; '': a driver did. */
  origin: string
}

/** Slots for frames. */
export interface FramePool {
  take(): Frame
  give(frame: Frame): void
}

export function createFramePool(): FramePool {
  const free: Frame[] = []
  return {
    take() {
      const old = free.pop()
      if (old) return old
      const buffer = new ArrayBuffer(MOST_FRAME_BYTES)
      return {
        bytes: new Uint8Array(buffer),
        words: words(new Int32Array(buffer)),
        length: 0,
        intact: true,
        site: 0,
        origin: '',
      }
    },
    give(frame) {
      frame.intact = true
      frame.site = 0
      frame.origin = ''
      free.push(frame)
    },
  }
}

/** Copies a frame into another slot, with what is known of it. Words at a time: nothing is allocated. */
export function copyFrame(into: Frame, from: Frame): void {
  const target = into.words
  const source = from.words
  for (let word = 0, end = (from.length + 3) >> 2; word < end; word++) target[word] = source[word]!
  into.length = from.length
  into.intact = from.intact
  into.site = from.site
  into.origin = from.origin
}
