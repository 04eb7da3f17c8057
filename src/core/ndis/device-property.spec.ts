import { describe, expect, test } from 'vitest'
import { cell } from '../test-guest'
import { createHardwareGuest, type HardwareGuest } from '../test-hardware'
import type { Adapter } from './adapters'
import { constant } from './constants'

const TOO_SMALL = 0xc0000023 | 0
const NOT_FOUND = 0xc0000034 | 0
const INVALID_PARAMETER_2 = 0xc00000f0 | 0
const INVALID_DEVICE_REQUEST = 0xc0000010 | 0

/** The physical device object of an adapter. */
function pdo(guest: HardwareGuest, adapter: Adapter = guest.adapter): number {
  const physical = cell()
  guest.call('NdisMGetDeviceProperty', adapter.handle, physical, 0, 0, 0, 0)
  return physical.value
}
/** Asks twice, as drivers do: for the size, then for the property. */
function query(guest: HardwareGuest, device: number, name: string): { status: number; bytes: number[] } {
  const size = cell()
  const property = constant(name)
  const first = guest.call('IoGetDeviceProperty', device, property, 0, 0, size)
  if (first !== TOO_SMALL) return { status: first, bytes: [] }
  const buffer = guest.memory(size.value)
  const status = guest.call('IoGetDeviceProperty', device, property, size.value, buffer, size)
  return { status, bytes: guest.bytes(buffer, size.value) }
}
const text = (bytes: readonly number[]): string => String.fromCharCode(...bytes.filter((_byte, i) => i % 2 === 0))

describe('IoGetDeviceProperty (WDM iogetdeviceproperty)', () => {
  test.each([
    ['DevicePropertyDeviceDescription', 'copying device\0'],
    ['DevicePropertyClassName', 'Net\0'],
    ['DevicePropertyClassGuid', '{4d36e972-e325-11ce-bfc1-08002be10318}\0'],
    ['DevicePropertyEnumeratorName', 'PCI\0'],
    ['DevicePropertyPhysicalDeviceObjectName', '\\Device\\NTPNP_PCI0000\0'],
  ])('%s', (name, expected) => {
    const guest = createHardwareGuest()
    expect(text(query(guest, pdo(guest), name).bytes)).toBe(expected)
    expect(guest.broken()).toEqual([])
  })
  test('DevicePropertyHardwareID is what an INF matches, the most special first', () => {
    const guest = createHardwareGuest()
    expect(text(query(guest, pdo(guest), 'DevicePropertyHardwareID').bytes).split('\0')).toEqual([
      'PCI\\VEN_FFFE&DEV_00C0&SUBSYS_0001FFFE&REV_01',
      'PCI\\VEN_FFFE&DEV_00C0&SUBSYS_0001FFFE',
      'PCI\\VEN_FFFE&DEV_00C0&CC_028000',
      'PCI\\VEN_FFFE&DEV_00C0&CC_0280',
      '',
      '',
    ])
  })
  test.each([
    ['DevicePropertyLegacyBusType', 5],
    ['DevicePropertyBusNumber', 0],
    ['DevicePropertyAddress', 0],
    ['DevicePropertyInstallState', 0],
  ])('%s is a ULONG', (name, expected) => {
    const guest = createHardwareGuest()
    expect(query(guest, pdo(guest), name)).toEqual({ status: 0, bytes: [expected, 0, 0, 0] })
  })
  test('the resources are those of NdisMGetDeviceProperty', () => {
    const guest = createHardwareGuest()
    const [raw, translated] = [cell(), cell()]
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, 0, 0, 0, raw, translated)
    const device = pdo(guest)
    const [boot, allocated, mapped] = [
      'DevicePropertyBootConfiguration',
      'DevicePropertyAllocatedResources',
      'DevicePropertyBootConfigurationTranslated',
    ].map((name) => query(guest, device, name).bytes)
    expect(boot).toEqual(guest.bytes(raw.value, boot!.length))
    expect(allocated).toEqual(boot)
    expect(mapped).toEqual(guest.bytes(translated.value, mapped!.length))
  })
  test('what nobody set, what is no property, and what is no physical device object', () => {
    const guest = createHardwareGuest()
    const device = pdo(guest)
    expect(query(guest, device, 'DevicePropertyFriendlyName').status).toBe(NOT_FOUND)
    expect(guest.call('IoGetDeviceProperty', device, 23, 0, 0, cell())).toBe(INVALID_PARAMETER_2)
    const functional = cell()
    guest.call('NdisMGetDeviceProperty', guest.adapter.handle, 0, functional)
    expect(query(guest, functional.value, 'DevicePropertyBusNumber').status).toBe(INVALID_DEVICE_REQUEST)
  })
  test('an adapter without a device is on no bus', () => {
    const guest = createHardwareGuest()
    const device = pdo(guest, guest.machine.executive.adapters.create(0x50001, {})!)
    expect(query(guest, device, 'DevicePropertyBusNumber').status).toBe(NOT_FOUND)
    expect(text(query(guest, device, 'DevicePropertyClassName').bytes)).toBe('Net\0')
  })
  test('a buffer that is shorter than it says is reported', () => {
    const guest = createHardwareGuest()
    const device = pdo(guest)
    guest.call('IoGetDeviceProperty', device, constant('DevicePropertyBusNumber'), 9, guest.memory(8), cell())
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
})
