import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ddmin, type Attempt } from './ddmin'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)
/** Fails when all the culprits are there. */
const needs =
  (culprits: readonly number[]): Attempt<number> =>
  async (candidate) =>
    culprits.every((one) => candidate.includes(one)) ? candidate : undefined

describe('ddmin', () => {
  it('finds the culprits among many, whatever is tried at a time', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.nat(59), { maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (count, wanted, parallel) => {
          const culprits = wanted.filter((one) => one < count).sort((a, b) => a - b)
          expect(await ddmin(numbers(count), needs(culprits), parallel)).toEqual(culprits)
        },
      ),
    ))
  it('leaves a list of which nothing can be left out alone, however odd the failure is', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 2, max: 5 }), async (count, modulus) => {
        const fails = (list: readonly number[]): boolean =>
          list.length === count || (list.length > 0 && list.reduce((sum, one) => sum + one + 1, 0) % modulus === 0)
        const left = await ddmin(numbers(count), async (list) => (fails(list) ? list : undefined), 2)
        expect(fails(left)).toBe(true)
        if (left.length > 1) for (const one of left) expect(fails(left.filter((other) => other !== one))).toBe(false)
      }),
    ))
  it('goes on from what an attempt says mattered', async () => {
    const tried: number[] = []
    const left = await ddmin(
      numbers(64),
      async (list) => {
        tried.push(list.length)
        return list.includes(40) ? [40] : undefined
      },
      1,
    )
    expect(left).toEqual([40])
    expect(tried).toEqual([32, 32, 0])
  })
  it('takes few attempts for one culprit of a thousand', async () => {
    let attempts = 0
    const one = needs([777])
    await ddmin(numbers(1000), (list) => (attempts++, one(list)), 1)
    expect(attempts).toBeLessThan(30)
  })
  it('keeps the list when nothing may be tried any more', async () => {
    expect(await ddmin(numbers(5), async () => undefined, 2)).toEqual(numbers(5))
  })
  it('needs nothing for a failure that needs nothing', async () => {
    expect(await ddmin(numbers(7), needs([]), 1)).toEqual([])
    expect(await ddmin([], needs([]), 1)).toEqual([])
  })
})
