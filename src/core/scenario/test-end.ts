import type { Adapter, OidOutcome } from '../ndis/adapters'
import type { FrameSink } from '../ndis/packet-data'
import type { TestEnds } from './test-frame'

/** The workbench's own protocol over an adapter, whatever the adapter's generation. */
export interface TestProtocol {
  readonly adapter: Adapter
  /** Sends one frame; `done` hears its status when it is back. false while paused, or when memory is short. */
  send(frame: Uint8Array, length: number, done: (status: number) => void): boolean
  /** Sends that are not back, and received frames that are kept for a while. */
  outstanding(): { readonly sent: number; readonly held: number }
  /** Virtual time of the oldest send that is not back; undefined when all are. */
  oldest(): number | undefined
  receive: FrameSink | undefined
  /** Sets what it receives, in the NIC and at its binding. */
  setFilter(bits: number): OidOutcome | undefined
  /** Ends the binding. Received frames go back first. */
  close(): void
}

/** The workbench's own miniport below protocols and filters that have none: a NIC whose cable ends in itself, or in a peer. */
export interface LoopbackMiniport {
  readonly adapter: Adapter
  /** What becomes of a frame that is sent: it comes back as it is, or nothing comes. */
  loops: boolean
  /** A frame arrives from outside. */
  arrive(frame: Uint8Array, length: number): void
  /** Takes the adapter down. */
  remove(): void
}

/** What is at the other end of an adapter's cable. */
export interface Outside {
  /** The adapter's frames go to a host that sends them back: there, or to the adapter itself where its cable ends in it. */
  readonly ends: TestEnds
  /** Frames come back as they were; else with the ends in each other's place. */
  readonly loops: boolean
  /** A frame arrives from outside; undefined where nothing is. */
  readonly arrive: ((frame: Uint8Array) => void) | undefined
  /** One frame arrives so many times, as fast as the line takes it; undefined where there is no line. */
  readonly flood: ((frame: Uint8Array, count: number) => void) | undefined
}

/** Sends come back, and received frames are kept, for at most 50 microseconds (ticks of 100 ns). */
export const LONGEST_DELAY = 500
