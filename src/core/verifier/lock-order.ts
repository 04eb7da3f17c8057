import type { Kernel } from '../kernel/kernel'
import { DISPATCH_LEVEL } from '../kernel/irql'
import { LOCK_KIND, type Lock } from './lock-classes'
import { createOrderGraph, type Cycle, type Edge, type OrderGraph } from './lock-graph'
import { MODE, type Hold, type LockHolds, type Mode } from './lock-holds'
import type { Place, Related } from './verifier'

/** A call that comes back without the lock: it never waits. */
const TRIES: ReadonlySet<string> = new Set(['KeTryToAcquireSpinLockAtDpcLevel'])
const LETTERS = 'ABCDEFGHIJ'

/** What a node of a graph is called. */
type Names = ReadonlyMap<number, string>

export interface LockOrder {
  /** `lock` is asked for, without a hold of its own to come of it: the lock of an interrupt. */
  asked(lock: Lock): void
}

/**
 * DV:LockHierarchy: locks that are taken in both orders deadlock as soon as two CPUs are unlucky, and this run need not have been.
 * Classes are compared; two locks of one class (one for each connection, for instance) are compared as the two that they are.
 */
export function watchLockOrder(k: Kernel, holds: LockHolds, interruptHeld: () => Lock | undefined): LockOrder {
  const { cpus, site, verifier } = k
  const { locator } = verifier
  const ofClasses = createOrderGraph()
  const ofLocks = createOrderGraph()
  const names = new Map<number, string>()
  const lockNames = new Map<number, string>()
  const reported = new Set<string>()

  const placeText = (place: Place | undefined): string => (place ? `${place.file}:${place.line}` : 'an unknown place')
  const placeOf = (number: number): Place | undefined => locator.site(number)

  /** Who holds what where, and who waits where: a CPU for each edge of the cycle. */
  function story(cycle: Cycle): { readonly text: string; readonly related: readonly Related[] } {
    const letter = (at: number): string => LETTERS[at % cycle.length]!
    const lines = cycle.map(({ activation, heldSite, takenSite }, cpu) => {
      const holder = `CPU ${cpu}, in ${activation}, holds ${letter(cpu)} since ${placeText(placeOf(heldSite))}`
      return `${holder} and waits for ${letter(cpu + 1)} at ${placeText(placeOf(takenSite))}`
    })
    const related = cycle.flatMap(({ heldSite, takenSite, stack }, cpu): Related[] => {
      const held = placeOf(heldSite)
      const taken = stack[0] ?? placeOf(takenSite)
      return [
        ...(held ? [{ text: `CPU ${cpu} takes ${letter(cpu)}`, place: held }] : []),
        ...(taken ? [{ text: `CPU ${cpu} waits for ${letter(cpu + 1)}`, place: taken, stack }] : []),
      ]
    })
    return { text: lines.join('; '), related }
  }
  function report(cycle: Cycle, known: Names): void {
    const key = cycle
      .map(({ from }) => from)
      .sort((a, b) => a - b)
      .join(' ')
    if (reported.has(`${known === names} ${key}`)) return
    reported.add(`${known === names} ${key}`)
    const locks = cycle.map(({ from }, at) => `${LETTERS[at]} is the ${known.get(from)}`).join(', ')
    const { text, related } = story(cycle)
    const last = cycle[0]!
    const many = cycle.length === 2 ? 'two' : cycle.length
    verifier.violation(
      'DV:LockHierarchy',
      locator.site(site.s)?.api ?? last.activation,
      `Locks are taken in orders that close a circle: ${locks}. On ${many} CPUs at once: ${text}. None of them ever goes on. It did not happen in this run; nothing keeps it from happening.`,
      { acquired: last.heldSite, related },
    )
  }

  /** Classes of what is held for writing, but for the two of the edge. */
  function gatesOf(held: number, asked: Lock): number[] {
    const gates: number[] = []
    for (let i = 0; i < holds.count(); i++) {
      const { lock, mode } = holds.at(i)
      if (i !== held && mode === MODE.WRITE && lock.lockClass !== asked.lockClass) gates.push(lock.lockClass.number)
    }
    return gates
  }
  function edge(graph: OrderGraph, known: Map<number, string>, parts: Omit<Edge, 'stack' | 'activation'>): void {
    const old = graph.find(parts.from, parts.fromMode, parts.to, parts.toMode)
    if (old) {
      if (old.gates.length === 0) return
      const gates = old.gates.filter((gate) => parts.gates.includes(gate))
      if (gates.length === old.gates.length) return
      old.gates = gates
    } else if (TRIES.has(locator.site(parts.takenSite)?.api ?? '')) return
    const made = old ?? { ...parts, stack: locator.stack(), activation: cpus.nameOf(cpus.depth() - 1) }
    if (!old) graph.add(made)
    const cycle = graph.cycleOf(made)
    if (cycle) report(cycle, known)
  }
  function edgeFrom(from: Lock, fromMode: Mode, heldSite: number, held: number, to: Lock, toMode: Mode): void {
    const same = from.lockClass === to.lockClass
    const graph = same ? ofLocks : ofClasses
    const known = same ? lockNames : names
    const a = same ? from.number : from.lockClass.number
    const b = same ? to.number : to.lockClass.number
    const old = graph.find(a, fromMode, b, toMode)
    if (old && old.gates.length === 0) return
    if (!known.has(a)) known.set(a, same ? nameOfOne(from) : from.lockClass.name)
    if (!known.has(b)) known.set(b, same ? nameOfOne(to) : to.lockClass.name)
    const gates = gatesOf(held, to)
    edge(graph, known, { from: a, fromMode, to: b, toMode, heldSite, takenSite: site.s, gates })
  }
  const nameOfOne = ({ address, lockClass }: Lock): string =>
    `${lockClass.name}, the one at 0x${address.toString(16).padStart(8, '0')}`

  function asked(lock: Lock, mode: Mode): void {
    const count = holds.count()
    for (let i = 0; i < count; i++) {
      const held: Hold = holds.at(i)
      if (held.lock.lockClass.kind === LOCK_KIND.MINIPORT) continue
      edgeFrom(held.lock, held.mode, held.site, i, lock, mode)
    }
  }
  holds.watch({
    taken(lock, mode, waits, again) {
      if (!waits || again) return
      if (cpus.irql() > DISPATCH_LEVEL) {
        const interrupt = interruptHeld()
        if (interrupt) edgeFrom(interrupt, MODE.WRITE, 0, -1, lock, mode)
      }
      asked(lock, mode)
    },
  })
  return { asked: (lock) => asked(lock, MODE.WRITE) }
}
