import { PERFECT_LINK, type LinkChange, type LinkOptions } from './formats/link-options'
import { WIRE_EVENT } from './formats/wire-event'
import { createFramePool, type Frame, type FramePool } from './frame'
import { flood } from './flood'
import { createGenerator, type Generator, type GeneratorOptions } from './generator'
import { checkInjected, createInjection, frameOf, type Injection } from './injection'
import { createLink, END, type Link } from './link'
import type { WireKernel } from './link-record'
import { createPeer, PEER_NAME, type Peer } from './peer'
import type { Cable, Plug, WirePort } from './port'
import { createSwitch, type Switch } from './switch'
import type { FrameTap } from './tap'

export interface WiringOptions {
  /** NICs of the session: one is linked to the peer host, more of them and the peer host to a switch. */
  readonly nics?: number
  /** The links of the NICs; the cable that is pulled is that of the first one. */
  readonly link?: LinkOptions
  /** Hears every frame at the connectors of the NICs. */
  readonly tap?: FrameTap | undefined
  /** Frames that arrive at the first NIC when a scenario begins with them: records of EngineWorkerData.inject. */
  readonly inject?: Uint8Array
}

/** The wire of a session: what its NICs plug into. */
export interface Wiring {
  readonly frames: FramePool
  /** The plug of the NIC in a slot of the bus. */
  readonly plug: (slot: number) => Plug
  /** Whether a NIC in that slot is plugged in. */
  has(slot: number): boolean
  /** Links of the NICs by slot, as far as they have plugged in. */
  readonly links: ReadonlyMap<number, Link>
  readonly peer: Peer
  /** Between several NICs. */
  readonly switch: Switch | undefined
  /** Frames of the option `inject`; nothing happens before its begin(). */
  readonly injection: Injection
  /**
   * Somebody does something to the link of a NIC: applied when virtual time is looked at next, and recorded in the event log.
   *
   * @throws RangeError when there is no NIC in the slot.
   */
  control(slot: number, change: LinkChange): void
  /**
   * Somebody lets frames arrive at a NIC, as from the other end of its link, from now on; likewise.
   *
   * @param records - as in EngineWorkerData.inject
   * @throws RangeError when there is no NIC in the slot, or the records are damaged.
   */
  arrive(slot: number, records: Uint8Array): void
  /**
   * A frame of a scenario is put on the line to a NIC. The bytes are copied.
   *
   * @throws RangeError when there is no NIC in the slot or the frame has a wrong size.
   */
  inject(slot: number, frame: Uint8Array): void
  /**
   * A stream of frames that the peer host sends; start() begins.
   *
   * @throws RangeError when a rate or a burst makes no sense.
   */
  generator(options: GeneratorOptions): Generator
  /** The same frame, so many times, as fast as the line takes it. Makes nothing for a frame. */
  flood(slot: number, frame: Uint8Array, count: number): void
}

const FASTEST = 1000
const FIRST = 0
const NO_FRAMES = new Uint8Array()
const SWITCH_NAME = 'switch'
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array): number {
  let state = FNV_OFFSET
  for (const byte of bytes) state = Math.imul(state ^ byte, FNV_PRIME)
  return state | 0
}

/** Plugs a port into the other end of a link, for good. */
function plugFar(link: Link, { port, connect }: { port: WirePort; connect(cable: Cable): void }): Cable {
  const cable = link.plug(END.OTHER, port)
  connect(cable)
  cable.negotiate(FASTEST)
  return cable
}

export function createWiring(k: WireKernel, options: WiringOptions = {}): Wiring {
  const frames = createFramePool()
  const peer = createPeer(frames)
  const hub = (options.nics ?? 1) > 1 ? createSwitch({ clock: k.clock, frames }) : undefined
  const links = new Map<number, Link>()
  const far = new Map<number, Cable>()
  const linkParts = { k, frames, tap: options.tap }

  function linkPeer(to: Switch): void {
    const link = createLink(linkParts, PERFECT_LINK)
    const ends = [to.addPort(PEER_NAME), peer] as const
    const near = link.plug(END.NIC, ends[0].port)
    ends[0].connect(near)
    near.negotiate(FASTEST)
    plugFar(link, peer)
  }
  function plug(slot: number, port: WirePort): Cable {
    if (hub && links.size === 0) linkPeer(hub)
    const given = options.link ?? PERFECT_LINK
    const link = createLink(linkParts, slot === FIRST ? given : { ...given, pulls: [] }, {
      slot,
      otherEnd: hub ? SWITCH_NAME : PEER_NAME,
    })
    links.set(slot, link)
    far.set(slot, plugFar(link, hub ? hub.addPort(`NIC ${slot}`) : peer))
    return link.plug(END.NIC, port)
  }
  function need<T>(map: ReadonlyMap<number, T>, slot: number): T {
    const found = map.get(slot)
    if (found === undefined) throw new RangeError(`there is no NIC in slot ${slot}`)
    return found
  }
  const injectionTo = (send: (frame: Frame) => void, records: Uint8Array): Injection =>
    createInjection({ clock: k.clock, frames, send }, records)

  return {
    frames,
    plug: (slot) => (port) => plug(slot, port),
    has: (slot) => links.has(slot),
    links,
    peer,
    switch: hub,
    injection: injectionTo((frame) => void need(far, FIRST).transmit(frame), options.inject ?? NO_FRAMES),
    control(slot, change) {
      const link = need(links, slot)
      k.clock.post(() => link.change(change))
    },
    arrive(slot, records) {
      const link = need(links, slot)
      const cable = need(far, slot)
      const send = (frame: Frame): void => {
        link.note(WIRE_EVENT.INJECTED, frame.length, hash(frame.bytes.subarray(0, frame.length)))
        cable.transmit(frame)
      }
      k.clock.post(injectionTo(send, records.slice()).begin)
    },
    inject(slot, bytes) {
      checkInjected(bytes)
      need(far, slot).transmit(frameOf(frames, bytes, 'scenario'))
    },
    generator: (given) => createGenerator({ clock: k.clock, frames, send: peer.send, speed: peer.linkSpeed }, given),
    flood: (slot, frame, count) => flood({ clock: k.clock, frames }, need(far, slot), frame, count),
  }
}
