import type { Random } from './random'

/**
 * One decision of the scheduler that is not its usual one. Time is in ticks of 100 ns of virtual time, and every preemption point has
 * a tick of its own, so that a decision keeps its place when one before it is taken away.
 */
export interface Decision {
  readonly tick: number
  /**
   * 0: a preemption. At this tick the CPU that runs is held up, and `cpu` runs a piece of work; when it has none yet, time goes on
   * until it has, or an interrupt or DPC comes for the CPU that waits. From 1 on: the choice with that number
   * within the tick, when nothing runs and several CPUs could go on; `cpu` goes first.
   */
  readonly choice: number
  readonly cpu: number
}

/** Decisions in the order of their time. What is not in it does not happen: nothing is preempted, and a CPU that stopped goes on first. */
export type Schedule = readonly Decision[]

export const beforeDecision = (left: Decision, right: Decision): number =>
  left.tick - right.tick || left.choice - right.choice

/** Something that ran because of a decision. */
export interface RanWork {
  readonly cpu: number
  readonly name: string
}

/** It says which CPU runs. `able` has a bit for each CPU that has something to run. */
export interface Decider {
  /** false: there is nothing to decide. */
  readonly decides: boolean
  /** Ticks after `now` until preempt() is to be asked again, at the latest. */
  quantum(now: number): number
  /** The CPU whose turn it is now, one of `able` or one that time is to go on for, or -1. `tick` is the time of the preemption point. */
  preempt(tick: number, able: number): number
  /** The CPU that goes on first; `usual` would, if nobody minded. Asked only when there is a choice. */
  first(tick: number, choice: number, able: number, usual: number): number
}

/** One CPU: nothing to decide. */
export const UNDECIDED: Decider = {
  decides: false,
  quantum: () => Infinity,
  preempt: () => -1,
  first: (_tick, _choice, _able, usual) => usual,
}

/** Virtual ticks after which another CPU may get its turn, when it has something to run. */
const QUANTUM = 16
const PREEMPTS_ONE_IN = 4
/** An eager decider has its turns at most 1, 2, 4 ... 16 ticks apart, and preempts at one in 1, 2, 4 ... 32 of them. */
const SPANS = 5
const RATES = 6

/** Bits that are set. */
const bits = (set: number): number => (set === 0 ? 0 : 1 + bits(set & (set - 1)))
/** Place of the `index`-th bit that is set. */
const bitAt = (set: number, index: number): number =>
  index === 0 ? 31 - Math.clz32(set & -set) : bitAt(set & (set - 1), index - 1)

/** Decides as a seed has it. */
export function createSeededDecider(random: Random): Decider {
  const any = (able: number): number => bitAt(able, random.below(bits(able)))
  return {
    decides: true,
    quantum: () => 1 + random.below(QUANTUM),
    preempt: (_tick, able) => (able !== 0 && random.below(PREEMPTS_ONE_IN) === 0 ? any(able) : -1),
    first: (_tick, _choice, able) => any(able),
  }
}

/**
 * Decides as a seed has it, and looks for trouble: CPUs are also held up until something comes for another one, or for themselves.
 * Some seeds do so at every call, some only now and then: bugs of either kind are found.
 */
export function createEagerDecider(random: Random, cpus: number): Decider {
  const span = 1 << random.below(SPANS)
  const oneIn = 1 << random.below(RATES)
  const any = (able: number): number => bitAt(able, random.below(bits(able)))
  return {
    decides: true,
    quantum: () => 1 + random.below(span),
    preempt: () => (random.below(oneIn) === 0 ? random.below(cpus) : -1),
    first: (_tick, _choice, able) => any(able),
  }
}

/** Decides as it was decided before. A decision is skipped when its moment does not come, or its CPU cannot run then. */
export function createReplay(schedule: Schedule): Decider {
  const sorted = [...schedule].sort(beforeDecision)
  const preemptions = sorted.filter(({ choice }) => choice === 0)
  const choices = sorted.filter(({ choice }) => choice > 0)
  const preempting = new Map(preemptions.map(({ tick, cpu }) => [tick, cpu]))
  let preemption = 0
  let chosen = 0
  const has = (able: number, cpu: number): boolean => ((able >> cpu) & 1) === 1
  return {
    decides: true,
    quantum(now) {
      while (preemption < preemptions.length && preemptions[preemption]!.tick <= now) preemption++
      return preemption < preemptions.length ? preemptions[preemption]!.tick - now : Infinity
    },
    preempt: (tick) => preempting.get(tick) ?? -1,
    first(tick, choice, able, usual) {
      const here = { tick, choice, cpu: 0 }
      while (chosen < choices.length && beforeDecision(choices[chosen]!, here) < 0) chosen++
      const decision = choices[chosen]
      const taken = decision && beforeDecision(decision, here) === 0 && has(able, decision.cpu)
      return taken ? decision.cpu : usual
    },
  }
}
