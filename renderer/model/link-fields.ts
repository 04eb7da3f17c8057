/** The options of a link in the units in which people say them: microseconds, and per cent of the frames. */
import { LINK_SPEEDS, MOST_DELAY_NS, type LinkChange, type LinkOptions } from '../../src/core/wire/formats/link-options'

export type LinkNumber = 'delayNs' | 'loss' | 'duplicate' | 'reorder' | 'corrupt'

interface NumberField {
  readonly title: string
  readonly unit: string
  readonly hint: string
  /** What one unit is. */
  readonly scale: number
  /** In units. */
  readonly most: number
}
const share = (title: string, hint: string): NumberField => ({ title, unit: '%', hint, scale: 0.01, most: 100 })
const NS_PER_US = 1000

export const LINK_NUMBERS: Readonly<Record<LinkNumber, NumberField>> = {
  delayNs: {
    title: 'Delay',
    unit: 'µs',
    hint: 'From one end to the other, each way',
    scale: NS_PER_US,
    most: MOST_DELAY_NS / NS_PER_US,
  },
  loss: share('Loss', 'Frames that vanish on the way'),
  duplicate: share('Duplicate', 'Frames that arrive twice'),
  reorder: share('Reorder', 'Frames that arrive behind later ones'),
  corrupt: share('Corrupt', 'Frames that arrive with a wrong bit, so that their check sequence tells'),
}
export const LINK_NUMBER_NAMES = Object.keys(LINK_NUMBERS) as readonly LinkNumber[]

/** Six digits behind the point: a millionth is the finest share of a link. */
const FINEST = 1e6
const round = (value: number): number => Math.round(value * FINEST) / FINEST

export const shown = (name: LinkNumber, options: Pick<LinkOptions, LinkNumber>): string =>
  String(round(options[name] / LINK_NUMBERS[name].scale))

/** What somebody typed, as a change of the link; undefined when it is nothing that a link can have. */
export function typed(name: LinkNumber, text: string): LinkChange | undefined {
  const { scale, most } = LINK_NUMBERS[name]
  const value = Number(text.trim() === '' ? Number.NaN : text)
  if (!(value >= 0 && value <= most)) return undefined
  const scaled = round(value * scale)
  return { [name]: name === 'delayNs' ? Math.round(scaled) : scaled }
}

export function chosenSpeed(text: string): LinkChange | undefined {
  const speed = LINK_SPEEDS.find((known) => String(known) === text)
  return speed && { speed }
}
