import { MODE, type Mode } from './lock-holds'
import type { Place } from './verifier'

/** `from` was held when `to` was asked for: seen once, with how it came about. */
export interface Edge {
  readonly from: number
  readonly fromMode: Mode
  readonly to: number
  readonly toMode: Mode
  /** Call sites: where `from` was taken, where `to` was asked for. */
  readonly heldSite: number
  readonly takenSite: number
  /** The driver's stack there. */
  readonly stack: readonly Place[]
  /** The driver's function that NDIS had called. */
  readonly activation: string
  /** Classes of the other locks that were held for writing every time: two paths that share one never meet. */
  gates: readonly number[]
}

/** Locks in one cycle; each edge starts where the one before ends, and the last ends where the first starts. */
export type Cycle = readonly Edge[]

/** Longer chains of locks than this are not looked at. */
const LONGEST = 8
/** Steps of one search: graphs of drivers have a dozen locks. */
const MOST_STEPS = 20_000

const MODES = 4
const NODES = 1 << 16

/** Which lock was held when which was asked for. Nodes are numbers below 65536. */
export interface OrderGraph {
  find(from: number, fromMode: Mode, to: number, toMode: Mode): Edge | undefined
  add(edge: Edge): void
  /** The shortest cycle through this edge in which each waits for the next; undefined when there is none. */
  cycleOf(edge: Edge): Cycle | undefined
}

/** A reader does not wait for another reader. */
const waitsFor = (asked: Mode, held: Mode): boolean => asked === MODE.WRITE || held === MODE.WRITE

export function createOrderGraph(): OrderGraph {
  const edges = new Map<number, Edge>()
  const from = new Map<number, Edge[]>()
  const keyOf = (a: number, aMode: Mode, b: number, bMode: Mode): number =>
    ((a * NODES + b) * MODES + aMode) * MODES + bMode

  function cycleOf(start: Edge): Cycle | undefined {
    let steps = 0
    function search(path: Edge[], gates: readonly number[], left: number): Cycle | undefined {
      const last = path.at(-1)!
      for (const next of from.get(last.to) ?? []) {
        if (++steps > MOST_STEPS) return undefined
        if (!waitsFor(last.toMode, next.fromMode)) continue
        const common = gates.filter((gate) => next.gates.includes(gate))
        if (next.to === start.from) {
          if (common.length === 0 && waitsFor(next.toMode, start.fromMode)) return [...path, next]
        } else if (left > 1 && !path.some((edge) => edge.from === next.to || edge.to === next.to)) {
          const found = search([...path, next], common, left - 1)
          if (found) return found
        }
      }
      return undefined
    }
    for (let length = 1; length < LONGEST && steps <= MOST_STEPS; length++) {
      const found = search([start], start.gates, length)
      if (found) return found
    }
    return undefined
  }
  return {
    find: (a, aMode, b, bMode) => edges.get(keyOf(a, aMode, b, bMode)),
    add(edge) {
      edges.set(keyOf(edge.from, edge.fromMode, edge.to, edge.toMode), edge)
      const list = from.get(edge.from)
      if (list) list.push(edge)
      else from.set(edge.from, [edge])
    },
    cycleOf,
  }
}
