import { TICK_NS, type Alarm } from '../clock/clock'
import type { LinkChange, LinkOptions } from './formats/link-options'
import { PERFECT_LINK } from './formats/link-options'
import { WIRE_EVENT } from './formats/wire-event'
import type { Frame, FramePool } from './frame'
import { createLane, type LaneCounts } from './lane'
import {
  createLinkRecord,
  DIRECTION,
  SILENT_LINK,
  type Direction,
  type LinkSettings,
  type WireKernel,
} from './link-record'
import type { Cable, LinkSpeed, WirePort } from './port'
import type { FrameTap } from './tap'

/** Ends of a link: a frame that leaves end 0 goes in DIRECTION.OUT. */
export const END = { NIC: 0, OTHER: 1 } as const
export type End = (typeof END)[keyof typeof END]

/** A full duplex link between two ports. */
export interface Link {
  /** What it is set to now. */
  readonly settings: Readonly<LinkSettings>
  /** Plugs a port into an end, once each. It hears of the link when both ends have negotiated, never during the call. */
  plug(end: End, port: WirePort): Cable
  /** Changes it now; what is left out stays. A change of speed takes the link down and up again. */
  change(change: LinkChange): void
  counts(direction: Direction): Readonly<LaneCounts>
  inFlight(direction: Direction): number
  /** Something that somebody does to the link, for the event log: one of WIRE_EVENT and its two values. */
  note(kind: number, value: number, other: number): void
}

interface Parts {
  readonly k: WireKernel
  readonly frames: FramePool
  readonly tap?: FrameTap | undefined
}
/** The NIC at end 0; a link without one is in no view and no capture. */
export interface LinkPlace {
  readonly slot: number
  readonly otherEnd: string
}

const MILLION = 1_000_000
/** A share of the frames as frames in a million; what is not none stays so. */
const ppm = (share: number): number => (share > 0 ? Math.max(1, Math.round(share * MILLION)) : 0)
const ticksOf = (ns: number): number => Math.ceil(ns / TICK_NS)

/** Members of LinkOptions that are numbers: how they are kept, and the event that tells of a change. */
const CHANGES = [
  ['delayNs', (ns: number) => ns, WIRE_EVENT.DELAY],
  ['loss', ppm, WIRE_EVENT.LOSS],
  ['duplicate', ppm, WIRE_EVENT.DUPLICATE],
  ['reorder', ppm, WIRE_EVENT.REORDER],
  ['corrupt', ppm, WIRE_EVENT.CORRUPT],
] as const

const settingsOf = (options: LinkOptions): LinkSettings => ({
  speed: 0,
  cable: true,
  speedLimit: options.speed,
  delayNs: options.delayNs,
  loss: ppm(options.loss),
  duplicate: ppm(options.duplicate),
  reorder: ppm(options.reorder),
  corrupt: ppm(options.corrupt),
})

export function createLink({ k, frames, tap }: Parts, options: LinkOptions, nic?: LinkPlace): Link {
  const { clock } = k
  const settings = settingsOf(options)
  const record = nic ? createLinkRecord(k, nic.slot, nic.otherEnd, settings) : SILENT_LINK
  const ports: [WirePort | undefined, WirePort | undefined] = [undefined, undefined]
  const wanted: [LinkSpeed, LinkSpeed] = [0, 0]
  const heard = nic && tap ? { slot: nic.slot, tap } : undefined
  const lanes = [DIRECTION.OUT, DIRECTION.IN].map((direction) => {
    const laneRecord = record.lane(direction)
    const toNic = direction === DIRECTION.IN
    const deliver = (frame: Frame, atNs: number): void => {
      if (toNic) laneRecord.moved(frame.length)
      if (toNic && heard) heard.tap.frame(heard.slot, 'in', atNs / TICK_NS, frame, frame.origin)
      ports[1 - direction]!.receive(frame)
    }
    const lane = createLane({ k, frames, settings, record: laneRecord, deliver })
    return { lane, record: laneRecord }
  })
  let settling: Alarm | undefined

  function linkIs(speed: LinkSpeed): void {
    if (speed === settings.speed) return
    settings.speed = speed
    if (speed === 0) for (const { lane } of lanes) lane.drop()
    record.changed(WIRE_EVENT.LINK, speed)
    for (const port of ports) port?.linkChanged(speed)
  }
  /** Both ends begin anew: the link goes down, and comes up at what they, the cable and its speed allow. */
  function renegotiate(): void {
    linkIs(0)
    linkIs(settings.cable ? (Math.min(settings.speedLimit, ...wanted) as LinkSpeed) : 0)
  }
  function setCable(cable: boolean): void {
    if (cable === settings.cable) return
    settings.cable = cable
    record.changed(WIRE_EVENT.CABLE, cable ? 1 : 0)
    renegotiate()
  }
  function change(given: LinkChange): void {
    for (const [member, kept, kind] of CHANGES) {
      const value = given[member]
      if (value === undefined || kept(value) === settings[member]) continue
      settings[member] = kept(value)
      record.changed(kind, settings[member])
    }
    if (given.speed !== undefined && given.speed !== settings.speedLimit) {
      settings.speedLimit = given.speed
      record.changed(WIRE_EVENT.SPEED, given.speed)
      renegotiate()
    }
    if (given.cable !== undefined) setCable(given.cable)
  }

  function plug(end: End, port: WirePort): Cable {
    const { lane, record: laneRecord } = lanes[end]!
    ports[end] = port
    return {
      speed: () => settings.speed,
      transmit(frame) {
        if (end === END.NIC) {
          laneRecord.moved(frame.length)
          if (heard && settings.speed !== 0)
            heard.tap.frame(heard.slot, 'out', lane.start() / TICK_NS, frame, frame.origin)
        }
        return lane.send(frame) / TICK_NS
      },
      negotiate(speed) {
        wanted[end] = speed
        settling ??= clock.setAlarm(clock.now() + 1, () => {
          settling = undefined
          renegotiate()
        })
      },
    }
  }
  let pulls = 0
  for (const { atNs, forNs } of options.pulls) {
    clock.setAlarm(ticksOf(atNs), () => {
      pulls++
      setCable(false)
    })
    clock.setAlarm(ticksOf(atNs + forNs), () => {
      pulls--
      if (pulls === 0) setCable(true)
    })
  }
  recordDifferences(settings, record.event)

  return {
    settings,
    plug,
    change,
    counts: (direction) => lanes[direction]!.lane.counts,
    inFlight: (direction) => lanes[direction]!.lane.inFlight(),
    note: record.event,
  }
}

/** What is not as on a perfect link makes another run: it is in the event log from the beginning. */
function recordDifferences(settings: LinkSettings, event: (kind: number, value: number, other: number) => void): void {
  const perfect = settingsOf(PERFECT_LINK)
  if (settings.speedLimit !== perfect.speedLimit) event(WIRE_EVENT.SPEED, settings.speedLimit, 0)
  for (const [member, , kind] of CHANGES) if (settings[member] !== perfect[member]) event(kind, settings[member], 0)
}
