/** What NDIS itself gives back to a driver under a plan of faults that has completions come late. */
import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { createDmaGuest } from '../test-dma'
import { createStackGuest } from '../test-stack6'
import type { FaultPlan } from '../verifier/fault-plan'
import { constant } from './constants'

type Completions = NonNullable<FaultPlan['completions']>
const TICKS = 3000
const DELAYED: Completions = { order: 'delayed', ticks: TICKS }
const UNORDERED: Completions = { order: 'unordered', ticks: TICKS }
const USUAL = 500
const SEND = constant('NDIS_SG_LIST_WRITE_TO_DEVICE')
const ALL = Array.from({ length: 24 }, (_unused, index) => index)
const inOrder = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)

/** What was asked for, by number, in the order in which it came, and when. */
function arrivals(completions: Completions, ask: 'lists' | 'memory', seed = 1) {
  const guest = createDmaGuest({ seed, memory: createSharedMemory(3 * 1024 * 1024), faults: { completions } })
  const { scheduler, clock } = guest.machine.kernel
  const came: number[] = []
  const times: number[] = []
  const note = (number: number): void => {
    came.push(number)
    times.push(clock.now())
  }
  const handle = guest.register(
    (_pDO: number, _reserved: number, _list: number, context: number) => note(context),
    (_context: number, _virtual: number, _physical: number, _length: number, context: number) => note(context),
  )
  const from = clock.now()
  for (const number of ALL)
    if (ask === 'memory') guest.call('NdisMAllocateSharedMemoryAsyncEx', handle, 64, 1, number)
    else {
      const netBuffer = guest.netBuffer(guest.chain(60), 0, 60)
      guest.atDispatch(() => guest.call('NdisMAllocateNetBufferSGList', handle, netBuffer, number, SEND, 0, 0))
    }
  const atOnce = came.length
  scheduler.runUntil(() => came.length === ALL.length, 1_000_000)
  return { came, atOnce, first: times[0]! - from, last: times.at(-1)! - from }
}

describe('scatter/gather lists', () => {
  test.each([DELAYED, UNORDERED])('$order: none comes at once, and those of a channel stay in order', (plan) => {
    const { came, atOnce } = arrivals(plan, 'lists')
    expect({ came, atOnce }).toEqual({ came: ALL, atOnce: 0 })
  })
  test('delayed: later than HAL ever is', () => {
    expect(arrivals(DELAYED, 'lists').first).toBeGreaterThanOrEqual(TICKS + USUAL)
  })
})

describe('shared memory', () => {
  test('delayed: later, in order', () => {
    const { came, first } = arrivals(DELAYED, 'memory')
    expect(came).toEqual(ALL)
    expect(first).toBeGreaterThanOrEqual(TICKS + USUAL)
  })
  test('unordered: each at a time of its own, by seed', () => {
    const { came, last } = arrivals(UNORDERED, 'memory')
    expect(came).not.toEqual(ALL)
    expect(inOrder(came)).toEqual(ALL)
    expect(last).toBeLessThan(TICKS + 2 * USUAL)
    expect(arrivals(UNORDERED, 'memory').came).toEqual(came)
    expect(arrivals(UNORDERED, 'memory', 2).came).not.toEqual(came)
  })
})

test.each([DELAYED, UNORDERED])('$order: an open and a close are pending for every seed', (completions) => {
  for (const seed of [1, 2, 3, 4]) {
    const guest = createStackGuest({ seed, faults: { completions } })
    guest.miniport()
    guest.protocol('protocol')
    guest.start()
    guest.unload()
    expect(guest.log).toEqual(expect.arrayContaining(['protocol openAdapterComplete', 'protocol closeAdapterComplete']))
    expect(guest.broken()).toEqual([])
  }
})
