import type { Kernel } from '../kernel/kernel'
import { SYS_LINK, SYS_MACHINE } from '../memory/records'
import { EVENT, PHASE } from '../trace/log'
import { WIRE_EVENT } from './formats/wire-event'
import type { LinkSpeed } from './port'

/** What of the machine the wire works on. */
export type WireKernel = Pick<Kernel, 'clock' | 'random' | 'space' | 'system' | 'machine' | 'record'>

/** From the NIC, or to it. */
export const DIRECTION = { OUT: 0, IN: 1 } as const
export type Direction = (typeof DIRECTION)[keyof typeof DIRECTION]

/** What a link is set to. Shares are frames in a million. */
export interface LinkSettings {
  /** What it runs at, megabits a second; 0: no link. */
  speed: LinkSpeed
  cable: boolean
  speedLimit: 10 | 100 | 1000
  delayNs: number
  loss: number
  duplicate: number
  reorder: number
  corrupt: number
}

/** What happens to frames, where others can see it: counters in shared memory and the event log. */
export interface LaneRecord {
  /** A frame of the NIC's was put on the line, or one arrived at the NIC. */
  moved(length: number): void
  /** `why`: one of WIRE_EVENT. */
  lost(why: number, length: number): void
  lostWithLink(frames: number): void
  duplicated(length: number): void
  reordered(length: number): void
  /** A frame on the line got a wrong bit; one with a wrong bit arrived. */
  damaged(length: number): void
  corrupted(): void
  inFlight(change: number): void
}
export interface LinkRecord {
  lane(direction: Direction): LaneRecord
  /** Something changed in the settings: `kind` is one of WIRE_EVENT. */
  changed(kind: number, value: number): void
  event(kind: number, value: number, other: number): void
}

const nothing = (): void => undefined
const SILENT_LANE: LaneRecord = {
  moved: nothing,
  lost: nothing,
  lostWithLink: nothing,
  duplicated: nothing,
  reordered: nothing,
  damaged: nothing,
  corrupted: nothing,
  inFlight: nothing,
}
/** For links without a NIC, such as that of the peer host to a switch. */
export const SILENT_LINK: LinkRecord = { lane: () => SILENT_LANE, changed: nothing, event: nothing }

/** Keeps the SYS_LINK of a NIC's link up to date. */
export function createLinkRecord(k: WireKernel, slot: number, otherEnd: string, settings: LinkSettings): LinkRecord {
  const { space, system, machine, record } = k
  const { i32 } = space
  const address = system.allocate(SYS_LINK.SIZE)
  const what = EVENT.WIRE | (PHASE.OTHER << 26)

  const set = (field: number, value: number): void => void (i32[(address + field) >> 2] = value)
  const event = (kind: number, value: number, other: number): void => record(what, slot, kind, value, other)
  function writeSettings(): void {
    set(SYS_LINK.Speed, settings.speed)
    set(SYS_LINK.Cable, settings.cable ? 1 : 0)
    set(SYS_LINK.SpeedLimit, settings.speedLimit)
    set(SYS_LINK.DelayNs, settings.delayNs)
    set(SYS_LINK.LossPpm, settings.loss)
    set(SYS_LINK.DuplicatePpm, settings.duplicate)
    set(SYS_LINK.ReorderPpm, settings.reorder)
    set(SYS_LINK.CorruptPpm, settings.corrupt)
  }
  set(SYS_LINK.Next, space.r32(machine + SYS_MACHINE.Links))
  set(SYS_LINK.Slot, slot)
  set(SYS_LINK.OtherEnd, system.intern(otherEnd))
  writeSettings()
  space.w32(machine + SYS_MACHINE.Links, address)

  function lane(direction: Direction): LaneRecord {
    const out = direction === DIRECTION.OUT
    const [frames, bytes, lost] = (
      out
        ? [SYS_LINK.OutFrames, SYS_LINK.OutBytes, SYS_LINK.OutLost]
        : [SYS_LINK.InFrames, SYS_LINK.InBytes, SYS_LINK.InLost]
    ).map((field) => (address + field) >> 2) as [number, number, number]
    const [duplicated, reordered, corrupted, inFlight] = [
      SYS_LINK.Duplicated,
      SYS_LINK.Reordered,
      SYS_LINK.Corrupted,
      SYS_LINK.InFlight,
    ].map((field) => (address + field) >> 2) as [number, number, number, number]
    return {
      moved(length) {
        i32[frames] = (i32[frames]! + 1) | 0
        const low = (i32[bytes]! >>> 0) + length
        i32[bytes] = low | 0
        if (low > 0xffff_ffff) i32[bytes + 1] = i32[bytes + 1]! + 1
      },
      lost(why, length) {
        i32[lost] = (i32[lost]! + 1) | 0
        event(why, length, direction)
      },
      lostWithLink(count) {
        i32[lost] = (i32[lost]! + count) | 0
        event(WIRE_EVENT.LOST_WITH_LINK, count, direction)
      },
      duplicated(length) {
        i32[duplicated] = (i32[duplicated]! + 1) | 0
        event(WIRE_EVENT.FRAME_DUPLICATED, length, direction)
      },
      reordered(length) {
        i32[reordered] = (i32[reordered]! + 1) | 0
        event(WIRE_EVENT.FRAME_REORDERED, length, direction)
      },
      damaged: (length) => event(WIRE_EVENT.FRAME_CORRUPTED, length, direction),
      corrupted: () => void (i32[corrupted] = (i32[corrupted]! + 1) | 0),
      inFlight: (change) => void (i32[inFlight] = i32[inFlight]! + change),
    }
  }
  return {
    lane,
    event,
    changed(kind, value) {
      writeSettings()
      event(kind, value, 0)
    },
  }
}
