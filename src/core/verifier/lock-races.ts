import type { Kernel } from '../kernel/kernel'
import { canMeet, type Context, type Contexts } from './lock-contexts'
import type { LockHolds } from './lock-holds'
import type { LockSets } from './lock-sets'
import type { Related } from './verifier'

/** What is known of who runs and what it holds. */
export interface LockState {
  readonly sets: LockSets
  readonly holds: LockHolds
  readonly contexts: Contexts
}

/** One context's use of something that it shares: the locks that it held each time, and where it had them last. */
export interface Use {
  readonly context: Context
  readonly set: number
  /** Call site of the use that came with these locks. */
  readonly site: number
}

/** The use among `uses` that may happen together with `use` and shares no lock with it. */
export const raceWith = ({ sets }: LockState, uses: Iterable<Use>, use: Use): Use | undefined => {
  for (const other of uses)
    if (canMeet(other.context, use.context) && sets.common(other.set, use.set) === 0) return other
  return undefined
}

/** 'holds no lock', 'holds the spin lock initialized at driver.ts:3'. */
export function holdsText({ sets }: LockState, set: number): string {
  const names = sets.locksOf(set).map(({ lockClass }) => `the ${lockClass.name}`)
  return names.length === 0 ? 'holds no lock' : `holds ${names.join(' and ')}`
}

export function relatedUse(k: Kernel, state: LockState, use: Use): Related[] {
  const place = k.verifier.locator.site(use.site)
  return place ? [{ text: `${use.context.name}, which ${holdsText(state, use.set)}`, place }] : []
}
