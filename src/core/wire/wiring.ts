import type { Clock } from '../clock/clock'
import { createFramePool, type FramePool } from './frame'
import type { Cable, Plug } from './port'
import type { FrameTap } from './tap'

/** The wire of a session: what its NICs plug into. */
export interface Wiring {
  readonly frames: FramePool
  /** The plug of the NIC in a slot of the bus. */
  readonly plug: (slot: number) => Plug
  /** Whether a NIC in that slot is plugged in. */
  has(slot: number): boolean
  /** The host at the other end, or at the switch. */
  readonly peer: { readonly mac: Uint8Array; readonly ipv4: number }
  /** A frame, without check sequence, arrives at a NIC, as from outside. The bytes are copied. */
  inject(slot: number, frame: Uint8Array): void
  /** The same frame, so many times, as fast as the line takes it. Makes nothing for a frame. */
  flood(slot: number, frame: Uint8Array, count: number): void
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
  return {
    frames,
    plug: () => () => openCable(parts, frames),
    has: () => false,
    peer: { mac: Uint8Array.of(0x02, 0, 0, 0, 0, 1), ipv4: 0x0a00_0001 },
    inject: () => undefined,
    flood: () => undefined,
  }
}
