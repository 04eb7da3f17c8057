import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell } from '../test-guest'
import { createHardwareGuest, type HardwareGuest } from '../test-hardware'
import { constant } from './constants'

const LIST_BYTES = 8
const DESCRIPTOR_BYTES = 16
const RESOURCES = 0xc000009a | 0
const FAILURE = 0xc0000001 | 0
const [PORT, INTERRUPT, MEMORY] = [1, 2, 3]
const [EXCLUSIVE, SHARED] = [1, 3]

/** Words of the descriptors of a list: type | share << 8 | flags << 16, then three of the union. */
function descriptors(guest: HardwareGuest, list: number): number[][] {
  const { r32 } = guest.machine.kernel.space
  return Array.from({ length: r32(list + 4) }, (_unused, i) =>
    [0, 4, 8, 12].map((offset) => r32(list + LIST_BYTES + i * DESCRIPTOR_BYTES + offset)),
  )
}
const RAW = (guest: HardwareGuest): number[][] => [
  [MEMORY | (EXCLUSIVE << 8), guest.registers.start, 0, 0x100],
  [PORT | (EXCLUSIVE << 8) | (1 << 16), guest.ports.start, 0, 0x100],
  [INTERRUPT | (SHARED << 8), 9, 9, 1],
]

describe('NdisMQueryAdapterResources (PV ff553571)', () => {
  test('lists base addresses and the interrupt of the device', () => {
    const guest = createHardwareGuest()
    const [status, size] = [cell(), cell()]
    const list = guest.memory(64)
    size.value = 64
    guest.call('NdisMQueryAdapterResources', status, guest.adapter.configuration, list, size)
    expect([status.value, size.value]).toEqual([0, LIST_BYTES + 3 * DESCRIPTOR_BYTES])
    expect(guest.bytes(list, 4)).toEqual([1, 0, 1, 0])
    expect(descriptors(guest, list)).toEqual(RAW(guest))
    expect(guest.broken()).toEqual([])
  })
  test('says how much room it needs', () => {
    const guest = createHardwareGuest()
    const [status, size] = [cell(), cell()]
    for (const [list, given] of [
      [0, 0],
      [guest.memory(55), 55],
    ] as const) {
      size.value = given
      guest.call('NdisMQueryAdapterResources', status, guest.adapter.configuration, list, size)
      expect([status.value, size.value]).toEqual([RESOURCES, 56])
    }
    expect(guest.broken()).toEqual([])
  })
  test('an adapter without a device has an interrupt', () => {
    const guest = createHardwareGuest()
    const { configuration } = guest.machine.executive.adapters.create(0x50001, {})!
    const [status, size] = [cell(), cell()]
    const list = guest.memory(24)
    size.value = 24
    guest.call('NdisMQueryAdapterResources', status, configuration, list, size)
    expect(descriptors(guest, list)).toEqual([
      [INTERRUPT | (SHARED << 8), 3, 3, 1].map((word, i) => (i === 1 || i === 2 ? expect.any(Number) : word)),
    ])
  })
  test('a list that is shorter than it says, and a handle that is none, are reported', () => {
    const guest = createHardwareGuest()
    const [status, size] = [cell(), cell()]
    size.value = 64
    guest.call('NdisMQueryAdapterResources', status, guest.adapter.configuration, guest.memory(48), size)
    guest.call('NdisMQueryAdapterResources', status, guest.adapter.handle, guest.memory(64), size)
    expect(status.value).toBe(FAILURE)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'InvalidHandle'])
  })
})

describe('NdisMPciAssignResources (PV ndismpciassignresources)', () => {
  test('gives a list that NDIS keeps', () => {
    const guest = createHardwareGuest()
    const list = cell()
    expect(guest.call('NdisMPciAssignResources', guest.adapter.handle, 0, list)).toBe(0)
    expect(descriptors(guest, list.value)).toEqual(RAW(guest))
    const first = list.value
    guest.call('NdisMPciAssignResources', guest.adapter.handle, 0, list)
    expect(list.value).toBe(first)
  })
  test('only adapters on the bus have one', () => {
    const guest = createHardwareGuest()
    const { handle } = guest.machine.executive.adapters.create(0x50001, {})!
    expect(guest.call('NdisMPciAssignResources', handle, 0, cell())).toBe(FAILURE)
    expect(guest.broken()).toEqual([])
    expect(guest.call('NdisMPciAssignResources', 5, 0, cell())).toBe(FAILURE)
    expect(guest.broken()).toEqual(['InvalidHandle'])
  })
})

describe('NdisMGetDeviceProperty (DDI ndismgetdeviceproperty)', () => {
  const DEVICE = layout('DEVICE_OBJECT', 'Type', 'DriverObject', 'AttachedDevice')
  test('gives device objects and both lists; each may be left out', () => {
    const guest = createHardwareGuest()
    const { r16, r32 } = guest.machine.kernel.space
    const [physical, functional, next, raw, translated] = [cell(), cell(), cell(), cell(), cell()]
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, physical, functional, next, raw, translated)
    expect(r16(functional.value + DEVICE.Type)).toBe(3)
    expect(r32(functional.value + DEVICE.DriverObject)).toBe(guest.machine.driver.object)
    expect(r32(physical.value + DEVICE.AttachedDevice)).toBe(functional.value)
    expect(next.value).toBe(physical.value)
    // CM_RESOURCE_LIST: one full descriptor on bus 0 of type PCIBus.
    expect([0, 4, 8].map((offset) => r32(raw.value + offset))).toEqual([1, 5, 0])
    expect(descriptors(guest, raw.value + 12)).toEqual(RAW(guest))
    expect(descriptors(guest, translated.value + 12).slice(0, 2)).toEqual(RAW(guest).slice(0, 2))
    expect(descriptors(guest, translated.value + 12)[2]).not.toEqual(RAW(guest)[2])
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, 0, 0, 0, raw, 0)
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle)
    expect(guest.broken()).toEqual([])
  })
  test('the device objects are as good as any, and take no requests', () => {
    const guest = createHardwareGuest()
    const [physical, functional] = [cell(), cell()]
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, physical, functional, 0, 0, 0)
    guest.call('IoFreeWorkItem', guest.call('IoAllocateWorkItem', functional.value))
    guest.call('ObReferenceObject', functional.value)
    guest.call('ObDereferenceObject', functional.value)
    const irp = guest.call('IoAllocateIrp', 2, 0)
    const { space } = guest.machine.kernel
    space.w8(guest.call('IoGetNextIrpStackLocation', irp), constant('IRP_MJ_PNP'))
    guest.call('IoSetCompletionRoutine', irp, () => constant('STATUS_MORE_PROCESSING_REQUIRED'), 0, 1, 1, 1)
    expect(guest.call('IoCallDriver', physical.value, irp)).toBe(constant('STATUS_INVALID_DEVICE_REQUEST'))
    expect(guest.broken()).toEqual([])
    guest.call('IoDeleteDevice', functional.value)
    expect(guest.broken()).toEqual(['RegisteredDeviceDeleted'])
  })
  test('what it gave goes with the adapter', () => {
    const guest = createHardwareGuest()
    const raw = cell()
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, 0, 0, 0, raw, 0)
    guest.machine.executive.adapters.destroy(guest.adapter)
    guest.call('NdisMoveMemory', guest.memory(16), raw.value, 4)
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, 0, 0, 0, raw, 0)
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree', 'InvalidHandle'])
  })
})
