import { expect, test } from 'vitest'
import { createStackGuest, type StackGuest } from '../test-stack6'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** Runs with the n-th allocation failing. @returns how many there were */
function failing({ machine }: StackGuest, n: number, run: () => void): number {
  const { pool } = machine.kernel
  const { allocate } = pool
  let allocations = 0
  Object.assign(pool, {
    allocate: (...args: Parameters<typeof allocate>) => (++allocations === n ? 0 : allocate(...args)),
  })
  run()
  Object.assign(pool, { allocate })
  return allocations
}

/** A guest whose miniport notes the parameters that it is initialized with; it takes no adapter. */
function notedParameters(n: number): { readonly parameters: readonly number[]; readonly allocations: number } {
  const guest = createStackGuest()
  const parameters: number[] = []
  guest.miniport({
    InitializeHandlerEx(_adapter: number, _context: number, given: number) {
      parameters.push(given)
      return NDIS_STATUS_RESOURCES
    },
  })
  return { allocations: failing(guest, n, () => guest.machine.driver.start()), parameters }
}

test('MiniportInitializeEx gets no NULL for its parameters when memory is short: it is not called', () => {
  const { allocations } = notedParameters(0)
  const seen = Array.from({ length: allocations }, (_unused, index) => notedParameters(index + 1).parameters)
  expect(seen.flat().every((address) => address !== 0)).toBe(true)
  expect(seen.some((parameters) => parameters.length === 0)).toBe(true)
})

test('MiniportResetEx gets no NULL for AddressingReset when memory is short: the reset ends with NDIS_STATUS_RESOURCES', () => {
  const guest = createStackGuest()
  let resets = 0
  guest.miniport({
    ResetHandlerEx(_context: number, addressing: { value: number }) {
      resets++
      addressing.value = 0
      return NDIS_STATUS_SUCCESS
    },
  })
  guest.start()
  const statuses: (number | undefined)[] = []
  const reset = (): void =>
    guest.machine.executive.adapters.forEach(({ control }) => void statuses.push(control?.reset()))
  failing(guest, 1, reset)
  reset()
  expect(statuses).toEqual([NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS])
  expect(resets).toBe(1)
})
