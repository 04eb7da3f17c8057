import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { MachineOptions } from '../machine'
import { createDmaGuest } from '../test-dma'
import { cell } from '../test-guest'
import { constant } from './constants'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const UNIT = layout('NDIS_PHYSICAL_ADDRESS_UNIT', 'PhysicalAddress', 'Length')
const NDIS51 = 0x5_0001

function setUp(options: MachineOptions = {}) {
  const guest = createDmaGuest(options, NDIS51)
  const { space } = guest.machine.kernel
  const { handle } = guest.adapter
  const allocate = (count = 4, maximum = 1512): number =>
    guest.call('NdisMAllocateMapRegisters', handle, 0, constant('NDIS_DMA_32BITS'), count, maximum) | 0
  const array = guest.memory(UNIT.SIZE * 8)
  function start(buffer: number, register: number, toDevice = 1, into = array) {
    const size = cell()
    guest.call('NdisMStartBufferPhysicalMapping', handle, buffer, register, toDevice, into, size)
    return Array.from({ length: Math.max(0, size.value) }, (_unused, i) => ({
      address: Number(space.r64(into + i * UNIT.SIZE + UNIT.PhysicalAddress)) - PHYSICAL_OFFSET,
      length: space.r32(into + i * UNIT.SIZE + UNIT.Length),
    }))
  }
  const complete = (buffer: number, register: number): number =>
    guest.call('NdisMCompleteBufferPhysicalMapping', handle, buffer, register)
  const free = (): number => guest.call('NdisMFreeMapRegisters', handle)
  const message = (): string => guest.machine.kernel.verifier.violations.at(-1)?.message ?? ''
  return { guest, allocate, start, complete, free, message }
}

describe('NdisMAllocateMapRegisters (PV ff552300)', () => {
  test('1512 bytes touch two pages, so that 32 buffers are the most there can be', () => {
    expect(setUp().allocate(32, 1512)).toBe(NDIS_STATUS_SUCCESS)
    const { guest, allocate } = setUp()
    expect(allocate(33, 1512)).toBe(NDIS_STATUS_RESOURCES)
    expect(allocate(0, 1512)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['MapRegisterLimit', 'MapRegisterLimit'])
  })
  test('the attributes must say bus master before', () => {
    const { guest, allocate } = setUp()
    guest.adapter.attributeFlags = 0
    expect(allocate()).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['BusMasterNotDeclared'])
  })
  test('once; again after NdisMFreeMapRegisters', () => {
    const { guest, allocate, free } = setUp()
    allocate()
    expect(allocate()).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    free()
    expect(allocate()).toBe(NDIS_STATUS_SUCCESS)
    free()
    free()
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'DV:DmaMisuse'])
  })
  test('what MiniportHalt leaves is reported', () => {
    const { guest, allocate } = setUp()
    allocate()
    guest.machine.executive.adapters.ended(guest.adapter)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
  })
})

describe.each(['nt', 'ce'] as const)('mappings on %s (PV ff553646, ff553460; CE ms904065)', (platform) => {
  test('a piece for each page of the buffer, until the mapping ends', () => {
    const { guest, allocate, start, complete, free } = setUp({ platform })
    allocate(4, 5000)
    const memory = guest.memory(16384)
    const address = ((memory + 4095) & -4096) + 4096 - 904
    const buffer = guest.call('NdisAllocateMdl', 0, address, 5000)
    expect(start(buffer, 3)).toEqual([
      { address, length: 904 },
      { address: address + 904, length: 4096 },
    ])
    const { reach } = guest.machine.dma.mappings
    expect(reach(address + PHYSICAL_OFFSET, 5000, 'read')).toBe('mapped')
    expect(reach(address + PHYSICAL_OFFSET, 5000, 'write')).toBe('mapped the other way')
    complete(buffer, 3)
    expect(reach(address + PHYSICAL_OFFSET, 1, 'read')).toBe('not mapped')
    free()
    expect(guest.broken()).toEqual([])
  })
})

describe('misuse of map registers', () => {
  function mapped(options: MachineOptions = {}) {
    const parts = setUp(options)
    parts.allocate()
    const buffer = parts.guest.chain(100)
    parts.start(buffer, 0)
    return { ...parts, buffer }
  }
  test('one that is in use; CE does not number them', () => {
    const { guest, start, message } = mapped()
    start(guest.chain(100), 0)
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    expect(message()).toContain('maps the buffer')
    const ce = mapped({ platform: 'ce' })
    ce.start(ce.guest.chain(100), 0)
    ce.start(ce.guest.chain(100), 99)
    expect(ce.guest.broken()).toEqual([])
  })
  test('one that there is not', () => {
    const { guest, start } = mapped()
    expect(start(guest.chain(100), 4)).toEqual([])
    expect(guest.broken()).toEqual(['MapRegisterIndex'])
  })
  test('a mapping that ended already, or of another buffer', () => {
    const { guest, buffer, complete, start, message } = mapped()
    complete(buffer, 0)
    complete(buffer, 0)
    expect(message()).toContain('not there')
    start(buffer, 1)
    complete(guest.chain(8), 1)
    expect(message()).toContain('not the one')
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'DV:DmaMisuse'])
  })
  test('a mapping left open at NdisMFreeMapRegisters and at the end of the adapter', () => {
    const { guest, free, message } = mapped()
    free()
    expect(message()).toContain('still mapped')
    expect(guest.broken()).toEqual(['DV:DmaMisuse'])
    const halted = mapped()
    halted.guest.machine.executive.adapters.ended(halted.guest.adapter)
    expect(halted.guest.machine.kernel.verifier.count()).toBe(2)
  })
  test('a buffer longer than MaximumPhysicalMapping', () => {
    const { guest, start } = mapped()
    start(guest.chain(1513), 1)
    expect(guest.broken()).toEqual(['MapRegisterLength'])
  })
  test('an MDL without pages', () => {
    const { guest, start } = mapped()
    expect(start(guest.call('IoAllocateMdl', guest.memory(64), 64, 0, 0, 0), 1)).toEqual([])
    expect(guest.broken()).toEqual(['MdlNotBuilt'])
  })
  test('an array with too little room', () => {
    const { guest, start, buffer } = mapped()
    start(buffer, 1, 1, guest.memory(UNIT.SIZE - 1))
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test('no map registers at all', () => {
    const { guest, start, complete, free } = setUp()
    const buffer = guest.chain(8)
    expect(start(buffer, 0)).toEqual([])
    complete(buffer, 0)
    free()
    expect(guest.broken()).toEqual(['DV:DmaMisuse', 'DV:DmaMisuse', 'DV:DmaMisuse'])
  })
})
