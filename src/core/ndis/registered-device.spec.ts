import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell } from '../test-guest'
import { constant } from './constants'
import { createDeviceGuest, type DeviceGuest, type Dispatch } from './test-device'

const ATTRIBUTES = layout(
  'NDIS_DEVICE_OBJECT_ATTRIBUTES', 'Header', 'DeviceName', 'SymbolicName', 'MajorFunctions', 'ExtensionSize',
) // prettier-ignore
const DEVICE = layout('DEVICE_OBJECT', 'Flags', 'DeviceExtension')
const SUCCESS = 0
const NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')

interface Options {
  readonly name?: string
  readonly link?: string
  readonly extension?: number
  readonly type?: number
  readonly table?: number
  readonly handle?: number
}
function registration(guest: DeviceGuest, functions: Readonly<Record<string, Dispatch>>, options: Options = {}) {
  const { space } = guest.machine.kernel
  const attributes = guest.memory(ATTRIBUTES.SIZE)
  space.fill(attributes, ATTRIBUTES.SIZE, 0)
  space.w8(attributes, options.type ?? constant('NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES'))
  space.w8(attributes + 1, constant('NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1'))
  space.w16(attributes + 2, constant('NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1'))
  space.w32(attributes + ATTRIBUTES.DeviceName, guest.text(options.name ?? '\\Device\\Filter'))
  space.w32(attributes + ATTRIBUTES.SymbolicName, guest.text(options.link ?? '\\DosDevices\\Filter'))
  space.w32(attributes + ATTRIBUTES.MajorFunctions, options.table ?? guest.table(functions))
  space.w32(attributes + ATTRIBUTES.ExtensionSize, options.extension ?? 0)
  const device = cell()
  const handle = cell()
  const owner = options.handle ?? guest.call('NdisAllocateGenericObject', 0, 0x31746553, 16)
  const status = guest.call('NdisRegisterDeviceEx', owner, attributes, device, handle)
  return { status, device: device.value, handle: handle.value }
}

describe('NdisRegisterDeviceEx, NdisDeregisterDeviceEx (DDI)', () => {
  test('make a device with its link that can be opened at once, and take both away', () => {
    const guest = createDeviceGuest()
    const { io, kernel } = guest.machine
    const functions = { IRP_MJ_CREATE: guest.succeed, IRP_MJ_CLOSE: guest.succeed }
    const { status, device, handle } = registration(guest, functions)
    expect(status).toBe(SUCCESS)
    expect(kernel.space.r32(device + DEVICE.Flags) & constant('DO_DEVICE_INITIALIZING')).toBe(0)
    const { file } = io.open('\\\\.\\Filter')
    io.close(file!)
    guest.call('NdisDeregisterDeviceEx', handle)
    expect(io.open('Filter').status).toBe(NOT_FOUND)
    expect(io.open('\\Device\\Filter').status).toBe(NOT_FOUND)
    expect(kernel.objects.find(device, 'device object')).toBeUndefined()
    expect(guest.broken()).toEqual([])
  })
  test('the table counts, not MajorFunction of the driver object; what is not in it is refused', () => {
    const guest = createDeviceGuest()
    guest.handle('IRP_MJ_READ', guest.succeed)
    registration(guest, { IRP_MJ_CREATE: guest.succeed })
    const { io } = guest.machine
    const { file } = io.open('Filter')
    expect(io.read(file!, 4).status).toBe(constant('STATUS_INVALID_DEVICE_REQUEST'))
  })
  test('a name that is taken leaves nothing behind', () => {
    const guest = createDeviceGuest()
    registration(guest, {})
    expect(registration(guest, {}).status).toBe(constant('STATUS_OBJECT_NAME_COLLISION'))
    const second = registration(guest, {}, { name: '\\Device\\Second' })
    expect(second).toMatchObject({ status: constant('STATUS_OBJECT_NAME_COLLISION'), device: 0 })
    expect(registration(guest, {}, { name: '\\Device\\Second', link: '\\DosDevices\\Second' }).status).toBe(SUCCESS)
  })
  test('the caller must be an NDIS driver, and the attributes must be attributes', () => {
    const guest = createDeviceGuest()
    expect(registration(guest, {}, { handle: 0x1234 }).status).toBe(constant('NDIS_STATUS_NOT_SUPPORTED'))
    expect(registration(guest, {}, { type: 0x80 }).status).toBe(constant('NDIS_STATUS_INVALID_PARAMETER'))
  })
  test('wrong handles, tables and moments are reported', () => {
    const guest = createDeviceGuest()
    const { handle, device } = registration(guest, { IRP_MJ_CREATE: guest.succeed })
    guest.call('IoDeleteDevice', device)
    guest.call('NdisDeregisterDeviceEx', device)
    guest.machine.io.open('Filter')
    guest.call('NdisDeregisterDeviceEx', handle)
    guest.call('NdisDeregisterDeviceEx', handle)
    expect(guest.broken()).toEqual([
      'RegisteredDeviceDeleted',
      'InvalidHandle',
      'DeviceDeregisteredWhileOpen',
      'InvalidHandle',
    ])
    guest.crash(() => registration(guest, {}, { name: '\\Device\\X', link: '\\DosDevices\\X', table: 0x10 }))
    expect(guest.broken().at(-1)).toBe('NullCheck')
  })
})

describe('NdisGetDeviceReservedExtension (DDI)', () => {
  test("gives the driver's part of the extension; NDIS keeps its own at the start", () => {
    const guest = createDeviceGuest()
    const { space, access } = guest.machine.kernel
    const { device } = registration(guest, {}, { extension: 12 })
    const extension = guest.call('NdisGetDeviceReservedExtension', device)
    expect(guest.bytes(extension, 12)).toEqual(new Array(12).fill(0))
    expect(access.check(extension + 11, 1, true)).toBe(true)
    expect(guest.broken()).toEqual([])
    const own = space.r32(device + DEVICE.DeviceExtension)
    expect(own).toBeLessThan(extension)
    expect(access.check(own, 4, true)).toBe(false)
    access.check(extension + 12, 1, true)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test('is NULL where there is none', () => {
    const guest = createDeviceGuest()
    expect(guest.call('NdisGetDeviceReservedExtension', registration(guest, {}).device)).toBe(0)
    expect(guest.call('NdisGetDeviceReservedExtension', guest.device('Net'))).toBe(0)
    expect(guest.call('NdisGetDeviceReservedExtension', guest.memory(184))).toBe(0)
  })
})

describe('NdisMRegisterDevice, NdisMDeregisterDevice (PV)', () => {
  function registered(wrapper?: number) {
    const guest = createDeviceGuest()
    const handle = cell()
    guest.call('NdisMInitializeWrapper', handle, guest.machine.driver.object, 0x10_0000, 0)
    const device = cell()
    const registration = cell()
    const status = guest.call(
      'NdisMRegisterDevice', wrapper ?? handle.value, guest.text('\\Device\\Mini'), guest.text('\\DosDevices\\Mini'),
      guest.table({ IRP_MJ_CREATE: guest.succeed, IRP_MJ_CLOSE: guest.succeed }), device, registration,
    ) // prettier-ignore
    return { guest, status, device: device.value, registration: registration.value }
  }
  test('do the same for drivers of NDIS 5', () => {
    const { guest, status, registration } = registered()
    const { io } = guest.machine
    expect(status).toBe(SUCCESS)
    io.close(io.open('Mini').file!)
    expect(guest.call('NdisMDeregisterDevice', registration)).toBe(SUCCESS)
    expect(io.open('Mini').status).toBe(NOT_FOUND)
    expect(guest.broken()).toEqual([])
  })
  test('an open file at deregistration is a system error by the page, and a wrong handle is refused', () => {
    const { guest, registration } = registered()
    guest.machine.io.open('Mini')
    guest.call('NdisMDeregisterDevice', registration)
    guest.call('NdisMDeregisterDevice', registration)
    expect(guest.broken()).toEqual(['DeviceDeregisteredWhileOpen', 'InvalidHandle'])
    expect(registered(0x1234).status).toBe(constant('NDIS_STATUS_NOT_SUPPORTED'))
    const unchecked = createDeviceGuest({ rules: false })
    expect(unchecked.crash(() => unchecked.call('NdisMDeregisterDevice', 8)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
})
