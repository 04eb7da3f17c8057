import { expect, test } from 'vitest'
import { PHYSICAL_OFFSET } from '../memory/map'
import { constant } from '../ndis/constants'
import { COPY_REGISTER } from '../nic/copy-device'
import { cell } from '../test-guest'
import { createHardwareGuest } from '../test-hardware'

/** Two blocks of shared memory of 64 bytes, and a device that copies by physical address. */
function setUp(rules = true) {
  const guest = createHardwareGuest({ rules })
  guest.adapter.attributeFlags = constant('NDIS_ATTRIBUTE_BUS_MASTER')
  guest.call('NdisMAllocateMapRegisters', guest.adapter.handle, 0, constant('NDIS_DMA_32BITS'), 4, 1514)
  function shared(): number {
    const address = cell()
    guest.call('NdisMAllocateSharedMemory', guest.adapter.handle, 64, 1, address, guest.memory(8))
    return address.value
  }
  function copy(source: number, target: number, length: number): void {
    guest.store(COPY_REGISTER.SOURCE, source + PHYSICAL_OFFSET)
    guest.store(COPY_REGISTER.TARGET, target + PHYSICAL_OFFSET)
    guest.store(COPY_REGISTER.LENGTH, length)
    guest.store(COPY_REGISTER.DOORBELL, 1)
  }
  return { guest, shared, copy, from: shared(), to: shared() }
}

test('shared memory is reached, all of it', () => {
  const { guest, copy, from, to } = setUp()
  guest.machine.kernel.space.w8(from + 63, 7)
  copy(from, to, 64)
  expect(guest.machine.kernel.space.r8(to + 63)).toBe(7)
  expect(guest.broken()).toEqual([])
})
test('a byte behind it is not, nor what was freed; the transfer takes place nevertheless', () => {
  const { guest, copy, from, to } = setUp()
  guest.call('NdisMFreeSharedMemory', guest.adapter.handle, 64, 1, from, from + PHYSICAL_OFFSET)
  const { space, site } = guest.machine.kernel
  space.w8(from, 9)
  copy(from, to, 64)
  expect(space.r8(to)).toBe(9)
  site.s++
  copy(to, to, 65)
  expect(guest.broken()).toEqual(['DmaNotMapped', 'DmaNotMapped'])
  expect(guest.machine.kernel.verifier.violations[0]!.message).toContain('not any more')
})
test('a buffer is reached between NdisMStart- and NdisMCompleteBufferPhysicalMapping, in their direction', () => {
  const { guest, copy, to } = setUp()
  const data = guest.memory(64)
  const buffer = guest.call('NdisAllocateMdl', 0, data, 64)
  const map = (toDevice: number): number =>
    guest.call('NdisMStartBufferPhysicalMapping', guest.adapter.handle, buffer, 0, toDevice, guest.memory(16), cell())
  const unmap = (): number => guest.call('NdisMCompleteBufferPhysicalMapping', guest.adapter.handle, buffer, 0)
  map(1)
  copy(data, to, 64)
  expect(guest.broken()).toEqual([])
  unmap()
  copy(data, to, 64)
  expect(guest.broken()).toEqual(['DmaNotMapped'])
  map(0)
  copy(data, to, 64)
  expect(guest.broken()).toEqual(['DmaNotMapped', 'DmaNotMapped'])
  expect(guest.machine.kernel.verifier.violations[1]!.message).toContain('to write only')
})
test('nothing is looked at when the rules are off', () => {
  const { guest, copy, from } = setUp(false)
  copy(from, guest.memory(64), 64)
  expect(guest.broken()).toEqual([])
})
