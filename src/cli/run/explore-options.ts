import { MOST_SEEDS } from '../../shared/explore'
import { wholeNumber } from '../arguments'
import { UsageError } from '../io'

export const EXPLORE_OPTIONS = { schedule: { type: 'string' }, explore: { type: 'string' } } as const

/** Options by name, as parseArgs gives them. */
type Values = Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>

/** What goes with one run only. */
const OF_ONE_RUN = ['schedule', 'out', 'sarif', 'junit'] as const

/** @throws UsageError */
export function exploredSeeds(values: Values & { readonly explore?: string | undefined }): number | undefined {
  if (values.explore === undefined) return undefined
  const seeds = wholeNumber('--explore', values.explore, { min: 1, max: MOST_SEEDS, fallback: 1 })
  const wrong = OF_ONE_RUN.find((option) => values[option] !== undefined)
  if (wrong === undefined) return seeds
  throw new UsageError(
    `--${wrong} goes with one run; leave it out, and give it with the --seed and --schedule that --explore prints`,
  )
}

/** Options that say which run it is, or what is shown of it. */
const NOT_FOR_REPLAY = new Set([
  ...['explore', 'seed', 'cpus', 'frames', 'schedule', 'timeout'],
  ...['json', 'locks', 'check', 'out', 'sarif', 'junit', 'no-color', 'no-log', 'help'],
])

/** What was said that holds for a replay of an explored run too. */
export const givenForReplay = (values: Values): string[] =>
  Object.entries(values).flatMap(([name, value]) =>
    NOT_FOR_REPLAY.has(name)
      ? []
      : [value].flat().flatMap((one) => (one === true ? [`--${name}`] : [`--${name}`, String(one)])),
  )
