import { TICK_NS } from '../clock/clock'
import { words, type Words } from '../memory/address-space'
import { WIRE_EVENT } from './formats/wire-event'
import { copyFrame, type Frame, type FramePool } from './frame'
import { frameNs, gapNs } from './line-time'
import type { LaneRecord, LinkSettings, WireKernel } from './link-record'

/** Frames that one direction holds: a long delay on a fast line would otherwise take all memory. */
export const MOST_IN_FLIGHT = 8192
const FIRST_CAPACITY = 16
/** A frame that is to be overtaken waits for the next one, but not longer than this. */
export const LONGEST_HOLD_NS = 1_000_000
const MILLION = 1_000_000
const BITS = 8

/** What became of the frames of one direction: sent + duplicated = delivered + lost + in flight. */
export interface LaneCounts {
  /** Put on the line, also those that were lost at once for want of a link. */
  sent: number
  delivered: number
  lost: number
  duplicated: number
  reordered: number
  /** Of those delivered: with a wrong bit. */
  corrupted: number
}

/** One direction of a link. Times are nanoseconds of virtual time. */
export interface Lane {
  readonly counts: Readonly<LaneCounts>
  /** When the first bit of a frame that is sent now leaves. */
  start(): number
  /** Puts a frame on the line, whose slot it takes over; when its last bit has left. */
  send(frame: Frame): number
  /** The link is down: what is on the line is lost. */
  drop(): void
  inFlight(): number
}

interface Parts {
  readonly k: Pick<WireKernel, 'clock' | 'random'>
  readonly frames: FramePool
  readonly settings: LinkSettings
  readonly record: LaneRecord
  /** A frame has arrived; it is lent. */
  readonly deliver: (frame: Frame, atNs: number) => void
}

/** Frames on their way with their times of arrival, which never fall. */
function createFlights() {
  let capacity = FIRST_CAPACITY
  let frames: (Frame | undefined)[] = new Array<Frame | undefined>(capacity).fill(undefined)
  let times: Words = words(new Float64Array(capacity))
  let head = 0
  let count = 0
  const place = (index: number): number => (head + index) & (capacity - 1)

  function grow(): void {
    const moved = Array.from({ length: 2 * capacity }, (_unused, index) =>
      index < count ? frames[place(index)] : undefined,
    )
    const movedTimes = words(new Float64Array(2 * capacity))
    for (let index = 0; index < count; index++) movedTimes[index] = times[place(index)]!
    capacity *= 2
    frames = moved
    times = movedTimes
    head = 0
  }
  return {
    count: () => count,
    /** Infinity when there is none. */
    firstTime: () => (count > 0 ? times[head]! : Infinity),
    lastTime: () => (count > 0 ? times[place(count - 1)]! : -Infinity),
    push(frame: Frame, time: number): void {
      if (count === capacity) grow()
      const at = place(count)
      frames[at] = frame
      times[at] = time
      count++
    },
    /** In front of the last one, which then arrives at the same time. */
    pushBeforeLast(frame: Frame, time: number): Frame {
      const at = place(count - 1)
      const last = frames[at]!
      frames[at] = frame
      times[at] = time
      this.push(last, time)
      return last
    },
    shift(): Frame {
      const frame = frames[head]!
      frames[head] = undefined
      head = (head + 1) & (capacity - 1)
      count--
      return frame
    },
  }
}

/**
 * One direction of a link: frames leave one after the other at its speed, arrive after its delay, and some of them are lost,
 * doubled, overtaken or damaged as the seed has it. One alarm for all that are on the way; a line without faults draws nothing.
 */
export function createLane({ k, frames, settings, record, deliver }: Parts): Lane {
  const { clock, random } = k
  const counts: LaneCounts = { sent: 0, delivered: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0 }
  const flights = createFlights()
  const alarm = clock.createAlarm(arrive)
  let freeNs = 0
  /** Arrival of the newest frame that keeps its place. */
  let newestNs = 0
  /** The last one in flight waits to be overtaken. */
  let held = false

  const chance = (share: number): boolean => share > 0 && random.below(MILLION) < share

  function arrive(): void {
    const nowNs = clock.now() * TICK_NS
    for (let at = flights.firstTime(); at <= nowNs; at = flights.firstTime()) {
      const frame = flights.shift()
      if (flights.count() === 0) held = false
      counts.delivered++
      record.inFlight(-1)
      if (!frame.intact) {
        counts.corrupted++
        record.corrupted()
      }
      deliver(frame, at)
      frames.give(frame)
    }
    setAlarm()
  }
  function setAlarm(): void {
    const first = flights.firstTime()
    if (first !== Infinity) clock.resetAlarm(alarm, Math.ceil(first / TICK_NS))
  }
  function lose(frame: Frame, why: number): void {
    counts.lost++
    record.lost(why, frame.length)
    frames.give(frame)
  }
  function damage(frame: Frame): void {
    const bit = random.below(frame.length * BITS)
    frame.bytes[bit >> 3]! ^= 1 << (bit & 7)
    frame.intact = false
    record.damaged(frame.length)
  }
  function overtake(frame: Frame): void {
    const last = flights.pushBeforeLast(frame, newestNs)
    counts.reordered++
    record.reordered(last.length)
  }
  /** A frame that is not lost, to arrive at a time, or behind those that are on the way already. */
  function put(frame: Frame, atNs: number): void {
    if (flights.count() === MOST_IN_FLIGHT) return lose(frame, WIRE_EVENT.LINE_FULL)
    if (chance(settings.corrupt)) damage(frame)
    const hold = chance(settings.reorder) && !held
    record.inFlight(1)
    newestNs = Math.max(newestNs, atNs)
    if (held && flights.lastTime() > newestNs) overtake(frame)
    else flights.push(frame, hold ? newestNs + LONGEST_HOLD_NS : newestNs)
    held = hold
    if (flights.count() <= 2) setAlarm()
  }
  const start = (): number => Math.max(clock.now() * TICK_NS, freeNs)

  return {
    counts,
    start,
    inFlight: flights.count,
    send(frame) {
      counts.sent++
      const { speed } = settings
      if (speed === 0) {
        lose(frame, WIRE_EVENT.NO_LINK)
        return clock.now() * TICK_NS
      }
      const leftNs = start() + frameNs(frame.length, speed)
      freeNs = leftNs + gapNs(speed)
      if (chance(settings.loss)) {
        lose(frame, WIRE_EVENT.FRAME_LOST)
        return leftNs
      }
      const atNs = leftNs + settings.delayNs
      if (!chance(settings.duplicate)) put(frame, atNs)
      else {
        counts.duplicated++
        record.duplicated(frame.length)
        const copy = frames.take()
        copyFrame(copy, frame)
        put(frame, atNs)
        put(copy, atNs)
      }
      return leftNs
    },
    drop() {
      const lost = flights.count()
      while (flights.count() > 0) frames.give(flights.shift())
      clock.cancel(alarm)
      freeNs = 0
      newestNs = 0
      held = false
      if (lost === 0) return
      counts.lost += lost
      record.inFlight(-lost)
      record.lostWithLink(lost)
    },
  }
}
