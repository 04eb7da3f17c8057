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
/** The shares that a link takes, in the order in which they are shown. */
export const LINK_SHARES = ['loss', 'duplicate', 'reorder', 'corrupt'] as const

/** What is wrong with options of a link that somebody wrote, in words that say what to do; undefined when nothing is. */
export function linkProblem(
  options: Readonly<Partial<Record<keyof LinkOptions | 'cable', unknown>>>,
): string | undefined {
  const { speed, delayNs, cable } = options
  const within = (value: unknown, most: number): boolean => typeof value === 'number' && value >= 0 && value <= most
  if (speed !== undefined && !LINK_SPEEDS.some((known) => known === speed))
    return `a link has a speed of ${LINK_SPEEDS.join(', ')} megabits a second, not ${String(speed)}`
  if (delayNs !== undefined && !(within(delayNs, MOST_DELAY_NS) && Number.isInteger(delayNs)))
    return `the delay of a link is 0 to ${MOST_DELAY_NS} whole nanoseconds, not ${String(delayNs)}`
  const share = LINK_SHARES.find((name) => options[name] !== undefined && !within(options[name], 1))
  if (share) return `${share} is a share of all frames, 0 to 1, not ${String(options[share])}`
  if (cable !== undefined && typeof cable !== 'boolean')
    return `cable is true (plugged in) or false (pulled), not ${String(cable)}`
  return undefined
}
