import { isGroupAddress } from './formats/ethernet'
import { copyFrame, type Frame, type FramePool } from './frame'
import { createMacTable } from './mac-table'
import type { Cable, WirePort } from './port'

/** Bytes that wait at a port of a switch; what comes then is dropped, as when ten NICs send to one. */
export const PORT_BUFFER_BYTES = 128 * 1024
const TICKS_PER_BYTE_AT_ONE_MEGABIT = 80
const HALF = 16
const LOW_HALF = 0xffff

export interface SwitchCounts {
  /** Frames that went to the one port where their destination is, or to all other ports. */
  forwarded: number
  flooded: number
  /** Their destination is at the port that they came from. */
  filtered: number
  damaged: number
  /** Copies for which a port had no room. */
  dropped: number
}
export interface SwitchPort {
  readonly port: WirePort
  connect(cable: Cable): void
}
export interface Switch {
  readonly counts: Readonly<SwitchCounts>
  /** A new port. */
  addPort(name: string): SwitchPort
}

interface Parts {
  readonly clock: { now(): number }
  readonly frames: FramePool
}

/** A switch that learns where addresses are and passes frames on when they have arrived whole. Damaged ones end here. */
export function createSwitch({ clock, frames }: Parts): Switch {
  const counts: SwitchCounts = { forwarded: 0, flooded: 0, filtered: 0, damaged: 0, dropped: 0 }
  const table = createMacTable(clock.now)
  const cables: (Cable | undefined)[] = []
  /** When the line of each port is free, ticks. */
  const free: number[] = []

  function pass(frame: Frame, to: number): void {
    const cable = cables[to]
    if (!cable || cable.speed() === 0) return
    const room = (PORT_BUFFER_BYTES * TICKS_PER_BYTE_AT_ONE_MEGABIT) / cable.speed()
    if (free[to]! - clock.now() > room) return void counts.dropped++
    const copy = frames.take()
    copyFrame(copy, frame)
    free[to] = cable.transmit(copy)
  }
  function receive(frame: Frame, from: number): void {
    if (!frame.intact) return void counts.damaged++
    const { bytes, words } = frame
    const middle = words[1]!
    const last = words[2]!
    if (!isGroupAddress(bytes, 6)) table.learn((middle >>> HALF) | (last << HALF), last >>> HALF, from)
    const to = isGroupAddress(bytes) ? -1 : table.find(words[0]!, middle & LOW_HALF)
    if (to === from) return void counts.filtered++
    if (to >= 0) {
      counts.forwarded++
      return pass(frame, to)
    }
    counts.flooded++
    for (let other = 0; other < cables.length; other++) if (other !== from) pass(frame, other)
  }
  return {
    counts,
    addPort(name) {
      const index = cables.length
      cables.push(undefined)
      free.push(0)
      return {
        connect: (cable) => void (cables[index] = cable),
        port: {
          name,
          receive: (frame) => receive(frame, index),
          linkChanged(speed) {
            free[index] = 0
            if (speed === 0) table.forget(index)
          },
        },
      }
    },
  }
}
