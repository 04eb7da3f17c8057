import type { Clock } from '../clock/clock'
import { createFramePool, type FramePool } from './frame'
import type { Cable, Plug } from './port'
import type { FrameTap } from './tap'

/** The wire of a session: what its NICs plug into. */
export interface Wiring {
  readonly frames: FramePool
  /** The plug of the NIC in a slot of the bus. */
  readonly plug: (slot: number) => Plug
}

interface Parts {
  readonly clock: Pick<Clock, 'now' | 'setAlarm' | 'cancel'>
  /** Hears every frame at the connectors; undefined when nothing is captured. */
  readonly tap?: FrameTap | undefined
  /** EngineWorkerData.inject. */
  readonly inject?: Uint8Array | undefined
}

/** A cable with nothing at its other end. */
function openCable({ clock }: Parts, frames: FramePool): Cable {
  return {
    speed: () => 0,
    transmit(frame) {
      frames.give(frame)
      return clock.now()
    },
    negotiate: () => undefined,
  }
}

export function createWiring(parts: Parts): Wiring {
  const frames = createFramePool()
  return { frames, plug: () => () => openCable(parts, frames) }
}
