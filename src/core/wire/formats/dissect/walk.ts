import type { FieldName } from './fields.table'

/** What is told of a frame while it is taken apart: a tree listens, or a display filter, or nobody. */
export interface FieldSink {
  /** A layer or a heading begins; what follows up to close() is inside. `end`: where the bytes of a layer end with all that it carries. */
  open(name: FieldName, offset: number, length: number, end: number): void
  close(): void
  /** `mask`: the bits of [offset, offset + length), big-endian, that hold the value; 0: all of them. */
  number(name: FieldName, offset: number, length: number, value: number, mask: number): void
  /** The value is the bytes themselves. */
  bytes(name: FieldName, offset: number, length: number): void
  /** What is known of the frame besides its bytes. */
  text(name: FieldName, value: string): void
  /** Something is wrong with what was told last. */
  warn(name: '_ws.malformed' | '_ws.short' | '_ws.expert', offset: number, text: string): void
  /** Words for what is open; only asked for where `worded`. */
  describe(text: string): void
  readonly worded: boolean
}

/** What a row of a list shows of a frame. */
export interface Columns {
  source: string
  destination: string
  protocol: string
  info: string
}

export type Dissector = (walk: Walk, at: number) => void

/** Which dissector goes on behind a header. */
export interface Dissectors {
  etherType(type: number): Dissector | undefined
  ipProtocol(protocol: number): Dissector | undefined
}

/** One pass over the bytes of a frame. */
export interface Walk {
  readonly bytes: Uint8Array
  readonly sink: FieldSink
  /** Undefined: no row is wanted. */
  readonly columns: Columns | undefined
  readonly dissectors: Dissectors
  /** End of what the present layer may read; never beyond the captured bytes. */
  end: number
  /** End that the headers claim: beyond `end` when the capture was cut short. */
  claimed: number
  /** The header that carries the transport layer, for its pseudo header; 0: none. */
  ipVersion: 0 | 4 | 6
  /** Where its source address stands; the destination follows. */
  ipAddresses: number
  /** Layers so far: packets in packets have an end. */
  depth: number
  /** Inside the packet that an error message quotes: columns belong to the message. */
  quoted: boolean
  /** A part of a packet: its transport checksum covers bytes that are elsewhere. */
  fragment: boolean
}

/** Layers of one frame; hostile frames nest deeper than real ones. */
const MOST_LAYERS = 32

/** The columns as far as they describe this layer. */
export const columnsOf = (walk: Walk): Columns | undefined => (walk.quoted ? undefined : walk.columns)

/** Says that the bytes end early: because the capture kept only a part, or because the packet is broken. */
export function tooShort(walk: Walk, at: number, what: string): void {
  const cut = walk.claimed > walk.end
  const offset = Math.min(at, walk.bytes.length)
  walk.sink.warn(
    cut ? '_ws.short' : '_ws.malformed',
    offset,
    cut ? `the capture holds only the beginning of ${what}` : `${what} ends too early`,
  )
  const columns = columnsOf(walk)
  if (columns) columns.info = `${columns.info ? `${columns.info} ` : ''}[${what} is ${cut ? 'cut short' : 'malformed'}]`
}

/** Whether `count` bytes from `at` on are there; says so in the frame's own words when not. */
export function needs(walk: Walk, at: number, count: number, what: string): boolean {
  if (at + count <= walk.end) return true
  tooShort(walk, at, what)
  return false
}

/** Goes one layer deeper, unless it is too deep. */
export function enter(walk: Walk, at: number, dissect: Dissector): void {
  if (++walk.depth > MOST_LAYERS) return walk.sink.warn('_ws.malformed', at, `more than ${MOST_LAYERS} layers`)
  dissect(walk, at)
}

export const NO_FIELDS: FieldSink = {
  open: () => undefined,
  close: () => undefined,
  number: () => undefined,
  bytes: () => undefined,
  text: () => undefined,
  warn: () => undefined,
  describe: () => undefined,
  worded: false,
}
