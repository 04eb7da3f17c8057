import type { Frame } from '../../wire/frame'
import { byteAt, copyBytes, createBytes, putByte, putWire16, putWire32, wire16, wire32 } from './bytes'
import type { Chip } from './chip'
import type { TransmitContext } from './transmit-context'
import { MOST_SENT } from './transmit-descriptor'

/** Offsets in headers. */
const IPV4 = { LENGTH: 2, ID: 4 } as const
const IPV6 = { LENGTH: 4, HEADER: 40 } as const
const TCP = { SEQUENCE: 4, FLAGS: 13 } as const
const UDP = { LENGTH: 4 } as const
/** FIN and PSH belong to the last segment. */
const LAST_ONLY = 0x09
const MOST_HEADER_BYTES = 256

/** TCP segmentation (SDM 3.5): the headers once, data behind them, cut into frames of MSS bytes with headers of their own. */
export interface Segments {
  /** The first data descriptor of it: false when its context does not describe a segmentation that can be done. */
  begin(): boolean
  /** `length` bytes of memory, from byte `from` on. */
  gather(from: number, length: number): void
  /** The last descriptor was gathered: what is left goes out. False: there were more or fewer data than PAYLEN says. */
  end(): boolean
  forget(): void
}

interface Parts {
  readonly context: TransmitContext
  readonly take: () => Frame
  /** A segment is ready: checksums, then out with it. */
  readonly emit: (frame: Frame) => void
}

export function createSegments({ host }: Chip, { context, take, emit }: Parts): Segments {
  const { memory } = host
  const header = createBytes(MOST_HEADER_BYTES)
  let frame: Frame | undefined
  let fill = 0
  let headerLength = 0
  let payload = 0
  /** Bytes of data in segments before this one, and how many those are. */
  let sent = 0
  let index = 0
  let excess = false

  const segmentEnd = (): number => headerLength + Math.min(context.mss(), payload - sent)

  /** What differs from segment to segment (SDM 3.5.6). */
  function fixHeaders(segment: Frame, last: boolean): void {
    const contents = segment.words
    const ip = context.ipStart()
    const transport = context.transportStart()
    if (context.ipv4()) {
      putWire16(contents, ip + IPV4.LENGTH, fill - ip)
      putWire16(contents, ip + IPV4.ID, wire16(contents, ip + IPV4.ID) + index)
    } else putWire16(contents, ip + IPV6.LENGTH, fill - ip - IPV6.HEADER)
    if (!context.tcp()) return putWire16(contents, transport + UDP.LENGTH, fill - transport)
    putWire32(contents, transport + TCP.SEQUENCE, wire32(contents, transport + TCP.SEQUENCE) + sent)
    if (!last) putByte(contents, transport + TCP.FLAGS, byteAt(contents, transport + TCP.FLAGS) & ~LAST_ONLY)
  }
  function emitSegment(last: boolean): void {
    const segment = frame!
    frame = undefined
    segment.length = fill
    fixHeaders(segment, last)
    sent += fill - headerLength
    index++
    fill = 0
    emit(segment)
  }
  /** The next segment begins with the headers as the driver gave them. */
  function beginSegment(): void {
    frame = take()
    copyBytes(frame, 0, header, 0, headerLength)
    fill = headerLength
  }
  function forget(): void {
    if (frame) host.frames.give(frame)
    frame = undefined
  }
  return {
    begin() {
      headerLength = context.headerLength()
      payload = context.payload()
      const mss = context.mss()
      if (mss === 0 || headerLength < context.transportStart() + 8 || headerLength + mss > MOST_SENT) return false
      frame = take()
      fill = sent = index = 0
      excess = false
      return true
    },
    gather(from, length) {
      while (length > 0) {
        if (!frame) {
          // More data than PAYLEN says: it goes nowhere.
          if (sent >= payload) return void (excess = true)
          beginSegment()
        }
        const inHeader = fill < headerLength
        const n = Math.min(length, (inHeader ? headerLength : segmentEnd()) - fill)
        copyBytes(frame!, fill, memory, from, n)
        fill += n
        from += n
        length -= n
        if (inHeader && fill === headerLength) copyBytes(header, 0, frame!, 0, headerLength)
        if (fill >= headerLength && fill === segmentEnd() && payload > sent)
          emitSegment(sent + fill - headerLength >= payload)
      }
    },
    end() {
      const fits = sent === payload && !excess
      if (frame && fill > headerLength) emitSegment(true)
      forget()
      return fits
    },
    forget,
  }
}
