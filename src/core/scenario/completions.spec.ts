import { describe, expect, it } from 'vitest'
import { createMachine } from '../machine'
import type { FaultPlan } from '../verifier/fault-plan'
import { createCompletions } from './completions'

const delays = (faults: FaultPlan | undefined, seed = 1): number[] => {
  const { delay } = createCompletions(createMachine({ seed, ...(faults && { faults }) }).kernel)
  return Array.from({ length: 100 }, delay)
}

describe('when the ends give back what they were given', () => {
  it('without a plan: within 50 microseconds', () => {
    expect(Math.max(...delays(undefined))).toBeLessThanOrEqual(500)
    expect(delays({ survey: true })).toEqual(delays(undefined))
  })
  it('delayed: all equally late, so that they stay in order', () => {
    expect(new Set(delays({ completions: { order: 'delayed', ticks: 3000 } }))).toEqual(new Set([3500]))
    expect(Math.min(...delays({ completions: { order: 'delayed' } }))).toBe(10_500)
  })
  it('unordered: each at a time of its own, by seed', () => {
    const plan: FaultPlan = { completions: { order: 'unordered', ticks: 3000 } }
    const found = delays(plan)
    expect(found).toEqual(delays(plan))
    expect(found).not.toEqual(delays(plan, 2))
    expect(new Set(found).size).toBeGreaterThan(80)
    expect(found.every((ticks) => ticks >= 1 && ticks <= 3500)).toBe(true)
  })
})
