import { expect, test } from 'vitest'
import { cell, createGuest } from './test-guest'

test('a guest sees results, refusals and what was broken', () => {
  const guest = createGuest()
  const address = cell()
  expect(guest.call('NdisAllocateMemoryWithTag', address, 16, 0x41414141)).toBe(0)
  expect(guest.call('NdisFreeMemory', address.value, 16, 0)).toBe(0)
  expect(guest.call('NdisFreeMemory', address.value, 16, 0)).toBe(0)
  expect(guest.broken()).toEqual(['DV:DoubleFree'])
})

test('without rules nothing stands before the function, and a bugcheck is a value', () => {
  const guest = createGuest({ rules: false })
  expect(guest.crash(() => guest.call('NdisFreeMemory', 0x1234_5678, 0, 0)).name).toBe('BAD_POOL_CALLER')
  expect(guest.broken()).toEqual([])
  expect(() => guest.crash(() => undefined)).toThrow('did not stop')
  expect(() => guest.call('NdisNoSuchThing')).toThrow('not implemented')
})

test('memory is live and numbered', () => {
  const guest = createGuest()
  const address = guest.memory(3)
  expect(guest.bytes(address, 3)).toEqual([0, 1, 2])
  expect(guest.machine.kernel.access.range('spec', address, 3, true)).toBe(true)
})
