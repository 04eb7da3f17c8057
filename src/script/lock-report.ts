import { TICK_NS } from '../core/clock/clock'
import type { LockUse } from '../core/verifier/story'
import type { CallSite } from '../shared/engine'
import type { LockReport } from '../shared/report'

/** How locks were used, with the driver's lines; those held longest first. */
export function lockReport(
  uses: readonly LockUse[],
  site: (number: number) => CallSite | undefined,
): readonly LockReport[] {
  return [...uses]
    .sort((left, right) => right.longestHold - left.longestHold)
    .map(({ kind, name, locks, acquisitions, contentions, longestHold, longestWait, ...at }) => {
      const place = site(at.site)
      const holder = site(at.longestHoldSite)
      const waiter = site(at.longestWaitSite)
      return {
        kind,
        name,
        file: place?.file ?? '',
        line: place?.line ?? 0,
        locks,
        acquisitions,
        contentions,
        longestHoldNs: longestHold * TICK_NS,
        ...(holder && { longestHoldAt: holder }),
        longestWaitNs: longestWait * TICK_NS,
        ...(waiter && { longestWaitAt: waiter }),
      }
    })
}
