import { ACTIVATION } from '../kernel/cpus'
import type { Kernel } from '../kernel/kernel'
import { SYS_ACTIVATION } from '../memory/records'
import type { Lock } from './lock-classes'
import { NO_LOCKS, type LockSets } from './lock-sets'

/** How a lock is held: READ together with other readers. */
export const MODE = { READ: 1, WRITE: 2 } as const
export type Mode = (typeof MODE)[keyof typeof MODE]

/** A lock that is held. The object is used again for the next hold: nobody keeps it. */
export interface Hold {
  readonly lock: Lock
  readonly mode: Mode
  /** Call site of the acquire. */
  readonly site: number
  /** Index of the activation that took it. */
  readonly activation: number
  /** Virtual time of the acquire, in ticks. */
  readonly since: number
  /** Ticks in which nothing ran, up to then. */
  readonly idle: number
}
type Slot = { -readonly [K in keyof Hold]: Hold[K] }

export interface HoldWatch {
  /**
   * Before `lock` joins what is held. `waits`: false when the call would have come back without the lock. `again`: this path
   * holds it already.
   */
  taken?(lock: Lock, mode: Mode, waits: boolean, again: boolean): void
  /** A call came back without `lock`, which another one holds, after so many ticks. */
  refused?(lock: Lock, ticks: number): void
  dropped?(hold: Hold): void
}

/** Who holds what. A path is what runs one on top of the other as one thread, DPC or ISR: it holds its own locks only. */
export interface LockHolds {
  taken(lock: Lock, mode: Mode, waits: boolean): void
  refused(lock: Lock, ticks: number): void
  dropped(lock: Lock): void
  /** NDIS has entered a serialized miniport and calls a function of it now. */
  entered(lock: Lock): void
  /** The driver's function with this activation returned. What it left held belongs to its caller when it is of the same path. */
  activationEnded(index: number): void
  /** Locks that the path that runs holds. */
  count(): number
  /** The oldest first, from 0 to count() - 1. */
  at(index: number): Hold
  /** The set of the locks that the path that runs holds for writing. */
  set(): number
  /** Differs from its last value when something else executes, or other locks are held. */
  changes(): number
  watch(watch: HoldWatch): void
}

/** Kinds that run as a part of whoever called NDIS. */
const PART_OF_CALLER: ReadonlySet<number> = new Set([ACTIVATION.CALLBACK, ACTIVATION.SYNCHRONIZED])

/** Activations of the path that runs. */
export function createPaths({ cpus }: Kernel) {
  const cpuOf = (index: number): number => cpus.activation(index, SYS_ACTIVATION.Cpu)
  /** The activation that this one is a part of; -1: it stands for itself. */
  function callerOf(index: number): number {
    if (!PART_OF_CALLER.has(cpus.activation(index, SYS_ACTIVATION.Kind))) return -1
    const cpu = cpuOf(index)
    let below = index - 1
    while (below >= 0 && cpuOf(below) !== cpu) below--
    return below
  }
  return {
    callerOf,
    /** true while a callback of this name is on the path that runs, however deep. */
    isInside(name: RegExp): boolean {
      for (let index = cpus.depth() - 1; index >= 0; index = callerOf(index))
        if (name.test(cpus.nameOf(index))) return true
      return false
    },
    /** Index of the outermost activation of the path that runs; -1: no driver code runs. */
    outermost(): number {
      let index = cpus.depth() - 1
      if (index < 0) return index
      for (let below = callerOf(index); below >= 0; below = callerOf(index)) index = below
      return index
    },
  }
}
export type Paths = ReturnType<typeof createPaths>

/** What a slot that holds nothing points at. */
const NOTHING: Lock = { number: 0, address: 0, lockClass: { number: -1, kind: 0, site: 0, name: '' } }

export function createLockHolds(k: Kernel, paths: Paths, sets: LockSets): LockHolds {
  const { cpus, site, clock, scheduler } = k
  const watches: HoldWatch[] = []
  const slots: readonly Slot[][] = Array.from({ length: cpus.count }, () => [])
  const counts: number[] = slots.map(() => 0)
  let changes = 0
  let newestSet = NO_LOCKS
  let setChanges = -1

  // Both only ever grow.
  const allChanges = (): number => changes + cpus.changes()
  /** Index of the first hold of the path that runs. */
  function start(): number {
    const cpu = cpus.current()
    const all = counts[cpu]!
    if (all === 0 || slots[cpu]![0]!.activation === cpus.depth() - 1) return 0
    const outermost = paths.outermost()
    let first = all
    while (first > 0 && slots[cpu]![first - 1]!.activation >= outermost) first--
    return first
  }
  /** Takes a slot out of the list and keeps it behind the end for the next hold. */
  function remove(cpu: number, at: number): void {
    const list = slots[cpu]!
    const slot = list[at]!
    changes++
    const last = --counts[cpu]!
    for (let i = at; i < last; i++) list[i] = list[i + 1]!
    list[last] = slot
  }
  function find(cpu: number, lock: Lock): number {
    let at = counts[cpu]! - 1
    while (at >= 0 && slots[cpu]![at]!.lock !== lock) at--
    return at
  }
  function isHeld(lock: Lock): boolean {
    const list = slots[cpus.current()]!
    for (let i = start(); i < counts[cpus.current()]!; i++) if (list[i]!.lock === lock) return true
    return false
  }
  function push(lock: Lock, mode: Mode, activation: number): void {
    changes++
    const cpu = cpus.current()
    const list = slots[cpu]!
    const at = counts[cpu]!++
    const slot = (list[at] ??= { lock: NOTHING, mode, site: 0, activation: 0, since: 0, idle: 0 })
    slot.lock = lock
    slot.mode = mode
    slot.site = site.s
    slot.activation = activation
    slot.since = clock.now()
    slot.idle = scheduler.idleTicks()
  }
  function computeSet(): number {
    let set = NO_LOCKS
    const list = slots[cpus.current()]!
    for (let i = start(); i < counts[cpus.current()]!; i++)
      if (list[i]!.mode === MODE.WRITE) set = sets.with(set, list[i]!.lock)
    return set
  }
  return {
    taken(lock, mode, waits) {
      const again = counts[cpus.current()]! > 0 && isHeld(lock)
      for (let i = 0; i < watches.length; i++) watches[i]!.taken?.(lock, mode, waits, again)
      push(lock, mode, cpus.depth() - 1)
    },
    refused(lock, ticks) {
      for (let i = 0; i < watches.length; i++) watches[i]!.refused?.(lock, ticks)
    },
    // The function is an activation of its own, or it runs in the one of now.
    entered: (lock) => push(lock, MODE.WRITE, cpus.depth()),
    dropped(lock) {
      let cpu = cpus.current()
      let at = find(cpu, lock)
      // Released by another CPU than took it, which has a rule of its own.
      for (let other = 0; at < 0 && other < cpus.count; other++) at = find((cpu = other), lock)
      if (at < 0) return
      for (let i = 0; i < watches.length; i++) watches[i]!.dropped?.(slots[cpu]![at]!)
      remove(cpu, at)
    },
    activationEnded(index) {
      const cpu = cpus.current()
      const caller = counts[cpu]! > 0 ? paths.callerOf(index) : -1
      for (let i = counts[cpu]! - 1; i >= 0 && slots[cpu]![i]!.activation >= index; i--)
        if (caller < 0) remove(cpu, i)
        else {
          changes++
          slots[cpu]![i]!.activation = caller
        }
    },
    count: () => counts[cpus.current()]! - start(),
    at: (index) => slots[cpus.current()]![start() + index]!,
    set() {
      if (setChanges !== allChanges()) {
        newestSet = computeSet()
        setChanges = allChanges()
      }
      return newestSet
    },
    changes: allChanges,
    watch: (watch) => void watches.push(watch),
  }
}
