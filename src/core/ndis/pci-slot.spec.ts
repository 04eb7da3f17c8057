import { describe, expect, test } from 'vitest'
import { createHardwareGuest } from '../test-hardware'

const COMMAND = 4

describe.each([
  ['NdisReadPciSlotInformation', 'NdisWritePciSlotInformation', 'PV ndisreadpcislotinformation'],
  ['NdisMGetBusData', 'NdisMSetBusData', 'DDI ndismgetbusdata'],
])('%s, %s (%s)', (read, write) => {
  test('read the identity and write the command register', () => {
    const guest = createHardwareGuest()
    const { handle } = guest.adapter
    const buffer = guest.memory(64)
    expect(guest.call(read, handle, 0, 0, buffer, 4)).toBe(4)
    expect(guest.bytes(buffer, 5)).toEqual([0xfe, 0xff, 0xc0, 0, 4])
    expect(guest.call(write, handle, 0, COMMAND, guest.memory(2), 2)).toBe(2)
    guest.call(read, handle, 0, COMMAND, buffer, 2)
    // 0x0100: SERR; bus mastering and decoding are off now.
    expect(guest.bytes(buffer, 2)).toEqual([0, 1])
    expect(guest.device.busMaster()).toBe(false)
    expect(guest.broken()).toEqual([])
  })
  test('tell how many bytes there are', () => {
    const guest = createHardwareGuest()
    const buffer = guest.memory(16)
    expect(guest.call(read, guest.adapter.handle, 0, 250, buffer, 16)).toBe(6)
    expect(guest.call(read, guest.adapter.handle, 0, 256, buffer, 16)).toBe(0)
    expect(guest.call(write, guest.adapter.handle, 0, 0xffff_ffff, buffer, 16)).toBe(0)
    expect(guest.bytes(buffer, 16).slice(6)).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
  })
  test('an adapter without a device has none', () => {
    const guest = createHardwareGuest()
    const { handle } = guest.machine.executive.adapters.create(0x50001, {})!
    expect(guest.call(read, handle, 0, 0, guest.memory(4), 4)).toBe(0)
    expect(guest.call(write, handle, 0, 0, guest.memory(4), 4)).toBe(0)
  })
  test('a buffer that is too short and a handle that is none are reported', () => {
    const guest = createHardwareGuest()
    expect(guest.call(read, guest.adapter.handle, 0, 0, guest.memory(4), 5)).toBe(5)
    expect(guest.call(write, guest.adapter.handle, 0, 0, guest.memory(4), 5)).toBe(5)
    expect(guest.call(read, 77, 0, 0, guest.memory(4), 4)).toBe(0)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun', 'InvalidHandle'])
  })
})
test('NdisMGetBusData: no other space than the configuration has bytes', () => {
  const guest = createHardwareGuest()
  const PCI_WHICHSPACE_ROM = 0x5269_6350
  expect(guest.call('NdisMGetBusData', guest.adapter.handle, PCI_WHICHSPACE_ROM, 0, guest.memory(4), 4)).toBe(0)
  expect(guest.call('NdisMSetBusData', guest.adapter.handle, PCI_WHICHSPACE_ROM, 0, guest.memory(4), 4)).toBe(0)
})
