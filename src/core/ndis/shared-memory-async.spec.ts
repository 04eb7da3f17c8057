import { describe, expect, test } from 'vitest'
import { createSharedMemory, type MachineOptions } from '../machine'
import { PHYSICAL_OFFSET } from '../memory/map'
import { createDmaGuest } from '../test-dma'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_PENDING } from './status'

const MEMORY = 3 * 1024 * 1024

/** What the callback was given: MiniportAdapterContext, VirtualAddress, the physical address, Length, Context, and its IRQL. */
type Arrival = readonly number[]

function setUp(version: number, options: MachineOptions = {}) {
  const guest = createDmaGuest({ memory: createSharedMemory(MEMORY), ...options }, version)
  const { kernel, driver, executive } = guest.machine
  const arrived: Arrival[] = []
  const complete = (context: number, virtual: number, physical: number, length: number, own: number): void => {
    const address = physical === 0 ? 0 : Number(kernel.space.r64(physical))
    arrived.push([context, virtual, address, length, own, kernel.cpus.irql()])
  }
  const settle = (): boolean => kernel.scheduler.runUntil(() => false, 1000)
  return { guest, complete, arrived, settle, driver, adapters: executive.adapters }
}
/** NDIS 5.1, whose handler is in the characteristics. */
function setUp5(withHandler = true) {
  const parts = setUp(0x5_0001)
  const { guest, adapters, driver } = parts
  const adapter = adapters.create(0x5_0001, {
    AllocateCompleteHandler: withHandler ? driver.address(parts.complete) : 0,
  })!
  Object.assign(adapter, { context: 77, attributesSet: true, attributeFlags: guest.adapter.attributeFlags })
  guest.call('NdisMInitializeScatterGatherDma', adapter.handle, 0, 1514)
  const ask = (length: number, handle = adapter.handle): number =>
    guest.call('NdisMAllocateSharedMemoryAsync', handle, length, 1, 5) | 0
  return { ...parts, adapter, ask }
}
function setUp6(withHandler = true, options: MachineOptions = {}) {
  const parts = setUp(0x6_0014, options)
  const handle = parts.guest.register(() => 0, withHandler ? parts.complete : 0)
  const ask = (length: number, of = handle): number =>
    parts.guest.call('NdisMAllocateSharedMemoryAsyncEx', of, length, 1, 5) | 0
  return { ...parts, adapter: parts.guest.adapter, handle, ask }
}

describe.each([
  ['NdisMAllocateSharedMemoryAsync (PV)', setUp5, 2],
  ['NdisMAllocateSharedMemoryAsyncEx (DDI ndismallocatesharedmemoryasyncex)', setUp6, 0],
] as const)('%s', (_name, create, irql) => {
  test('is pending; the memory comes to the callback', () => {
    const { guest, ask, arrived, settle, adapter } = create()
    expect(guest.atDispatch(() => ask(64))).toBe(NDIS_STATUS_PENDING)
    expect(arrived).toEqual([])
    settle()
    const virtual = arrived[0]![1]!
    expect(virtual).toBeGreaterThan(0)
    expect(arrived).toEqual([[77, virtual, virtual + PHYSICAL_OFFSET, 64, 5, irql]])
    guest.call('NdisMFreeSharedMemory', adapter.handle, 64, 1, virtual, virtual + PHYSICAL_OFFSET)
    expect(guest.broken()).toEqual([])
  })
  test('NULL comes when memory is short', () => {
    const { ask, arrived, settle } = create()
    expect(ask(MEMORY)).toBe(NDIS_STATUS_PENDING)
    settle()
    expect(arrived).toEqual([[77, 0, 0, 0, 5, irql]])
  })
  test('fails for no bytes, and without a handler', () => {
    expect(create().ask(0)).toBe(NDIS_STATUS_FAILURE)
    const { guest, ask } = create(false)
    expect(ask(64)).toBe(NDIS_STATUS_FAILURE)
    expect(guest.broken()).toEqual(['SharedMemoryCompleteHandler'])
  })
  test('fails for a wild handle', () => {
    const { guest, ask } = create()
    expect(ask(64, 0x1234)).toBe(NDIS_STATUS_FAILURE)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
  test('nothing comes to an adapter that is gone', () => {
    const { ask, arrived, settle, adapters, adapter } = create()
    ask(64)
    adapters.destroy(adapter)
    settle()
    expect(arrived).toEqual([])
  })
  test('what came and was not freed is named when the adapter is gone', () => {
    const { guest, ask, settle, adapters, adapter } = create()
    ask(64)
    settle()
    adapters.ended(adapter)
    expect(guest.broken()).toContain('DV:DmaMisuse')
  })
})
test('fails without DMA', () => {
  const { guest, ask, adapters, driver, complete } = setUp5()
  const bare = adapters.create(0x5_0001, { AllocateCompleteHandler: driver.address(complete) })!
  expect(ask(64, bare.handle)).toBe(NDIS_STATUS_FAILURE)
  expect(guest.broken()).toEqual(['SharedMemoryWithoutDma'])
})
