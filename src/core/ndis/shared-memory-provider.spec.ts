import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { layout } from '../memory/layout'
import { PHYSICAL_OFFSET } from '../memory/map'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'
import { constant } from './constants'
import type { MiniportEnd6, ProtocolEnd6 } from './stack6'
import type { MiniportFlow } from './stack6-life'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

const MEMORY = 3 * 1024 * 1024
const PARAMETERS = layout(
  'NDIS_SHARED_MEMORY_PARAMETERS',
  'Flags', 'SharedMemoryHandle', 'Length', 'VirtualAddress', 'SGListBufferLength', 'SGListBuffer',
) // prettier-ignore

function setUp() {
  const guest = createDmaGuest({ memory: createSharedMemory(MEMORY) })
  const { space } = guest.machine.kernel
  const dmaHandle = guest.register(() => 0)
  const size = constant('NDIS_SIZEOF_SHARED_MEMORY_PARAMETERS_REVISION_1')
  const parameters = guest.object('NDIS_OBJECT_TYPE_DEFAULT', size)
  const set = (field: number, value: number): void => space.w32(parameters + field, value)
  const get = (field: number): number => space.r32(parameters + field)
  set(PARAMETERS.Length, 5000)
  function allocate(handle = guest.adapter.handle) {
    const out = cell()
    const status = guest.call('NdisAllocateSharedMemory', handle, parameters, out) | 0
    return { status, handle: out.value }
  }
  const free = (handle: number, adapter = guest.adapter.handle): number =>
    guest.call('NdisFreeSharedMemory', adapter, handle)
  return { guest, dmaHandle, set, get, allocate, free }
}

describe('NdisAllocateSharedMemory (DDI ndisallocatesharedmemory)', () => {
  test('gives a handle, the memory, and its list by pages', () => {
    const { guest, set, get, allocate, free } = setUp()
    const list = guest.memory(40)
    set(PARAMETERS.SGListBuffer, list)
    set(PARAMETERS.SGListBufferLength, 40)
    const { status, handle } = allocate()
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    expect(get(PARAMETERS.SharedMemoryHandle)).toBe(handle)
    const physical = get(PARAMETERS.VirtualAddress) + PHYSICAL_OFFSET
    expect(guest.pieces(list)).toEqual([
      { address: physical, length: 4096 },
      { address: physical + 4096, length: 904 },
    ])
    expect(guest.machine.dma.mappings.reach(physical, 5000, 'write')).toBe('mapped')
    free(handle)
    expect(guest.machine.dma.mappings.reach(physical, 1, 'write')).toBe('not mapped')
    expect(guest.broken()).toEqual([])
  })
  test('in one piece when NDIS_SHARED_MEM_PARAMETERS_CONTIGUOUS is set', () => {
    const { guest, set, get, allocate } = setUp()
    const list = guest.memory(24)
    set(PARAMETERS.Flags, constant('NDIS_SHARED_MEM_PARAMETERS_CONTIGUOUS'))
    set(PARAMETERS.SGListBuffer, list)
    set(PARAMETERS.SGListBufferLength, 24)
    expect(allocate().status).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.pieces(list)).toEqual([{ address: get(PARAMETERS.VirtualAddress) + PHYSICAL_OFFSET, length: 5000 }])
  })
  test('fails for no bytes, another header, and a list buffer that is too short', () => {
    const { guest, set, allocate } = setUp()
    set(PARAMETERS.SGListBuffer, guest.memory(40))
    set(PARAMETERS.SGListBufferLength, 39)
    expect(allocate()).toEqual({ status: NDIS_STATUS_INVALID_PARAMETER, handle: 0 })
    set(PARAMETERS.Length, 0)
    expect(allocate().status).toBe(NDIS_STATUS_INVALID_PARAMETER)
    set(0, 0)
    expect(allocate().status).toBe(NDIS_STATUS_INVALID_PARAMETER)
    expect(guest.broken()).toEqual(['SharedMemoryParameters', 'SharedMemoryParameters', 'SharedMemoryParameters'])
  })
  test('NDIS_STATUS_RESOURCES when memory is short', () => {
    const { guest, set, allocate } = setUp()
    set(PARAMETERS.Length, MEMORY)
    expect(allocate()).toEqual({ status: NDIS_STATUS_RESOURCES, handle: 0 })
    expect(guest.broken()).toEqual([])
  })
  test('fails without DMA, and for what is no adapter', () => {
    const { guest, dmaHandle, allocate } = setUp()
    guest.call('NdisMDeregisterScatterGatherDma', dmaHandle)
    expect(allocate().status).toBe(NDIS_STATUS_FAILURE)
    expect(allocate(0x1234).status).toBe(NDIS_STATUS_INVALID_PARAMETER)
    expect(guest.broken()).toEqual(['SharedMemoryWithoutDma', 'InvalidHandle'])
  })
})

describe('NdisFreeSharedMemory (DDI ndisfreesharedmemory)', () => {
  test('twice, by a wild handle, with another adapter', () => {
    const { guest, allocate, free } = setUp()
    const { handle } = allocate()
    free(handle)
    free(handle)
    free(0x1234)
    const other = guest.machine.executive.adapters.create(0x6_0014, {})!
    free(allocate().handle, other.handle)
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'DV:DmaMisuse', 'DV:DmaMisuse'])
  })
  test('is for protocols, too, by the handle of their binding', () => {
    const { guest, allocate, free } = setUp()
    const { ndis6 } = guest.machine.executive.network
    const stack = ndis6.createStack(guest.adapter, {} as unknown as MiniportEnd6, {} as unknown as MiniportFlow)
    const binding = ndis6.addBinding(stack, {} as unknown as ProtocolEnd6)!
    const { status, handle } = allocate(binding.handle)
    expect(status).toBe(NDIS_STATUS_SUCCESS)
    free(handle, binding.handle)
    expect(guest.broken()).toEqual([])
  })
  test('is not for NdisMFreeSharedMemory', () => {
    const { guest, get, allocate } = setUp()
    allocate()
    const virtual = get(PARAMETERS.VirtualAddress)
    guest.call('NdisMFreeSharedMemory', guest.adapter.handle, 5000, 1, virtual, virtual + PHYSICAL_OFFSET)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
  test('what is left when the adapter is gone is named', () => {
    const { guest, dmaHandle, allocate } = setUp()
    allocate()
    guest.machine.executive.adapters.ended(guest.adapter)
    expect(guest.broken()).toEqual(['Init_RegisterSG', 'DV:DmaMisuse'])
    expect(dmaHandle).toBeGreaterThan(0)
  })
})
