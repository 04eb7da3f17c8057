/** How the links of a session behave. Shares are of all frames, 0 to 1, each way by itself. */
export interface LinkOptions {
  /** What the cable allows, megabits a second. */
  readonly speed: 10 | 100 | 1000
  /** One way, nanoseconds. */
  readonly delayNs: number
  /** Frames that vanish. */
  readonly loss: number
  /** Frames that arrive twice. */
  readonly duplicate: number
  /** Frames that arrive behind later ones. */
  readonly reorder: number
  /** Frames that arrive with a wrong bit, so that their check sequence tells. */
  readonly corrupt: number
  /** When the cable of the first NIC is pulled, and for how long: nanoseconds of virtual time. */
  readonly pulls: readonly { readonly atNs: number; readonly forNs: number }[]
}
/** A gigabit cable of a hundred metres. */
export const PERFECT_LINK: LinkOptions = {
  speed: 1000,
  delayNs: 500,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  corrupt: 0,
  pulls: [],
}

/** What can be changed about a link while the machine runs; what is left out stays. */
export interface LinkChange extends Partial<Omit<LinkOptions, 'pulls'>> {
  /** false: somebody pulls the cable; true: it is plugged in (again). */
  readonly cable?: boolean
}

export const LINK_SPEEDS = [10, 100, 1000] as const
/** Longest delay of a link, one way, nanoseconds: four seconds. */
export const MOST_DELAY_NS = 4_000_000_000
