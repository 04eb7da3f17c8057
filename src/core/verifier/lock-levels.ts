import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL, irqlName } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { SYS_ACTIVATION } from '../memory/records'
import { LOCK_KIND, type Lock } from './lock-classes'
import type { LockHolds, Paths } from './lock-holds'
import type { RuleFamily } from './rules'
import type { Related } from './verifier'

/** Where a class of locks was held, and at which level; the first time counts. */
interface Held {
  readonly site: number
  readonly irql: number
  readonly by: string
}
interface Levels {
  isr?: Held
  dpc?: Held
  /** The lowest level at which it was held. */
  lowest?: Held
}

const DPCS: ReadonlySet<number> = new Set([ACTIVATION.DPC, ACTIVATION.TIMER])

/**
 * LockSharedWithIsr and LockSharedWithDpc: what comes in on top of the holder of a lock, on the same CPU, must not want that lock. A
 * plain acquire shuts DPCs out and no interrupts; the forms that leave the IRQL alone shut out nothing.
 */
export function lockLevelRules(k: Kernel, paths: Paths, holds: LockHolds, isIsr: () => boolean): RuleFamily {
  const { cpus, site, verifier } = k
  const { locator } = verifier
  const levels: Levels[] = []

  function related(what: string, held: Held): Related[] {
    const place = locator.site(held.site)
    return place ? [{ text: `${held.by} ${what} at ${irqlName(held.irql)}`, place }] : []
  }
  function report(rule: string, lock: Lock, above: Held, below: Held): void {
    verifier.violation(
      rule,
      locator.site(site.s)?.api ?? above.by,
      `${above.by} takes the ${lock.lockClass.name} at ${irqlName(above.irql)}, and ${below.by} holds it at ${irqlName(below.irql)}, where ${above.by} can come in on the same CPU: it would spin for a lock whose holder cannot go on.`,
      { related: [...related('takes it', above), ...related('holds it', below)] },
    )
  }
  function check(lock: Lock, found: Levels): void {
    const { isr, dpc, lowest } = found
    if (!lowest) return
    if (isr && lowest.irql < isr.irql) report('LockSharedWithIsr', lock, isr, lowest)
    else if (dpc && lowest.irql < DISPATCH_LEVEL) report('LockSharedWithDpc', lock, dpc, lowest)
  }
  function heldAt(lock: Lock, at: number, irql: number): void {
    const { kind, number } = lock.lockClass
    if (kind !== LOCK_KIND.SPIN && kind !== LOCK_KIND.RW) return
    const found = (levels[number] ??= {})
    const isr = irql > DISPATCH_LEVEL && !found.isr && isIsr()
    const dpc = irql === DISPATCH_LEVEL && !found.dpc && isDpc()
    const lower = irql < (found.lowest?.irql ?? Infinity)
    if (!isr && !dpc && !lower) return
    const held: Held = { site: at, irql, by: cpus.nameOf(cpus.depth() - 1) }
    if (isr) found.isr = held
    if (dpc) found.dpc = held
    if (lower) found.lowest = held
    check(lock, found)
  }
  let changes = -1
  let dpcRuns = false
  /** Looked up when something else runs than before. */
  function isDpc(): boolean {
    if (changes === cpus.changes()) return dpcRuns
    changes = cpus.changes()
    const outermost = paths.outermost()
    return (dpcRuns = outermost >= 0 && DPCS.has(cpus.activation(outermost, SYS_ACTIVATION.Kind)))
  }
  holds.watch({
    taken: (lock) => heldAt(lock, site.s, cpus.irql()),
    dropped: ({ lock, site: taken }) => heldAt(lock, taken, cpus.irql()),
  })
  /** The IRQL comes down around what is held. */
  function lowers(irql: number): boolean {
    for (let i = 0; i < holds.count(); i++) {
      const { lock, site: taken } = holds.at(i)
      heldAt(lock, taken, irql)
    }
    return false
  }
  return { before: { KeLowerIrql: lowers, NDIS_LOWER_IRQL: lowers } }
}
