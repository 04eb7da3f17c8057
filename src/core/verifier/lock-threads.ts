import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { SYS_ACTIVATION } from '../memory/records'
import { LOCK_KIND } from './lock-classes'
import { isAlone, isControl } from './lock-contexts'
import { RECEIVES } from './lock-handovers.table'
import type { LockHolds, Paths } from './lock-holds'
import type { LockSets } from './lock-sets'

/** What runs one after the other by itself: all calls of one function of the driver by NDIS, with what they call in turn. */
export interface Thread {
  readonly number: number
  /** Name of the callback, as people know it. */
  readonly name: string
  /** NDIS makes these calls one at a time. */
  readonly control: boolean
  /** The lock under which NDIS calls the functions of a serialized miniport; 0: none. */
  readonly miniport: number
  /** It is called with something that another one gave to NDIS: a timer, a work item, a packet. */
  readonly takesUp: boolean
}

export interface Threads {
  /** The one that runs; undefined where nothing meets it: at start and end of things. */
  current(): Thread | undefined
  /** Index of the activation with which it began, when it was asked for last. */
  base(): number
  of(number: number): Thread
  readonly count: () => number
}

/** true when what the two do can happen at the same time unless something orders it. */
export const areConcurrent = (a: Thread, b: Thread): boolean =>
  a !== b && !(a.control && b.control) && (a.miniport === 0 || a.miniport !== b.miniport)

const OWN: ReadonlySet<number> = new Set([ACTIVATION.DPC, ACTIVATION.TIMER, ACTIVATION.WORK_ITEM])
const FUNCTIONS = 1 << 12
/** More functions than this are not told apart: nothing is said of them. */
export const MOST_THREADS = 128

export function createThreadNames(k: Kernel, paths: Paths, holds: LockHolds, sets: LockSets): Threads {
  const { cpus } = k
  const field = (index: number, offset: number): number => cpus.activation(index, offset)
  const threads: Thread[] = []
  const known = new Map<number, Thread>()
  let base = -1

  /** The first function of the driver on the path that runs, or after one that runs alone; -1 where nothing meets it. */
  function baseOf(): number {
    let base = -1
    for (let index = cpus.depth() - 1; index >= 0; index = paths.callerOf(index)) {
      // What is called from there, a send of another driver for instance, may meet anything.
      if (isAlone(cpus.nameOf(index))) return base
      // What is synchronized with an interrupt is a part of whoever asks for it.
      const isPart = field(index, SYS_ACTIVATION.Kind) === ACTIVATION.SYNCHRONIZED
      if (!isPart && field(index, SYS_ACTIVATION.Function) !== 0) base = index
    }
    return base
  }
  function find(): Thread | undefined {
    base = baseOf()
    if (base < 0) return undefined
    const miniport =
      sets.locksOf(holds.set()).find(({ lockClass }) => lockClass.kind === LOCK_KIND.MINIPORT)?.number ?? 0
    const key = miniport * FUNCTIONS + (field(base, SYS_ACTIVATION.Function) % FUNCTIONS)
    const old = known.get(key)
    if (old || threads.length === MOST_THREADS) return old
    const name = cpus.nameOf(base)
    const takesUp = OWN.has(field(base, SYS_ACTIVATION.Kind)) || RECEIVES.test(name)
    const made: Thread = { number: threads.length, name, control: isControl(name), miniport, takesUp }
    threads.push(made)
    known.set(key, made)
    return made
  }
  return { current: find, base: () => base, of: (number) => threads[number]!, count: () => threads.length }
}
