import { describe, expect, it } from 'vitest'
import { failAllocText, parseFailAlloc } from './fault-text'
import { faultPlan } from './faults'

describe('which allocations fail, as text', () => {
  it.each([
    ['3', { nth: 3 }],
    ['5%', { share: 0.05 }],
    ['tag:Abcd', { tag: 'Abcd' }],
    ['function:NdisAllocate*', { function: 'NdisAllocate*' }],
    ['stack:0123abcd', { stack: '0123abcd' }],
    ['stack:0123abcd+76543210', { stack: '0123abcd+76543210' }],
    ['tag:Abcd,function:NdisAllocatePacket,2', { tag: 'Abcd', function: 'NdisAllocatePacket', nth: 2 }],
  ])('%s is read and written', (text, allocations) => {
    expect(parseFailAlloc(text)).toEqual(allocations)
    expect(failAllocText(allocations)).toBe(text)
  })

  it.each(['', 'often', '0', '101%', 'tag:', 'tag:Abcde', 'stack:xyz', 'function:a b', '1,2', 'site:3'])(
    "'%s' is refused",
    (text) => {
      expect(() => parseFailAlloc(text)).toThrow(RangeError)
    },
  )
})

describe('a plan from outside', () => {
  it('is checked member by member', () => {
    expect(
      faultPlan.safeParse({ removeAt: 3, memory: { bytes: 10 }, completions: { order: 'unordered' } }).success,
    ).toBe(true)
    for (const wrong of [
      { removeAt: 0 },
      { memory: {} },
      { completions: { order: 'late' } },
      { allocation: { nth: 1 } },
    ])
      expect(faultPlan.safeParse(wrong).success).toBe(false)
  })
})
