import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { cell } from '../test-guest'
import { constant } from './constants'
import { createDeviceGuest, STACK, type DeviceGuest } from './test-device'

const DEVICE = layout(
  'DEVICE_OBJECT', 'Type', 'Size', 'ReferenceCount', 'DriverObject', 'NextDevice', 'Flags', 'Characteristics',
  'DeviceExtension', 'DeviceType', 'StackSize',
) // prettier-ignore
const FIRST_DEVICE = layout('DRIVER_OBJECT', 'DeviceObject').DeviceObject
const SUCCESS = 0
const COLLISION = constant('STATUS_OBJECT_NAME_COLLISION')
const NETWORK = constant('FILE_DEVICE_NETWORK')
const SECURE_OPEN = constant('FILE_DEVICE_SECURE_OPEN')

const make = (guest: DeviceGuest, name: string, extension = 0, exclusive = 0): [status: number, device: number] => {
  const device = cell()
  const path = name === '' ? 0 : guest.text(name)
  const { object } = guest.machine.driver
  return [guest.call('IoCreateDevice', object, extension, path, NETWORK, SECURE_OPEN, exclusive, device), device.value]
}

describe('IoCreateDevice and IoDeleteDevice (WDM)', () => {
  test('make a DEVICE_OBJECT with the extension behind it, zeroed, and put it first in the list of the driver', () => {
    const guest = createDeviceGuest()
    const { space } = guest.machine.kernel
    const { object } = guest.machine.driver
    const [status, first] = make(guest, '\\Device\\A', 20, 1)
    const [, second] = make(guest, '')
    expect(status).toBe(SUCCESS)
    expect([space.r16(first + DEVICE.Type), space.r16(first + DEVICE.Size)]).toEqual([3, DEVICE.SIZE + 20])
    expect(space.r32(first + DEVICE.DriverObject)).toBe(object)
    expect(space.r32(first + DEVICE.DeviceType)).toBe(NETWORK)
    expect(space.r32(first + DEVICE.Characteristics)).toBe(SECURE_OPEN)
    expect(space.r8(first + DEVICE.StackSize)).toBe(1)
    const flags = (names: readonly string[]) => names.reduce((sum, name) => sum | constant(name), 0)
    expect(space.r32(first + DEVICE.Flags)).toBe(
      flags(['DO_DEVICE_HAS_NAME', 'DO_DEVICE_INITIALIZING', 'DO_EXCLUSIVE']),
    )
    expect(space.r32(second + DEVICE.Flags)).toBe(flags(['DO_DEVICE_INITIALIZING']))
    expect(guest.bytes(space.r32(first + DEVICE.DeviceExtension), 20)).toEqual(new Array(20).fill(0))
    expect(space.r32(second + DEVICE.DeviceExtension)).toBe(0)
    expect([space.r32(object + FIRST_DEVICE), space.r32(second + DEVICE.NextDevice)]).toEqual([second, first])
    guest.call('IoDeleteDevice', second)
    expect([space.r32(object + FIRST_DEVICE), space.r32(first + DEVICE.NextDevice)]).toEqual([first, 0])
    guest.call('IoDeleteDevice', first)
    expect(space.r32(object + FIRST_DEVICE)).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('touch outside of the extension is an overrun', () => {
    const guest = createDeviceGuest()
    const { space, access } = guest.machine.kernel
    const [, device] = make(guest, '\\Device\\A', 20)
    const extension = space.r32(device + DEVICE.DeviceExtension)
    expect(access.check(extension + 19, 1, true)).toBe(true)
    expect(guest.broken()).toEqual([])
    access.check(extension + 20, 1, true)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test('refuse a name that is taken, in any case, and one that is no path of a known directory', () => {
    const guest = createDeviceGuest()
    expect(make(guest, '\\Device\\A')[0]).toBe(SUCCESS)
    expect(make(guest, '\\DEVICE\\a')).toEqual([COLLISION, -1])
    expect(make(guest, 'A')[0]).toBe(constant('STATUS_OBJECT_PATH_SYNTAX_BAD'))
    expect(make(guest, '\\Nowhere\\A')[0]).toBe(constant('STATUS_OBJECT_PATH_NOT_FOUND'))
    expect(make(guest, '\\Device\\B')[0]).toBe(SUCCESS)
  })
  test('a name is free again after IoDeleteDevice; the memory stays while a file is open', () => {
    const guest = createDeviceGuest()
    const { space } = guest.machine.kernel
    for (const major of ['IRP_MJ_CREATE', 'IRP_MJ_CLOSE']) guest.handle(major, guest.succeed)
    const device = guest.device('Net')
    const { io } = guest.machine
    const { file } = io.open('Net')
    expect(space.r32(device + DEVICE.ReferenceCount)).toBe(1)
    guest.call('IoDeleteDevice', device)
    expect(io.open('Net').status).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
    expect(make(guest, '\\Device\\Net')[0]).toBe(SUCCESS)
    expect(guest.machine.kernel.objects.find(device, 'device object')).toBeDefined()
    io.close(file!)
    expect(guest.machine.kernel.objects.find(device, 'device object')).toBeUndefined()
  })
  test('memory that is short gives STATUS_INSUFFICIENT_RESOURCES', () => {
    const guest = createDeviceGuest()
    expect(make(guest, '\\Device\\A', 0x7fff_0000)[0]).toBe(constant('STATUS_INSUFFICIENT_RESOURCES'))
    expect(make(guest, '\\Device\\A')[0]).toBe(SUCCESS)
  })
})

describe('IoCreateDeviceSecure (WDM)', () => {
  const secure = (guest: DeviceGuest, name: string, sddl: string, characteristics = 0): number => {
    const path = name === '' ? 0 : guest.text(name)
    const { object } = guest.machine.driver
    return guest.call(
      'IoCreateDeviceSecure', object, 0, path, NETWORK, characteristics, 0, guest.text(sddl), 0, cell(),
    ) // prettier-ignore
  }
  test('wants a security descriptor in text form and a name, its own or a generated one', () => {
    const guest = createDeviceGuest()
    expect(secure(guest, '\\Device\\A', 'D:P(A;;GA;;;SY)(A;;GA;;;BA)')).toBe(SUCCESS)
    expect(secure(guest, '\\Device\\B', 'O:BAG:SYD:(A;;GA;;;SY)')).toBe(SUCCESS)
    expect(secure(guest, '\\Device\\C', 'everyone')).toBe(constant('STATUS_INVALID_SECURITY_DESCR'))
    expect(secure(guest, '', 'D:P')).toBe(constant('STATUS_INVALID_PARAMETER'))
    expect(secure(guest, '', 'D:P', constant('FILE_AUTOGENERATED_DEVICE_NAME'))).toBe(SUCCESS)
    expect(guest.broken()).toEqual([])
  })
})

describe('symbolic links (WDM IoCreateSymbolicLink, IoDeleteSymbolicLink)', () => {
  const link = (guest: DeviceGuest, name: string, target: string): number =>
    guest.call('IoCreateSymbolicLink', guest.text(name), guest.text(target))
  const unlink = (guest: DeviceGuest, name: string): number => guest.call('IoDeleteSymbolicLink', guest.text(name))

  test('\\DosDevices and \\?? are one directory; the target need not be there', () => {
    const guest = createDeviceGuest()
    expect(link(guest, '\\DosDevices\\Net', '\\Device\\Later')).toBe(SUCCESS)
    expect(link(guest, '\\??\\NET', '\\Device\\Other')).toBe(COLLISION)
    expect(guest.machine.io.open('Net').status).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
    expect(unlink(guest, '\\??\\net')).toBe(SUCCESS)
    expect(unlink(guest, '\\??\\net')).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
    expect(link(guest, 'Net', '\\Device\\A')).toBe(constant('STATUS_OBJECT_PATH_SYNTAX_BAD'))
    expect(link(guest, '\\DosDevices\\Net', 'Device')).toBe(constant('STATUS_OBJECT_PATH_SYNTAX_BAD'))
  })
  test('lead to links, and in a circle nowhere', () => {
    const guest = createDeviceGuest()
    guest.handle('IRP_MJ_CREATE', guest.succeed)
    guest.device('Net')
    link(guest, '\\DosDevices\\Alias', '\\DosDevices\\Net')
    link(guest, '\\DosDevices\\Ring1', '\\DosDevices\\Ring2')
    link(guest, '\\DosDevices\\Ring2', '\\DosDevices\\Ring1')
    expect(guest.machine.io.open('Alias').status).toBe(SUCCESS)
    expect(guest.machine.io.open('Ring1').status).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
  })
})

describe('references (WDM IoGetDeviceObjectPointer, ObReferenceObject, ObDereferenceObject)', () => {
  function referenced() {
    const guest = createDeviceGuest()
    const majors: number[] = []
    for (const major of ['IRP_MJ_CREATE', 'IRP_MJ_CLEANUP', 'IRP_MJ_CLOSE'])
      guest.handle(major, (device, irp) => {
        majors.push(guest.machine.kernel.space.r8(guest.stack(irp) + STACK.MajorFunction))
        return guest.succeed(device, irp)
      })
    const device = guest.device('Net')
    const file = cell()
    const found = cell()
    const open = (name: string): number =>
      guest.call('IoGetDeviceObjectPointer', guest.text(name), constant('FILE_READ_DATA'), file, found)
    return { guest, majors, device, file, found, open }
  }
  const [CREATE, CLEANUP, CLOSE] = ['IRP_MJ_CREATE', 'IRP_MJ_CLEANUP', 'IRP_MJ_CLOSE'].map(constant)

  test('the file object stays until its last reference; IRP_MJ_CLOSE comes then', () => {
    const { guest, majors, device, file, found, open } = referenced()
    expect(open('\\Device\\Net')).toBe(SUCCESS)
    expect(found.value).toBe(device)
    expect(majors).toEqual([CREATE, CLEANUP])
    guest.call('ObReferenceObject', file.value)
    guest.call('ObDereferenceObject', file.value)
    expect(majors.length).toBe(2)
    guest.call('ObDereferenceObject', file.value)
    expect(majors).toEqual([CREATE, CLEANUP, CLOSE])
    expect(guest.broken()).toEqual([])
  })
  test('a device object with a reference survives its deletion', () => {
    const { guest, device } = referenced()
    guest.call('ObReferenceObject', device)
    guest.call('IoDeleteDevice', device)
    expect(guest.machine.kernel.objects.find(device, 'device object')).toBeDefined()
    guest.call('ObDereferenceObject', device)
    expect(guest.machine.kernel.objects.find(device, 'device object')).toBeUndefined()
    expect(guest.broken()).toEqual([])
  })
  test('a name that leads nowhere gives its status and writes nothing', () => {
    const { file, open } = referenced()
    expect(open('\\Device\\Nothing')).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
    expect(file.value).toBe(-1)
  })
  test('what has no references is refused, one too many too', () => {
    const { guest, device } = referenced()
    guest.call('ObDereferenceObject', guest.memory(16))
    guest.call('ObDereferenceObject', device)
    expect(guest.broken()).toEqual(['InvalidHandle', 'ObjectReferenceUnderflow'])
    const unchecked = createDeviceGuest({ rules: false })
    expect(unchecked.crash(() => unchecked.call('ObReferenceObject', 0x1234)).name).toBe('REFERENCE_BY_POINTER')
  })
  test('a file that is still referenced at unload is reported', () => {
    const { guest, open } = referenced()
    open('\\Device\\Net')
    guest.machine.driver.unload()
    expect(guest.broken()).toEqual(['ObjectReferenceLeft'])
  })
})

describe('misuse of devices', () => {
  test('what is no device, and a device that is gone', () => {
    const guest = createDeviceGuest()
    const [, device] = make(guest, '')
    guest.call('IoDeleteDevice', guest.memory(DEVICE.SIZE))
    guest.call('IoDeleteDevice', device)
    guest.call('IoDeleteDevice', device)
    expect(guest.broken()).toEqual(['InvalidHandle', 'DV:SpecialPoolUseAfterFree'])
    const unchecked = createDeviceGuest({ rules: false })
    expect(unchecked.crash(() => unchecked.call('IoDeleteDevice', 0x20_0000)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
  })
  test('deleted twice while a file keeps it', () => {
    const guest = createDeviceGuest()
    guest.handle('IRP_MJ_CREATE', guest.succeed)
    const device = guest.device('Net')
    guest.machine.io.open('Net')
    guest.call('IoDeleteDevice', device)
    guest.call('IoDeleteDevice', device)
    expect(guest.broken()).toEqual(['DV:DoubleFree'])
  })
  test('names in memory that is not there', () => {
    const guest = createDeviceGuest()
    const name = guest.text('\\Device\\Net')
    guest.machine.kernel.space.w32(name + 4, 0x3f0_0000)
    guest.crash(() => guest.call('IoDeleteSymbolicLink', name))
    expect(guest.broken()).toEqual(['InvalidPointer'])
  })
})
