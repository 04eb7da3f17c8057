import type { Frame } from './frame'

/** Megabits a second; 0: no link. */
export type LinkSpeed = 0 | 10 | 100 | 1000

/** What plugs into one end of a link: a NIC, a port of a switch, a host. */
export interface WirePort {
  /** Whose it is, for captures and messages. */
  readonly name: string
  /** A frame has arrived whole. It is lent for the call only. */
  receive(frame: Frame): void
  /** The link came up with this speed, or went down (0). Links are full duplex. */
  linkChanged(speed: LinkSpeed): void
}

/** One end of a link, as the port that is plugged in sees it. */
export interface Cable {
  /** What the link runs at now. */
  speed(): LinkSpeed
  /**
   * Puts a frame on the line, behind those that wait there; the slot now belongs to the wire. Without a link it is lost.
   *
   * @returns virtual time, ticks, at which its last bit has left: not before that is the line free.
   */
  transmit(frame: Frame): number
  /** The port wants a link at up to this speed, or none (0): the other end, the cable and both speeds decide. */
  negotiate(speed: LinkSpeed): void
}

/** Plugs a port into the next free end. */
export type Plug = (port: WirePort) => Cable
