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

const NS: Readonly<Record<string, number>> = { ns: 1, us: 1_000, ms: 1_000_000, s: 1_000_000_000 }
const UNITS = Object.entries(NS).reverse()
const SHARES = ['loss', 'duplicate', 'reorder', 'corrupt'] as const
const PERFECT = 'perfect'
const SHAPE = 'speed=100,delay=5us,loss=1%,duplicate=1%,reorder=1%,corrupt=1%,pull=10ms/2ms'
type Given = { -readonly [M in keyof LinkOptions]?: LinkOptions[M] }

/** Nanoseconds; undefined when it is no time, or none of whole nanoseconds. */
function timeNs(text: string): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ns|us|ms|s)$/.exec(text) ?? []
  const ns = unit === undefined ? NaN : Number(digits) * NS[unit]!
  const whole = Math.round(ns)
  return Math.abs(ns - whole) < 1e-6 && Number.isSafeInteger(whole) ? whole : undefined
}
function shareOf(text: string): number | undefined {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
  const share = Number(digits) / (percent ? 100 : 1)
  return share <= 1 ? Number(share.toPrecision(12)) : undefined
}
function pullOf(text: string): LinkOptions['pulls'][number] | undefined {
  const [atNs, forNs, more] = text.split('/').map(timeNs)
  return atNs === undefined || forNs === undefined || more !== undefined ? undefined : { atNs, forNs }
}

/**
 * A link as somebody writes it on a command line: 'speed=100,delay=5us,loss=1%,pull=10ms/2ms', or 'perfect'. What is not said is left out.
 * Shares are percent, or a number from 0 to 1; times have a unit, ns, us, ms or s; a pull is its time and how long it lasts, and may
 * be said again.
 *
 * @throws RangeError that names the piece and what it takes.
 */
export function parseLink(text: string): Partial<LinkOptions> {
  const given: Given = {}
  if (text.trim() === PERFECT) return given
  for (const piece of text.split(',')) {
    const [name = '', value = ''] = piece.split(/=(.*)/s)
    const problem = readPiece(given, name.trim(), value.trim())
    if (problem) throw new RangeError(`'${piece.trim()}' of the link: ${problem}`)
  }
  return given
}
/** Reads one piece; what is wrong with it. */
function readPiece(given: Given, name: string, value: string): string | undefined {
  const share = SHARES.find((candidate) => candidate === name)
  if (name !== 'pull' && Object.hasOwn(given, name === 'delay' ? 'delayNs' : name)) return `${name} is said twice`
  if (share) {
    const found = shareOf(value)
    if (found === undefined) return `${name} takes a share of the frames: 0% to 100%, or 0 to 1`
    given[share] = found
  } else if (name === 'speed') {
    const found = LINK_SPEEDS.find((speed) => String(speed) === value)
    if (found === undefined) return `speed takes megabits a second: ${LINK_SPEEDS.join(', ')}`
    given.speed = found
  } else if (name === 'delay') {
    const found = timeNs(value)
    if (found === undefined || found > MOST_DELAY_NS)
      return `delay takes a time up to ${timeText(MOST_DELAY_NS)}, such as 500ns or 5us`
    given.delayNs = found
  } else if (name === 'pull') {
    const found = pullOf(value)
    if (!found) return 'pull takes when the cable is pulled and for how long, such as 10ms/2ms'
    given.pulls = [...(given.pulls ?? []), found]
  } else return `a link is written like ${SHAPE}`
  return undefined
}

/** A time in the largest unit that it is a whole number of: 1500 is '1500ns', 2000 is '2us'. */
function timeText(ns: number): string {
  const [unit, size] = UNITS.find(([, candidate]) => ns % candidate === 0) ?? ['ns', 1]
  return ns === 0 ? '0ns' : `${ns / size}${unit}`
}
/** What parseLink() reads; only what is not as on a perfect link, and 'perfect' when nothing is said. */
export function linkText(options: Partial<LinkOptions>): string {
  const pieces = [
    options.speed !== undefined && options.speed !== PERFECT_LINK.speed && `speed=${options.speed}`,
    options.delayNs !== undefined && options.delayNs !== PERFECT_LINK.delayNs && `delay=${timeText(options.delayNs)}`,
    ...SHARES.map((name) => options[name] && `${name}=${Number((options[name] * 100).toPrecision(12))}%`),
    ...(options.pulls ?? []).map(({ atNs, forNs }) => `pull=${timeText(atNs)}/${timeText(forNs)}`),
  ]
  return pieces.filter(Boolean).join(',') || PERFECT
}
