import type { WireKernel } from './link-record'
import { copyFrame, type FramePool } from './frame'
import { frameOf } from './injection'
import type { Cable } from './port'

/** So much is put on the line ahead of time, ticks: the line is never idle, and what waits there is little. */
export const AHEAD_TICKS = 100
/** How often who sends looks whether there is a link again, ticks: every millisecond. */
export const NO_LINK_TICKS = 10_000

/** Sends one frame again and again as fast as the line takes it, while there is a link. Makes nothing for a frame. */
export function flood(
  { clock, frames }: { readonly clock: WireKernel['clock']; readonly frames: FramePool },
  cable: Cable,
  bytes: Uint8Array,
  count: number,
): void {
  const template = frameOf(frames, bytes, '')
  let left = count
  const alarm = clock.createAlarm(() => {
    if (cable.speed() === 0) return clock.resetAlarm(alarm, clock.now() + NO_LINK_TICKS)
    let freeAt = clock.now()
    for (; left > 0 && freeAt <= clock.now() + AHEAD_TICKS; left--) {
      const frame = frames.take()
      copyFrame(frame, template)
      freeAt = cable.transmit(frame)
    }
    if (left > 0) clock.resetAlarm(alarm, clock.now() + AHEAD_TICKS)
    else frames.give(template)
  })
  clock.resetAlarm(alarm, clock.now() + 1)
}
