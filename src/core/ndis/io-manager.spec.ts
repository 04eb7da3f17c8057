import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { CONTROL } from './irp-layout'
import { createDeviceGuest, IRP, STACK, type DeviceGuest } from './test-device'

const SUCCESS = 0
const PENDING = constant('STATUS_PENDING')
const CANCELLED = constant('STATUS_CANCELLED')
const READ_LENGTH = layout('IO_STACK_LOCATION', 'Parameters.Read.Length')['Parameters.Read.Length']
const FILE_NAME = layout('FILE_OBJECT', 'FileName')['FileName']

const code = (guest: DeviceGuest, method: string, access = 'FILE_ANY_ACCESS'): number =>
  guest.call('CTL_CODE', constant('FILE_DEVICE_NETWORK'), 0x801, constant(method), constant(access))

/** A guest whose device takes CREATE, CLEANUP and CLOSE, and notes the major codes in their order. */
function opened(flags = 0, options = {}) {
  const guest = createDeviceGuest(options)
  const seen: number[] = []
  const note = (device: number, irp: number): number => {
    seen.push(guest.machine.kernel.space.r8(guest.stack(irp) + STACK.MajorFunction))
    return guest.succeed(device, irp)
  }
  for (const major of ['IRP_MJ_CREATE', 'IRP_MJ_CLEANUP', 'IRP_MJ_CLOSE']) guest.handle(major, note)
  const device = guest.device('Net', flags)
  const { io, kernel } = guest.machine
  const { status, file } = io.open('\\\\.\\Net')
  if (!file) throw new Error(`open gave ${status}`)
  return { ...guest, guest, device, io, space: kernel.space, file, seen }
}

describe('opening a device (WDM, DispatchCreate, DispatchCleanup, DispatchClose)', () => {
  test('sends IRP_MJ_CREATE, and at the end IRP_MJ_CLEANUP and IRP_MJ_CLOSE, at PASSIVE_LEVEL', () => {
    const { io, file, seen, guest } = opened()
    expect(seen).toEqual([constant('IRP_MJ_CREATE')])
    expect(io.close(file)).toBe(SUCCESS)
    expect(seen).toEqual(['IRP_MJ_CREATE', 'IRP_MJ_CLEANUP', 'IRP_MJ_CLOSE'].map(constant))
    expect(io.close(file)).toBe(constant('STATUS_INVALID_HANDLE'))
    expect(io.read(file, 4).status).toBe(constant('STATUS_INVALID_HANDLE'))
    expect(guest.broken()).toEqual([])
  })
  test('by any spelling of its name; what follows is the file name', () => {
    const guest = createDeviceGuest()
    const names: number[] = []
    guest.handle('IRP_MJ_CREATE', (device, irp) => {
      names.push(guest.machine.kernel.space.r32(guest.stack(irp) + STACK.FileObject) + FILE_NAME)
      return guest.succeed(device, irp)
    })
    guest.device('Net')
    const { io, kernel } = guest.machine
    for (const name of [
      'net',
      '\\\\.\\NET',
      '\\DosDevices\\Net',
      '\\??\\net',
      '\\Device\\Net',
      '\\DosDevices\\Global\\Net',
    ])
      expect(io.open(name).status, name).toBe(SUCCESS)
    expect(io.open('\\\\.\\Net\\Port1').status).toBe(SUCCESS)
    const last = names.at(-1)!
    expect([kernel.space.r16(last), kernel.space.r16(kernel.space.r32(last + 4))]).toEqual([12, '\\'.charCodeAt(0)])
    expect(kernel.space.r16(names[0]!)).toBe(0)
    expect(io.open('Nett').status).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
    expect(io.open('Ne').status).toBe(constant('STATUS_OBJECT_NAME_NOT_FOUND'))
  })
  test('fails as the driver says, and without a CREATE function; no CLOSE follows then', () => {
    const guest = createDeviceGuest()
    const closed: number[] = []
    guest.handle('IRP_MJ_CLOSE', (_device, irp) => closed.push(irp))
    guest.device('Net')
    expect(guest.machine.io.open('Net')).toEqual({ status: constant('STATUS_INVALID_DEVICE_REQUEST'), file: undefined })
    guest.handle('IRP_MJ_CREATE', (_device, irp) => guest.complete(irp, constant('STATUS_ACCESS_DENIED')))
    expect(guest.machine.io.open('Net').status).toBe(constant('STATUS_ACCESS_DENIED'))
    expect(closed).toEqual([])
    expect(guest.broken()).toEqual([])
  })
  test('of an exclusive device works once', () => {
    const guest = createDeviceGuest()
    guest.handle('IRP_MJ_CREATE', guest.succeed)
    const device = { value: 0 }
    guest.call('IoCreateDevice', guest.machine.driver.object, 0, guest.text('\\Device\\One'), 0x12, 0, 1, device)
    guest.machine.driver.start()
    const { io } = guest.machine
    const first = io.open('\\Device\\One')
    expect(first.status).toBe(SUCCESS)
    expect(io.open('\\Device\\One').status).toBe(constant('STATUS_ACCESS_DENIED'))
    io.close(first.file!)
    expect(io.open('\\Device\\One').status).toBe(SUCCESS)
  })
  test('waits for DO_DEVICE_INITIALIZING, which the loader clears after DriverEntry only', () => {
    const guest = createDeviceGuest()
    guest.handle('IRP_MJ_CREATE', guest.succeed)
    const { driver, io } = guest.machine
    const made = { value: 0 }
    const create = (name: string) => guest.call('IoCreateDevice', driver.object, 0, guest.text(name), 0x12, 0, 0, made)
    driver.load(() => create('\\Device\\Early'))
    driver.start()
    create('\\Device\\Late')
    expect(io.open('\\Device\\Early').status).toBe(SUCCESS)
    expect(io.open('\\Device\\Late').status).toBe(constant('STATUS_NO_SUCH_DEVICE'))
    expect(guest.broken()).toEqual(['DeviceStillInitializing'])
  })
})

describe('device control (WDM, buffer descriptions for I/O control codes)', () => {
  test('METHOD_BUFFERED: one system buffer both ways, Information bytes are copied back', () => {
    const { guest, io, file, space } = opened()
    guest.handle('IRP_MJ_DEVICE_CONTROL', (_device, irp) => {
      const stack = guest.stack(irp)
      expect([CONTROL.InputLength, CONTROL.OutputLength].map((field) => space.r32(stack + field))).toEqual([3, 6])
      expect(space.r8(irp + IRP.RequestorMode)).toBe(constant('UserMode'))
      const buffer = space.r32(irp + IRP.SystemBuffer)
      for (let i = 0; i < 6; i++) space.w8(buffer + i, i < 3 ? space.r8(buffer + i) + 1 : 0xee)
      return guest.complete(irp, SUCCESS, 4)
    })
    const result = io.deviceIoControl(file, code(guest, 'METHOD_BUFFERED'), Uint8Array.of(1, 2, 3), 6)
    expect(result).toMatchObject({ status: SUCCESS, information: 4 })
    expect([...result.output]).toEqual([2, 3, 4, 0xee, 0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('METHOD_BUFFERED: nothing is copied after an error, and no buffer means NULL', () => {
    const { guest, io, file, space } = opened()
    const buffers: number[] = []
    guest.handle('IRP_MJ_DEVICE_CONTROL', (_device, irp) => {
      buffers.push(space.r32(irp + IRP.SystemBuffer))
      return guest.complete(irp, constant('STATUS_INVALID_PARAMETER'), 4)
    })
    const result = io.deviceIoControl(file, code(guest, 'METHOD_BUFFERED'), Uint8Array.of(1, 2, 3), 4)
    expect([...result.output]).toEqual([0, 0, 0, 0])
    expect(io.deviceIoControl(file, code(guest, 'METHOD_BUFFERED')).status).toBe(constant('STATUS_INVALID_PARAMETER'))
    expect(buffers[0]).not.toBe(0)
    expect(buffers[1]).toBe(0)
  })
  test.each(['METHOD_OUT_DIRECT', 'METHOD_IN_DIRECT'])('%s: input in a system buffer, the rest in an MDL', (method) => {
    const { guest, io, file, space } = opened()
    guest.handle('IRP_MJ_DEVICE_CONTROL', (_device, irp) => {
      const mdl = space.r32(irp + IRP.MdlAddress)
      expect(space.r8(space.r32(irp + IRP.SystemBuffer))).toBe(7)
      expect(guest.call('MmGetMdlByteCount', mdl)).toBe(4)
      const address = guest.call('MmGetSystemAddressForMdlSafe', mdl, constant('NormalPagePriority'))
      expect(space.r8(address)).toBe(9)
      space.w8(address + 1, 8)
      return guest.complete(irp, SUCCESS, 2)
    })
    const result = io.deviceIoControl(file, code(guest, method), Uint8Array.of(7), Uint8Array.of(9, 0, 0, 0))
    expect([...result.output]).toEqual([9, 8, 0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('METHOD_NEITHER: the addresses of the application', () => {
    const { guest, io, file, space } = opened()
    guest.handle('IRP_MJ_DEVICE_CONTROL', (_device, irp) => {
      const input = space.r32(guest.stack(irp) + CONTROL.Type3InputBuffer)
      expect([space.r32(irp + IRP.SystemBuffer), space.r32(irp + IRP.MdlAddress)]).toEqual([0, 0])
      space.w8(space.r32(irp + IRP.UserBuffer), space.r8(input) * 2)
      return guest.complete(irp, SUCCESS, 1)
    })
    const result = io.deviceIoControl(file, code(guest, 'METHOD_NEITHER'), Uint8Array.of(21), 1)
    expect([...result.output]).toEqual([42])
  })
  test('a code that demands access which the handle lacks does not reach the driver', () => {
    const { guest, io } = opened()
    let calls = 0
    guest.handle('IRP_MJ_DEVICE_CONTROL', (device, irp) => {
      calls++
      return guest.succeed(device, irp)
    })
    const { file } = io.open('Net', { read: true, write: false })
    expect(io.deviceIoControl(file!, code(guest, 'METHOD_BUFFERED', 'FILE_READ_ACCESS')).status).toBe(SUCCESS)
    expect(io.deviceIoControl(file!, code(guest, 'METHOD_BUFFERED', 'FILE_WRITE_ACCESS')).status).toBe(
      constant('STATUS_ACCESS_DENIED'),
    )
    expect(io.write(file!, Uint8Array.of(1)).status).toBe(constant('STATUS_ACCESS_DENIED'))
    expect(calls).toBe(1)
  })
  test('the macros of control codes take them apart again', () => {
    const { guest } = opened()
    const value = code(guest, 'METHOD_OUT_DIRECT', 'FILE_WRITE_ACCESS')
    expect(value).toBe(0x12_a006)
    expect(guest.call('DEVICE_TYPE_FROM_CTL_CODE', value)).toBe(0x12)
    expect(guest.call('METHOD_FROM_CTL_CODE', value)).toBe(2)
  })
})

describe('reading and writing (WDM, methods for accessing data buffers)', () => {
  test.each([
    ['DO_BUFFERED_IO', IRP.SystemBuffer],
    ['DO_DIRECT_IO', IRP.MdlAddress],
    ['', IRP.UserBuffer],
  ])('a device with %s', (flag, member) => {
    const { guest, io, file, space } = opened(flag === '' ? 0 : constant(flag))
    const address = (irp: number): number => {
      const value = space.r32(irp + member)
      return flag === 'DO_DIRECT_IO' ? guest.call('MmGetSystemAddressForMdlSafe', value, 16) : value
    }
    guest.handle('IRP_MJ_READ', (_device, irp) => {
      expect(space.r32(guest.stack(irp) + READ_LENGTH)).toBe(4)
      space.w16(address(irp), 0x2211)
      return guest.complete(irp, SUCCESS, 2)
    })
    const written: number[] = []
    guest.handle('IRP_MJ_WRITE', (_device, irp) => {
      written.push(space.r8(address(irp) + 2))
      return guest.complete(irp, SUCCESS, 3)
    })
    const result = io.read(file, 4)
    expect([result.information, ...result.output]).toEqual([2, 0x11, 0x22, 0, 0])
    expect(io.write(file, Uint8Array.of(1, 2, 3))).toMatchObject({ status: SUCCESS, information: 3 })
    expect(written).toEqual([3])
    expect(guest.broken()).toEqual([])
  })
  test('more bytes in Information than the buffer has are reported and not copied', () => {
    const { guest, io, file } = opened(constant('DO_BUFFERED_IO'))
    guest.handle('IRP_MJ_READ', (_device, irp) => guest.complete(irp, SUCCESS, 5))
    expect(io.read(file, 4).output.length).toBe(4)
    expect(guest.broken()).toEqual(['IrpInformationTooLarge'])
  })
})

/** A driver that keeps its reads until somebody completes or cancels them. */
function pending(cancellable: boolean, cleanup: (guest: DeviceGuest, irps: number[]) => void) {
  const opening = opened(constant('DO_BUFFERED_IO'))
  const { guest, space } = opening
  const irps: number[] = []
  const cancelRoutine = (_device: number, irp: number): void => {
    guest.call('IoReleaseCancelSpinLock', space.r8(irp + IRP.CancelIrql))
    irps.splice(irps.indexOf(irp), 1)
    guest.complete(irp, CANCELLED)
  }
  guest.handle('IRP_MJ_READ', (_device, irp) => {
    guest.call('IoMarkIrpPending', irp)
    irps.push(irp)
    if (cancellable) guest.call('IoSetCancelRoutine', irp, cancelRoutine)
    return PENDING
  })
  guest.handle('IRP_MJ_CLEANUP', (device, irp) => {
    cleanup(guest, irps)
    return guest.succeed(device, irp)
  })
  return { ...opening, irps }
}
const cancelAll = (guest: DeviceGuest, irps: number[]): void => {
  for (const irp of irps.splice(0)) {
    guest.call('IoSetCancelRoutine', irp, 0)
    guest.complete(irp, CANCELLED)
  }
}

describe('pending requests', () => {
  test('end when the driver completes them, from any thread', () => {
    const { io, file, irps, guest, space } = pending(false, cancelAll)
    const request = io.beginRead(file, 4)
    expect([request.done, request.status]).toEqual([false, PENDING])
    const { scheduler } = guest.machine.kernel
    const run = (): void => {
      const [irp] = irps.splice(0)
      space.w32(space.r32(irp! + IRP.SystemBuffer), 0x44332211)
      guest.complete(irp!, SUCCESS, 4)
    }
    scheduler.queueDpc(0, { name: 'dpc', kind: 2, irql: 2, run })
    const result = io.wait(request)
    expect([result.status, ...result.output]).toEqual([SUCCESS, 0x11, 0x22, 0x33, 0x44])
    expect(io.cancel(request)).toBe(false)
    io.close(file)
    expect(guest.broken()).toEqual([])
  })
  test('are cancelled through their cancel routine, under the cancel lock', () => {
    const { io, file, guest, irps } = pending(true, cancelAll)
    const request = io.beginRead(file, 4)
    expect(io.cancel(request)).toBe(true)
    expect([request.done, request.status, irps]).toEqual([true, CANCELLED, []])
    expect(guest.machine.kernel.cpus.irql()).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('are cancelled when they do not end in time', () => {
    const { io, file, guest } = pending(true, cancelAll)
    expect(io.read(file, 4).status).toBe(CANCELLED)
    expect(guest.broken()).toEqual([])
  })
  test('that nothing ends are reported', () => {
    const { io, file, guest } = pending(false, cancelAll)
    expect(io.read(file, 4).status).toBe(PENDING)
    expect(guest.broken()).toEqual(['IrpNeverCompleted'])
  })
  test('of a file are ended by its IRP_MJ_CLEANUP; IRP_MJ_CLOSE comes after the last one', () => {
    const { io, file, guest, seen } = pending(true, cancelAll)
    const requests = [io.beginRead(file, 4), io.beginRead(file, 4)]
    expect(io.close(file)).toBe(SUCCESS)
    expect(requests.map(({ status }) => status)).toEqual([CANCELLED, CANCELLED])
    expect(seen.at(-1)).toBe(constant('IRP_MJ_CLOSE'))
    expect(guest.broken()).toEqual([])
  })
  test('that IRP_MJ_CLEANUP leaves are reported, and cancelled as at the end of the process', () => {
    const { io, file, guest, seen } = pending(true, () => undefined)
    const request = io.beginRead(file, 4)
    io.close(file)
    expect(guest.broken()).toEqual(['IrpLeftAfterCleanup'])
    expect(request.status).toBe(CANCELLED)
    expect(seen.at(-1)).toBe(constant('IRP_MJ_CLOSE'))
  })
  test('are cancelled and their files closed before the driver is unloaded', () => {
    const { io, file, guest, seen } = pending(true, cancelAll)
    const request = io.beginRead(file, 4)
    guest.machine.driver.unload()
    expect(request.status).toBe(CANCELLED)
    expect(seen.at(-1)).toBe(constant('IRP_MJ_CLOSE'))
    expect(guest.broken()).toEqual([])
  })
})

test('without rules and on every platform requests go the same way', () => {
  for (const options of [{ rules: false }, { platform: 'ce' as const }, { cpus: 4, seed: 7 }]) {
    const { io, file, guest } = opened(constant('DO_BUFFERED_IO'), options)
    guest.handle('IRP_MJ_READ', (_device, irp) => guest.complete(irp, SUCCESS, 0))
    expect(io.read(file, 1).status).toBe(SUCCESS)
    expect(io.close(file)).toBe(SUCCESS)
  }
})
