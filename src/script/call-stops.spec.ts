import { describe, expect, test } from 'vitest'
import { createMachine } from '../core/machine'
import { API } from '../core/ndis/api'
import { CallStops } from './call-stops'
import type { StopReason } from '../shared/engine'

function stopsFor() {
  const reasons: StopReason[] = []
  const stops = new CallStops(createMachine().kernel, API, (reason) => reasons.push(reason))
  return { stops, reasons }
}

describe('call breakpoints', () => {
  test('cover one function, a wildcard or a category', () => {
    const { stops } = stopsFor()
    stops.set([
      { id: 1, name: 'NdisFreePacket' },
      { id: 2, name: 'NdisDpr*Packet' },
      { id: 3, name: 'category:lock' },
    ])
    const [one, wildcard, category] = stops.states
    expect(one).toMatchObject({ verified: true, functions: ['NdisFreePacket'] })
    expect(wildcard?.functions).toEqual(expect.arrayContaining(['NdisDprAllocatePacket', 'NdisDprFreePacket']))
    expect(category?.functions).toContain('NdisAcquireSpinLock')
  })

  test.each([
    [{ id: 1, name: 'NdisNothing' }, 'no function'],
    [{ id: 1, name: 'NdisFreePacket', condition: 'a +' }, 'expression'],
    [{ id: 1, name: 'NdisFreePacket', hitCondition: 'now' }, 'hit count'],
  ])('are refused with a reason: %j', (breakpoint, reason) => {
    const { stops } = stopsFor()
    stops.set([breakpoint])
    expect(stops.states[0]).toMatchObject({ verified: false, message: expect.stringContaining(reason) as string })
    expect(stops.active.size).toBe(0)
  })

  test('evaluate their condition over parameters, irql, cpu and the tag as text', () => {
    const { stops, reasons } = stopsFor()
    stops.set([
      {
        id: 7,
        name: 'NdisAllocateMemoryWithTag',
        condition: "tag === 'Tst1' && Length > 8 && irql === 0 && cpu === 0",
      },
    ])
    const stop = stops.active.get('NdisAllocateMemoryWithTag')!
    expect(stop.stops([0, 16, 0x31747354])).toBe(true)
    expect(stop.stops([0, 8, 0x31747354])).toBe(false)
    expect(stop.stops([0, 16, 0x32747354])).toBe(false)
    expect(reasons).toEqual([{ kind: 'call', breakpointIds: [7], function: 'NdisAllocateMemoryWithTag' }])
  })

  test('count hits, and a condition that throws does not hold', () => {
    const { stops } = stopsFor()
    stops.set([
      { id: 1, name: 'NdisFreePacket', hitCondition: '% 2' },
      { id: 2, name: 'NdisFreeMemory', condition: 'nothing.here' },
    ])
    const packet = stops.active.get('NdisFreePacket')!
    expect([1, 2, 3, 4].map(() => packet.stops([0]))).toEqual([false, true, false, true])
    expect(stops.active.get('NdisFreeMemory')!.stops([0, 0, 0])).toBe(false)
  })

  test('say which bindings change when they come and go', () => {
    const { stops } = stopsFor()
    expect(stops.set([{ id: 1, name: 'NdisFreePacket' }])).toEqual(['NdisFreePacket'])
    expect(stops.set([])).toEqual(['NdisFreePacket'])
  })
})
