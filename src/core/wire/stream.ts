import { scratchHeader, u16, u32 } from './formats/bytes'
import { ETHER_TYPE, etherType, ETHERNET, writeEthernet } from './formats/ethernet'
import { putUdpFrame, UDP_PAYLOAD, type UdpEnds } from './formats/udp'
import type { Frame } from './frame'
import { frameSizes, type FrameSizes } from './frame-sizes'
import { fillPayload, type Pattern } from './payload'

export interface StreamOptions {
  /** Frames in all. */
  readonly count: number
  readonly ends: UdpEnds
  /** UDP datagrams over IPv4, or frames of the type for local experiments (0x88b5, IEEE 802), which nobody answers. */
  readonly form?: 'udp' | 'ethernet'
  readonly sizes?: FrameSizes
  readonly pattern?: Pattern
  /** Of the pattern and of random sizes: nothing is drawn from the seed of the run. */
  readonly seed?: number
  /** Tells the frames of one stream from those of another. */
  readonly number?: number
}

/** In front of the pattern: whose frame it is, and which. */
const TAG = { SIGNATURE: 0, STREAM: 4, SEQUENCE: 6, BYTES: 10 } as const
const SIGNATURE = 0x4e44_5742 // 'NDWB'
const tag = scratchHeader(TAG.BYTES)

/** Frames that follow from their numbers, so that who receives one can make it again and compare it. */
export interface Stream {
  readonly count: number
  length(sequence: number): number
  /** Writes frame number `sequence` into a slot. */
  write(into: Frame, sequence: number): void
  /** The number of a frame that says it is of this stream; -1 for any other. `frame` is looked at, not checked. */
  sequenceOf(bytes: Uint8Array, length: number): number
}

/** @throws RangeError for sizes that no frame has, or a count that is no whole number. */
export function createStream(options: StreamOptions): Stream {
  const { count, ends, form = 'udp', sizes = 60, pattern = 'increment', seed = 0, number = 0 } = options
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`a stream cannot have ${count} frames`)
  const length = frameSizes(sizes, seed)
  const payload = form === 'udp' ? UDP_PAYLOAD : ETHERNET.BYTES
  const type = form === 'udp' ? ETHER_TYPE.IPV4 : ETHER_TYPE.LOCAL_EXPERIMENT
  // The tag ends where a word begins.
  const firstWord = (payload + TAG.BYTES) >> 2
  const { destination, source, from, fromPort, to, toPort } = ends
  return {
    count,
    length,
    write(into, sequence) {
      const size = length(sequence)
      const { bytes, view } = tag
      view.setUint32(TAG.SIGNATURE, SIGNATURE)
      view.setUint16(TAG.STREAM, number)
      view.setUint32(TAG.SEQUENCE, sequence)
      fillPayload(into.words, firstWord, (size + 3) >> 2, pattern, sequence, seed)
      into.bytes.set(bytes, payload)
      into.length = size
      if (form === 'udp')
        putUdpFrame(into.bytes, destination, source, from, fromPort, to, toPort, size - payload, sequence & 0xffff)
      else writeEthernet(into.bytes, destination, source, type)
    },
    sequenceOf(bytes, size) {
      if (size < payload + TAG.BYTES || etherType(bytes) !== type) return -1
      if (u32(bytes, payload + TAG.SIGNATURE) !== SIGNATURE || u16(bytes, payload + TAG.STREAM) !== number) return -1
      return u32(bytes, payload + TAG.SEQUENCE)
    },
  }
}
