/** A run whose decisions are recorded is the same run; replayed, they give it again, call by call. */
import { describe, expect, test } from 'vitest'
import { loadDriver, type LoadOptions } from '../../src/lib'
import type { RunReport } from '../../src/shared/report'
import { FILES } from './matrix'

const memoryBytes = 4 * 1024 * 1024
const SEEDS = [1, 4, 42, 4711, 0xffff_ffff]
const NICS: LoadOptions = { nics: ['82540EM'] }
const CASES: readonly (readonly [string, LoadOptions])[] = [
  ['11-ndis6-miniport.ts', { cpus: 2, scenario: 'send' }],
  ['14-ndis6-stack.ts', { cpus: 4, scenario: 'stress' }],
  ['14-ndis6-stack.ts', { cpus: 8, scenario: 'lifecycle' }],
  ['17-ndis5-stack.ts', { cpus: 3, scenario: 'stress' }],
  ['17-ndis5-stack.ts', { cpus: 2, scenario: 'echo' }],
  ['18-82540em-ndis6.ts', { cpus: 2, scenario: 'stress', ...NICS }],
  ['19-82540em-ndis5.ts', { cpus: 4, scenario: 'receive', ...NICS }],
]

describe.each(CASES)('%s with %o', (entry, options) => {
  const run = (seed: number, more: LoadOptions): RunReport =>
    loadDriver(FILES, { entry, seed, frames: 12, memoryBytes, ...options, ...more }).run()
  test.each(SEEDS)('seed %i', (seed) => {
    const plain = run(seed, { schedule: 'eager' })
    const recorded = run(seed, { schedule: 'eager', recordSchedule: true })
    expect(recorded).toEqual({ ...plain, schedule: recorded.schedule })
    expect(recorded.traceHash).not.toBe('')
    const replayed = run(seed, { schedule: recorded.schedule!.text, recordSchedule: true })
    expect(replayed.schedule).toEqual(recorded.schedule)
    expect(replayed.traceHash).toBe(plain.traceHash)
  })
  test('most seeds decide something, and not the same', () => {
    const texts = SEEDS.map((seed) => run(seed, { schedule: 'eager', recordSchedule: true }).schedule!.text)
    expect(new Set(texts.filter((text) => text !== 'none')).size).toBeGreaterThan(SEEDS.length / 2)
  })
})

const echo = (options: LoadOptions): RunReport => {
  const more = { scenario: 'echo', memoryBytes, recordSchedule: true, ...options }
  return loadDriver(FILES, { entry: '18-82540em-ndis6.ts', cpus: 2, frames: 12, ...NICS, ...more }).run()
}

test('what the seed of a plain run decides replays too', () => {
  const recorded = echo({ seed: 3, cpus: 4, scenario: 'stress' })
  const again = echo({ seed: 3, cpus: 4, scenario: 'stress', schedule: recorded.schedule!.text })
  expect(again).toEqual(recorded)
})

test('without a decision nothing is preempted', () => {
  expect(echo({ schedule: 'none' })).toMatchObject({ outcome: 'clean', schedule: { text: 'none', decisions: [] } })
})

test('one CPU is held up too, for its interrupts', () => {
  const { schedule } = echo({ cpus: 1, schedule: 'eager' })
  expect(schedule!.decisions.every(({ cpu, on }) => cpu === 0 && on === 0)).toBe(true)
  expect(schedule!.decisions.flatMap(({ ran }) => ran)).toContainEqual({ cpu: 0, name: 'MiniportInterrupt' })
})

test('what is taken out does not happen; what is before it happens as it did', () => {
  const all = echo({ seed: 5, schedule: 'eager' }).schedule!.decisions
  const texts = all.map(({ text }) => text)
  const middle = all.length >> 1
  const fewer = echo({ seed: 5, schedule: texts.toSpliced(middle, 1).join() }).schedule!.decisions
  expect(fewer.slice(0, middle)).toEqual(all.slice(0, middle))
  const left = fewer.map(({ text }) => text)
  expect(left).not.toContain(texts[middle])
  expect(left.filter((text) => !texts.includes(text))).toEqual([])
})

test('a decision whose moment does not come is skipped', () => {
  const never = '999999999999@1,3+7@1'
  expect(echo({ schedule: never })).toEqual(echo({ schedule: 'none' }))
})

test('a schedule that is none is refused', () => {
  expect(() => echo({ schedule: '12@5' })).toThrow("the schedule cannot be used: '12@5' is for CPU 5")
})
