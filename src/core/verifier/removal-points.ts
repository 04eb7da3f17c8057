import type { Kernel } from '../kernel/kernel'
import type { DriverFunction } from '../kernel/text'
import type { FaultPlan, FaultReport, RemovalPoint } from './fault-plan'
import type { Locator, Place } from './verifier'

type When = RemovalPoint['when']

const WORDS: Readonly<Record<When, string>> = { enter: 'entry to', call: 'call of', return: 'return from' }
const NOWHERE: Place = { function: '', file: '', line: 0, column: 0 }
/** Until NDIS hears that the hardware is gone, ticks: 200 microseconds, in which the driver works on without it. */
const NOTICE_TICKS = 2000

export interface RemovalPoints {
  /** `target`: the callback that begins or returns. */
  pass(when: When, name: string, target?: DriverFunction): void
  readonly found: readonly RemovalPoint[]
  /** NDIS knows by now that the hardware is gone. */
  gone(): boolean
}

/** Counts the points at which hardware can go, and lets it go at one of them. The first is the first callback's entry. */
export function createRemovalPoints(
  k: Kernel,
  { removeAt, survey }: FaultPlan,
  locator: Locator,
  /** Takes the hardware away. */
  removed: (fault: Pick<FaultReport, 'kind' | 'function'>) => void,
): RemovalPoints {
  const { clock, cpus, site } = k
  const known = new Set<string>()
  const found: RemovalPoint[] = []
  let count = 0
  let goneAt = Infinity

  function place(target: DriverFunction | undefined): Place {
    const { function: fn, file, line, column } = (target ? locator.definition(target) : locator.site(site.s)) ?? NOWHERE
    return { function: fn, file, line, column }
  }
  return {
    found,
    gone: () => clock.now() >= goneAt,
    pass(when, name, target) {
      // Before the first callback there is no adapter whose hardware could go.
      if (count === 0 && when !== 'enter') return
      count++
      if (survey) {
        const key = when === 'call' ? `${cpus.nameOf(cpus.depth() - 1)} ${name} ${site.s}` : `${when} ${name}`
        if (!known.has(key)) {
          known.add(key)
          found.push({ number: count, function: name, when, place: place(target) })
        }
      }
      if (count !== removeAt) return
      goneAt = clock.now() + NOTICE_TICKS
      // Whoever waits for something else wakes up.
      clock.setAlarm(goneAt, () => undefined)
      removed({ kind: 'removal', function: `${WORDS[when]} ${name}` })
    },
  }
}
