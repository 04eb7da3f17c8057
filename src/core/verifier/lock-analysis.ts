import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { SYS_ACTIVATION } from '../memory/records'
import type { Executive } from '../ndis/executive'
import type { InterruptLines } from '../ndis/interrupt-line'
import { dataRaceRules } from './lock-data'
import { createThreadNames } from './lock-threads'
import { createLockClasses, LOCK_KIND, type Lock, type LockClasses } from './lock-classes'
import type { Adapter } from '../ndis/adapters'
import { createContexts } from './lock-contexts'
import { listLockRules } from './lock-lists'
import { poolLockRules } from './lock-pools'
import { createLockSets } from './lock-sets'
import { createLockHolds, createPaths, type Paths } from './lock-holds'
import { lockLevelRules } from './lock-levels'
import { watchLockOrder, type LockOrder } from './lock-order'
import { mutexSource, rwLockSource, trySource, watchSpinLocks } from './lock-sources'
import { watchHoldTimes } from './lock-times'
import type { Before, RuleFamily } from './rules'

/** All that it reports, and nobody else needs what it notes. */
export const LOCK_ANALYSIS = [
  'DV:LockHierarchy',
  'LockHeldTooLong',
  'LockSharedWithDpc',
  'LockSharedWithIsr',
  'ListLockMissing',
  'NonInterlockedNotSerialized',
  'DataRace',
] as const

const HOLDS_INTERRUPT: ReadonlySet<number> = new Set([ACTIVATION.ISR, ACTIVATION.SYNCHRONIZED])

/** The lock that the system holds around an ISR and what is synchronized with it. */
function createInterruptLocks(k: Kernel, classes: LockClasses, paths: Paths, lines: InterruptLines) {
  const { cpus } = k
  const lockOf = (irql: number): Lock => classes.lockAt(LOCK_KIND.INTERRUPT, irql, lines.atLevel(irql)?.site ?? 0)
  return {
    lockOf,
    /** Held by the path that runs; undefined below the level of interrupts. */
    held(): Lock | undefined {
      for (let index = cpus.depth() - 1; index >= 0; index = paths.callerOf(index))
        if (HOLDS_INTERRUPT.has(cpus.activation(index, SYS_ACTIVATION.Kind)))
          return lockOf(cpus.activation(index, SYS_ACTIVATION.Irql))
      return undefined
    },
  }
}

function synchronizeSource(order: LockOrder, lines: InterruptLines, lockOf: (irql: number) => Lock): RuleFamily {
  const asks: Before = (handle: number) => {
    const line = lines.find(handle)
    if (line) order.asked(lockOf(line.irql))
    return false
  }
  return { before: { NdisMSynchronizeWithInterrupt: asks, NdisMSynchronizeWithInterruptEx: asks } }
}

/** What follows from which locks are held together and where, over the whole run: nothing here needs an unlucky moment. */
export function lockAnalysis(k: Kernel, { lines, serial }: Executive): RuleFamily[] {
  const classes = createLockClasses(k)
  const paths = createPaths(k)
  const sets = createLockSets()
  const holds = createLockHolds(k, paths, sets)
  const contexts = createContexts(k, paths)
  const interrupts = createInterruptLocks(k, classes, paths, lines)
  watchSpinLocks(k, classes, holds)
  const miniportLock = ({ handle }: Adapter): Lock => classes.lockAt(LOCK_KIND.MINIPORT, handle, 0)
  serial.watch({
    entered: (adapter) => holds.entered(miniportLock(adapter)),
    left: (adapter) => holds.dropped(miniportLock(adapter)),
  })
  const order = watchLockOrder(k, holds, interrupts.held)
  watchHoldTimes(k, holds)
  return [
    rwLockSource(k, classes, holds),
    mutexSource(k, classes, holds),
    trySource(k, classes, holds),
    synchronizeSource(order, lines, interrupts.lockOf),
    lockLevelRules(k, paths, holds, () => interrupts.held() !== undefined),
    dataRaceRules(k, createThreadNames(k, paths, holds, sets), holds, interrupts.held),
    poolLockRules(k, { sets, holds, contexts }),
    listLockRules(k, classes, { sets, holds, contexts }),
    { activationEnded: holds.activationEnded },
  ]
}
