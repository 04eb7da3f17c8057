import { createRandom, STREAM } from '../kernel/random'
import type { AllocationFaults } from './fault-plan'

/** A call of an allocating function. */
export interface AllocationCall {
  readonly function: string
  /** Pool tag as a number, first character lowest; 0 for none. */
  readonly tag: number
  /** Key of its call stack; worked out only when it is asked for. */
  readonly key: () => string
}

const PARTS = 1_000_000

const tagNumber = (tag: string): number =>
  [...tag.padEnd(4)].reduce((word, character, index) => word | ((character.charCodeAt(0) & 0xff) << (8 * index)), 0)

const matcher = (pattern: string): ((name: string) => boolean) =>
  pattern.endsWith('*') ? (name) => name.startsWith(pattern.slice(0, -1)) : (name) => name === pattern

/** Which calls fail. Called once for each, in order. */
export function createFaultChoice(plan: AllocationFaults, seed: number): (call: AllocationCall) => boolean {
  const random = createRandom(seed, STREAM.FAULTS)
  const named = plan.function === undefined ? undefined : matcher(plan.function)
  const tag = plan.tag === undefined ? undefined : tagNumber(plan.tag)
  const { nth, share, stack } = plan
  const wanted = new Set(stack?.split('+'))
  let seen = 0
  return (call) => {
    if (named && !named(call.function)) return false
    // A short tag is filled with blanks or with zeros.
    if (tag !== undefined && tag !== call.tag && tag !== (call.tag | blanks(call.tag))) return false
    seen++
    if (nth !== undefined && seen !== nth) return false
    if (share !== undefined && random.below(PARTS) >= share * PARTS) return false
    if (stack === undefined) return true
    return wanted.size > 0 && wanted.delete(call.key())
  }
}

function blanks(tag: number): number {
  let filled = 0
  for (let shift = 0; shift < 32; shift += 8) if (((tag >>> shift) & 0xff) === 0) filled |= 0x20 << shift
  return filled
}
