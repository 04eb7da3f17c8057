import { TICK_NS } from '../clock/clock'
import { AHEAD_TICKS, NO_LINK_TICKS } from './flood'
import type { Frame, FramePool } from './frame'
import type { WireKernel } from './link-record'
import type { LinkSpeed } from './port'
import type { Stream } from './stream'

/** How fast frames are sent: so many a second, so many bits of frames a second, or as the line takes them. */
export type Rate = { readonly framesPerSecond: number } | { readonly bitsPerSecond: number } | 'line'

export interface GeneratorOptions {
  readonly stream: Stream
  readonly rate?: Rate
  /** Frames that follow one another without a gap; the rate holds on average. 1 when left out. */
  readonly burst?: number
}
export interface Generator {
  /** Sends from the next tick on. */
  start(): void
  stop(): void
  sent(): number
  done(): boolean
}
interface Parts {
  readonly clock: WireKernel['clock']
  readonly frames: FramePool
  /** Puts a frame on the line; ticks when its last bit has left. */
  readonly send: (frame: Frame) => number
  /** What the link runs at; at 0 nothing is sent. */
  readonly speed: () => LinkSpeed
}

const SECOND_NS = 1_000_000_000
const BITS = 8

/** Nanoseconds that a frame of this length is allowed. */
function pace(rate: Exclude<Rate, 'line'>): (length: number) => number {
  const perSecond = 'framesPerSecond' in rate ? rate.framesPerSecond : rate.bitsPerSecond
  if (!(perSecond > 0)) throw new RangeError(`a rate is more than nothing, not ${perSecond} a second`)
  return 'framesPerSecond' in rate ? () => SECOND_NS / perSecond : (length) => (length * BITS * SECOND_NS) / perSecond
}

/** Sends a stream, and waits while there is no link. What is sent, and when, follows from the options; each frame takes a slot and nothing else. */
export function createGenerator({ clock, frames, send, speed }: Parts, options: GeneratorOptions): Generator {
  const { stream, rate = 'line', burst = 1 } = options
  if (!Number.isInteger(burst) || burst < 1) throw new RangeError(`a burst has at least one frame, not ${burst}`)
  const allowedNs = rate === 'line' ? undefined : pace(rate)
  let sent = 0
  let dueNs = 0

  function sendOne(): number {
    const frame = frames.take()
    stream.write(frame, sent)
    frame.origin = 'traffic generator'
    if (allowedNs) dueNs += allowedNs(frame.length)
    sent++
    const free = send(frame)
    // Nobody sends more than the line takes.
    dueNs = Math.max(dueNs, (free - AHEAD_TICKS) * TICK_NS)
    return free
  }
  const more = (): boolean => sent < stream.count
  /** The line is kept busy: what waits there is little, and it never waits for us. */
  function fillLine(): void {
    for (let free = clock.now(); more() && free <= clock.now() + AHEAD_TICKS;) free = sendOne()
    if (more()) clock.resetAlarm(alarm, clock.now() + AHEAD_TICKS)
  }
  function sendDue(): void {
    for (const nowNs = clock.now() * TICK_NS; more() && dueNs <= nowNs;)
      for (let left = burst; left > 0 && more(); left--) sendOne()
    if (more()) clock.resetAlarm(alarm, Math.ceil(dueNs / TICK_NS))
  }
  const sendSome = allowedNs ? sendDue : fillLine
  const alarm = clock.createAlarm(() => {
    if (speed() !== 0) return sendSome()
    dueNs = (clock.now() + NO_LINK_TICKS) * TICK_NS
    clock.resetAlarm(alarm, clock.now() + NO_LINK_TICKS)
  })
  return {
    start() {
      if (!more()) return
      dueNs = (clock.now() + 1) * TICK_NS
      clock.resetAlarm(alarm, clock.now() + 1)
    },
    stop: () => void clock.cancel(alarm),
    sent: () => sent,
    done: () => !more(),
  }
}
