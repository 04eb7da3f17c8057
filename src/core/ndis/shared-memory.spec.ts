import { describe, expect, test } from 'vitest'
import { ACTIVATION } from '../kernel/cpus'
import { MachineStopped } from '../kernel/bugcheck'
import { createSharedMemory } from '../machine'
import { PHYSICAL_OFFSET } from '../memory/map'
import { constant } from './constants'
import { cell, createGuest } from '../test-guest'

const MEMORY = 3 * 1024 * 1024

function setUp(options: { rules?: boolean; platform?: 'nt' | 'ce' } = {}) {
  const guest = createGuest({ memory: createSharedMemory(MEMORY), ...options })
  const { adapters } = guest.machine.executive
  const adapter = adapters.create(0x50001, {})!
  adapter.attributeFlags = constant('NDIS_ATTRIBUTE_BUS_MASTER')
  guest.call('NdisMInitializeScatterGatherDma', adapter.handle, 0, 1514)
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

describe('DMA is set up before (NT4 203entry_17; DDI ndismallocatesharedmemory)', () => {
  test('else there is no memory', () => {
    const { guest, adapters, allocate } = setUp()
    const bare = adapters.create(0x50001, {})!
    expect(allocate(64, bare.handle)).toEqual({ virtual: 0, physical: 0 })
    expect(guest.broken()).toEqual(['SharedMemoryWithoutDma'])
  })
  test('map registers will do', () => {
    const { guest, adapters, allocate } = setUp()
    const bare = adapters.create(0x50001, {})!
    bare.attributeFlags = constant('NDIS_ATTRIBUTE_BUS_MASTER')
    guest.call('NdisMAllocateMapRegisters', bare.handle, 0, constant('NDIS_DMA_32BITS'), 4, 1514)
    expect(allocate(64, bare.handle).virtual).toBeGreaterThan(0)
    expect(guest.broken()).toEqual([])
  })
})

describe.each(['NdisMUpdateSharedMemory', 'NdisUpdateSharedMemory'])('%s (PV)', (name) => {
  test('takes any part of the memory and its physical address', () => {
    const { guest, adapter, allocate } = setUp()
    const { virtual, physical } = allocate(64)
    guest.call(name, adapter.handle, 32, virtual + 32, physical + 32)
    expect(guest.broken()).toEqual([])
  })
  test.each([
    ['a byte too many', 33, 32, 32],
    ['the physical address of something else', 32, 32, 0],
    ['other memory', 32, 0x1000, 0x1000],
  ])('%s is reported', (_what, length, skip, physicalSkip) => {
    const { guest, adapter, allocate } = setUp()
    const { virtual, physical } = allocate(64)
    guest.call(name, adapter.handle, length, virtual + skip, physical + physicalSkip)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
})

test('a NIC may reach it from its allocation to its release', () => {
  const { guest, allocate, free } = setUp()
  const { virtual, physical } = allocate(64)
  const { reach } = guest.machine.dma.mappings
  expect([reach(physical, 64, 'read'), reach(physical + 63, 1, 'write')]).toEqual(['mapped', 'mapped'])
  expect([reach(physical + 63, 2, 'read'), reach(virtual, 1, 'read')]).toEqual(['not mapped', 'not mapped'])
  free(virtual, physical)
  expect(reach(physical, 1, 'read')).toBe('not mapped')
})

test('is not freed in MiniportShutdown (NdisMFreeSharedMemory)', () => {
  const { guest, allocate, free } = setUp()
  const { virtual, physical } = allocate(64)
  const { driver } = guest.machine
  driver.callback(ACTIVATION.CALLBACK, 'MINIPORT_SHUTDOWN', 0, () => free(virtual, physical), [], 'MiniportShutdownEx')
  expect(guest.broken()).toEqual(['NdisMFreeSharedMemory'])
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
