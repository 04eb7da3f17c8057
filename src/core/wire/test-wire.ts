import { createMachine, createSharedMemory } from '../machine'
import type { LinkOptions } from './formats/link-options'
import { PERFECT_LINK } from './formats/link-options'
import { createFramePool } from './frame'
import { createLink, END } from './link'
import type { LinkSpeed, WirePort } from './port'
import type { FrameTap } from './tap'

const MEMORY_BYTES = 3 * 1024 * 1024

/** A frame as a spec looks at it. */
export interface Heard {
  /** Ticks. */
  readonly at: number
  readonly bytes: Uint8Array
  readonly intact: boolean
  readonly origin: string
}
/** A port that notes what it hears. */
export function createTestPort(name: string, now: () => number) {
  const heard: Heard[] = []
  const speeds: [at: number, speed: LinkSpeed][] = []
  const port: WirePort = {
    name,
    receive: (frame) =>
      void heard.push({
        at: now(),
        bytes: frame.bytes.slice(0, frame.length),
        intact: frame.intact,
        origin: frame.origin,
      }),
    linkChanged: (speed) => void speeds.push([now(), speed]),
  }
  return { port, heard, speeds }
}
export type TestPort = ReturnType<typeof createTestPort>

/** A machine without driver whose time passes as a spec wants. */
export function createTestKernel(seed = 1) {
  const { kernel } = createMachine({ memory: createSharedMemory(MEMORY_BYTES), seed })
  return {
    kernel,
    /** Lets time pass; what is due at its end happens. */
    pass(ticks: number) {
      kernel.scheduler.runUntil(() => false, ticks)
      kernel.clock.fireDue()
    },
  }
}

/** A link between two ports that only listen; it is up. */
export function createTestLink(
  options: Partial<LinkOptions> = {},
  { seed = 1, tap }: { seed?: number; tap?: FrameTap } = {},
) {
  const { kernel, pass } = createTestKernel(seed)
  const frames = createFramePool()
  const link = createLink(
    { k: kernel, frames, tap },
    { ...PERFECT_LINK, ...options },
    { slot: 0, otherEnd: 'test port' },
  )
  const ends = [createTestPort('nic', kernel.clock.now), createTestPort('test port', kernel.clock.now)] as const
  const cables = [link.plug(END.NIC, ends[0].port), link.plug(END.OTHER, ends[1].port)] as const
  for (const cable of cables) cable.negotiate(1000)
  pass(1)
  return {
    kernel,
    link,
    ends,
    cables,
    pass,
    /** Puts a frame on the line whose bytes are `fill`; what transmit() says. */
    send(end: 0 | 1, length: number, fill = 0): number {
      const frame = frames.take()
      frame.bytes.fill(fill, 0, length)
      frame.length = length
      return cables[end].transmit(frame)
    },
  }
}
