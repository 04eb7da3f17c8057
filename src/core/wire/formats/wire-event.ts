/** Events of the wire in the event log: what their four values mean. Slot of the NIC, one of WIRE_EVENT, two values. */
export const WIRE_EVENT = {
  /** Megabits a second; 0: down. */
  LINK: 0,
  /** 1 plugged in, 0 pulled. */
  CABLE: 1,
  /** What a link is set to: megabits a second, nanoseconds, frames in a million. */
  SPEED: 2,
  DELAY: 3,
  LOSS: 4,
  DUPLICATE: 5,
  REORDER: 6,
  CORRUPT: 7,
  /** Bytes of a frame that somebody made arrive, and a hash of them. */
  INJECTED: 8,
  /** What happened to a frame: its bytes; 0 on its way from the NIC, 1 on its way to it. */
  FRAME_LOST: 9,
  FRAME_DUPLICATED: 10,
  FRAME_REORDERED: 11,
  FRAME_CORRUPTED: 12,
  /** Frames on the line when the link went down, likewise. */
  LOST_WITH_LINK: 13,
  /** Bytes; a frame that was sent without a link, or by a line that holds no more. */
  NO_LINK: 14,
  LINE_FULL: 15,
} as const

const PERCENT = 10_000
const way = (direction: number): string => (direction === 0 ? 'from the NIC' : 'to the NIC')
const frame = (what: string) => (bytes: number, direction: number) =>
  `a frame of ${bytes} bytes ${way(direction)} ${what}`
const share = (what: string) => (ppm: number) => `${what} ${ppm / PERCENT} %`

const TEXT: Readonly<Record<number, (value: number, other: number) => string>> = {
  [WIRE_EVENT.LINK]: (speed) => (speed === 0 ? 'link down' : `link up, ${speed} Mb/s`),
  [WIRE_EVENT.CABLE]: (plugged) => (plugged ? 'the cable is plugged in' : 'the cable is pulled'),
  [WIRE_EVENT.SPEED]: (speed) => `the cable allows ${speed} Mb/s`,
  [WIRE_EVENT.DELAY]: (ns) => `delay ${ns >>> 0} ns`,
  [WIRE_EVENT.LOSS]: share('loss'),
  [WIRE_EVENT.DUPLICATE]: share('duplicates'),
  [WIRE_EVENT.REORDER]: share('reordering'),
  [WIRE_EVENT.CORRUPT]: share('corruption'),
  [WIRE_EVENT.INJECTED]: (bytes) => `a frame of ${bytes} bytes is injected`,
  [WIRE_EVENT.FRAME_LOST]: frame('is lost'),
  [WIRE_EVENT.FRAME_DUPLICATED]: frame('is duplicated'),
  [WIRE_EVENT.FRAME_REORDERED]: frame('is overtaken'),
  [WIRE_EVENT.FRAME_CORRUPTED]: frame('gets a wrong bit'),
  [WIRE_EVENT.LOST_WITH_LINK]: (frames, direction) => `frames on the line ${way(direction)} are lost: ${frames}`,
  [WIRE_EVENT.NO_LINK]: frame('is lost: there is no link'),
  [WIRE_EVENT.LINE_FULL]: frame('is lost: the line is full'),
}

/** An event of the wire in words: 'NIC 0: link up, 100 Mb/s'. */
export function wireEventText(slot: number, kind: number, value: number, other: number): string {
  return `NIC ${slot}: ${TEXT[kind]?.(value, other) ?? `event ${kind}, ${value}, ${other}`}`
}
