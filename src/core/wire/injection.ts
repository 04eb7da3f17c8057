import { TICK_NS } from '../clock/clock'
import { injectedFrames, MOST_INJECTED_BYTES } from './formats/injected-frames'
import type { Frame, FramePool } from './frame'
import type { WireKernel } from './link-record'

const LEAST_BYTES = 14
/** In front of the bytes of a frame: its length and its time. */
const HEAD_BYTES = 12

/** Frames that arrive one after the other, as a capture file has them. */
export interface Injection {
  /** Frames that have not been put on the line yet. */
  left(): number
  /** The first one goes on the line at the next tick, the others as much later as they were in the file. Once. */
  begin(): void
}
interface Parts {
  readonly clock: WireKernel['clock']
  readonly frames: FramePool
  /** Puts a frame on the line. */
  readonly send: (frame: Frame) => void
}

/** @throws RangeError when it is no frame that a link carries. */
export function checkInjected({ length }: Uint8Array): void {
  if (length < LEAST_BYTES || length > MOST_INJECTED_BYTES)
    throw new RangeError(
      `a frame of ${length} bytes cannot be injected: it has at least ${LEAST_BYTES} bytes, its Ethernet header, and at most ${MOST_INJECTED_BYTES}`,
    )
}
/** A slot with these bytes. */
export function frameOf(frames: FramePool, bytes: Uint8Array, origin: string): Frame {
  const frame = frames.take()
  frame.bytes.set(bytes)
  frame.length = bytes.length
  frame.origin = origin
  return frame
}

/** The frames of EngineWorkerData.inject. @throws RangeError when one is cut off or has a wrong size. */
function readInjected(records: Uint8Array): { readonly afterNs: number; readonly bytes: Uint8Array }[] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  let end = 0
  while (end < records.length)
    end = end + HEAD_BYTES > records.length ? Infinity : end + HEAD_BYTES + view.getUint32(end, true)
  if (end !== records.length) throw new RangeError(`the ${records.length} bytes of frames to inject end within a frame`)
  const all = [...injectedFrames(records)]
  for (const { bytes } of all) checkInjected(bytes)
  return all
}

/** `records`: EngineWorkerData.inject. @throws RangeError when a frame is cut off or has a wrong size. */
export function createInjection({ clock, frames, send }: Parts, records: Uint8Array): Injection {
  const waiting = readInjected(records)
  let next = 0
  let beganNs = -1

  const alarm = clock.createAlarm(() => {
    const nowNs = clock.now() * TICK_NS
    for (; next < waiting.length && beganNs + waiting[next]!.afterNs <= nowNs; next++)
      send(frameOf(frames, waiting[next]!.bytes, 'injected'))
    setAlarm()
  })
  function setAlarm(): void {
    const frame = waiting[next]
    if (frame) clock.resetAlarm(alarm, Math.ceil((beganNs + frame.afterNs) / TICK_NS))
  }
  return {
    left: () => waiting.length - next,
    begin() {
      if (beganNs >= 0) return
      beganNs = (clock.now() + 1) * TICK_NS
      setAlarm()
    },
  }
}
