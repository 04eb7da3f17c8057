import { same } from './same'
import type { Bench } from './bench'

export const PASSIVE = 0
export const DISPATCH = 2

/** Small integers out of the one that fast-check made: all of a step's choices. Shrinking it shrinks them. */
export type Draw = (below: number) => number
export function drawFrom(source: number): Draw {
  let left = source
  return (below) => {
    const drawn = left % below
    left = Math.floor(left / below)
    return drawn
  }
}

/** What all areas share: the machine, and the model of its processor. */
export interface World {
  readonly bench: Bench
  irql: number
  /** Spin locks held. */
  locks: number
  /** A lock was released in the wrong order, which is reported there: the IRQL is wrong from then on. */
  outOfOrder: boolean
}
export const atMostDispatch = (world: World) => (): boolean => world.irql <= DISPATCH
export const atDispatch = (world: World) => (): boolean => world.irql === DISPATCH
export const always = (): boolean => true

/** One kind of legal call. `run` makes it when `may` permits, and compares what comes back with the model. */
export interface Step {
  readonly name: string
  may(): boolean
  /** Gives the rules that the call breaks, as an array, where breaking them has a documented outcome. */
  run(draw: Draw): unknown
}
/** Functions that belong together, and a model of what they work on. */
export interface Area {
  readonly steps: readonly Step[]
  /** Compares everything that can be seen with the model. */
  check(): void
  /** Gives back everything, so that the next sequence begins where this one did. */
  drain(): void
}
export type CreateArea = (world: World) => Area

export const pick = <T>(draw: Draw, from: readonly T[]): T => from[draw(from.length)]!
export const remove = <T>(from: T[], what: T): void => void from.splice(from.indexOf(what), 1)

/** Compares processor and verifier with the model after a step. */
export function expectSettled(world: World, name: string, expected: readonly string[]): void {
  const { cpus } = world.bench.machine.kernel
  same(world.bench.broken(), expected, `rules broken by ${name}`)
  same(cpus.irql(), world.irql, `IRQL after ${name}`)
  same(cpus.locksHeld(), world.locks, `locks held after ${name}`)
}
