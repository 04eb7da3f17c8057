import { describe, expect, test } from 'vitest'
import { MachineStopped } from '../kernel/bugcheck'
import { createSharedMemory } from '../machine'
import { PHYSICAL_OFFSET } from '../memory/map'
import { cell, createGuest } from '../test-guest'

const MEMORY = 3 * 1024 * 1024

function setUp(options: { rules?: boolean; platform?: 'nt' | 'ce' } = {}) {
  const guest = createGuest({ memory: createSharedMemory(MEMORY), ...options })
  const { adapters } = guest.machine.executive
  const adapter = adapters.create(0x50001, {})!
  function allocate(length: number, handle = adapter.handle): { virtual: number; physical: number } {
    const [virtual, record] = [cell(), guest.memory(8)]
    guest.call('NdisMAllocateSharedMemory', handle, length, 1, virtual, record)
    return { virtual: virtual.value, physical: Number(guest.machine.kernel.space.r64(record)) }
  }
  const free = (virtual: number, physical: unknown, length = 64, cached = 1): number =>
    guest.call('NdisMFreeSharedMemory', adapter.handle, length, cached, virtual, physical)
  return { guest, adapters, adapter, allocate, free }
}

describe.each(['nt', 'ce'] as const)('shared memory on %s (DDI ndismallocatesharedmemory)', (platform) => {
  test('has two addresses, and the physical one is another', () => {
    const { guest, allocate, free } = setUp({ platform })
    const { virtual, physical } = allocate(64)
    expect(virtual).toBeGreaterThan(0)
    expect(physical).toBe(virtual + PHYSICAL_OFFSET)
    guest.machine.kernel.space.w32(virtual, 0x1234_5678)
    free(virtual, physical)
    expect(guest.broken()).toEqual([])
  })
  test('the physical address may be passed as a number, a bigint or a record', () => {
    const { guest, allocate, free } = setUp({ platform })
    for (const as of [Number, BigInt, (value: number) => ({ QuadPart: BigInt(value) })]) {
      const { virtual, physical } = allocate(64)
      free(virtual, as(physical))
    }
    expect(guest.broken()).toEqual([])
  })
})

test('exhaustion gives NULL (DDI ndismallocatesharedmemory)', () => {
  const { guest, allocate } = setUp()
  expect(allocate(MEMORY)).toEqual({ virtual: 0, physical: 0 })
  expect(allocate(0)).toEqual({ virtual: 0, physical: 0 })
  expect(guest.broken()).toEqual([])
})
test('no adapter: NULL and a violation', () => {
  const { guest, allocate } = setUp()
  expect(allocate(64, 0x1234).virtual).toBe(0)
  expect(guest.broken()).toEqual(['InvalidHandle'])
})

describe('misuse (DV:DmaMisuse)', () => {
  test('a second free is refused', () => {
    const { guest, allocate, free } = setUp()
    const { virtual, physical } = allocate(64)
    free(virtual, physical)
    free(virtual, physical)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(guest.machine.kernel.verifier.violations[0]!.message).toContain('freed already')
  })
  test.each([
    ['Length', 32, 1, PHYSICAL_OFFSET],
    ['Cached', 64, 0, PHYSICAL_OFFSET],
    ['PhysicalAddress', 64, 1, 0],
  ])('%s must be as at the allocation', (name, length, cached, offset) => {
    const { guest, allocate, free } = setUp()
    const { virtual } = allocate(64)
    free(virtual, virtual + offset, length, cached)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(guest.machine.kernel.verifier.violations[0]!.message).toContain(`${name} differs`)
  })
  test('an overrun is seen when it is freed', () => {
    const { guest, allocate, free } = setUp()
    const { virtual, physical } = allocate(64)
    guest.machine.kernel.space.w8(virtual + 64, 0)
    free(virtual, physical)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('what is left when the adapter is gone names the allocation', () => {
    const { guest, adapters, adapter, allocate } = setUp()
    allocate(64)
    adapters.ended(adapter)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('without rules a wild free is a bug check', () => {
    const { guest, free } = setUp({ rules: false })
    expect(guest.crash(() => free(0x1234, 0)).name).toBe('BAD_POOL_CALLER')
  })
})

test('garbage never throws anything but a stop of the machine', () => {
  const values = [0, 1, -1, 0.5, Number.NaN, 2 ** 40, undefined, null, 'text', {}, { QuadPart: {} }, 0x20_0000]
  for (const name of [
    'NdisMAllocateSharedMemory',
    'NdisMFreeSharedMemory',
    'NdisGetPhysicalAddressHigh',
    'NdisGetPhysicalAddressLow',
    'NdisSetPhysicalAddressHigh',
    'NdisSetPhysicalAddressLow',
  ])
    // prettier-ignore
    for (let first = 0; first < values.length; first++) {
      const { guest, adapter } = setUp()
      const args = Array.from({ length: 5 }, (_unused, i) => values[(first + i) % values.length])
      for (const handle of [values[first], adapter.handle])
        try {
          guest.call(name, handle, ...args.slice(1))
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MachineStopped)
        }
    }
})

test('the halves of a physical address (DDI ndisgetphysicaladdresshigh)', () => {
  const { guest } = setUp()
  const record = guest.memory(8)
  guest.call('NdisSetPhysicalAddressHigh', record, 0x1_2345)
  guest.call('NdisSetPhysicalAddressLow', record, 0x8765_4321)
  const QuadPart = guest.machine.kernel.space.r64(record)
  expect(QuadPart).toBe(0x1_2345_8765_4321n)
  expect(guest.call('NdisGetPhysicalAddressHigh', { QuadPart })).toBe(0x1_2345)
  expect(guest.call('NdisGetPhysicalAddressLow', QuadPart)).toBe(0x8765_4321)
})
