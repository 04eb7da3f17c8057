import type { DriverFunction } from '../kernel/text'
import { cell, createGuest, type Guest } from '../test-guest'
import type { MachineOptions } from '../machine'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { IRP, MAJOR_FUNCTIONS, STACK } from './irp-layout'

const FLAGS = layout('DEVICE_OBJECT', 'Flags').Flags
const MAJOR_FUNCTION = layout('DRIVER_OBJECT', 'MajorFunction').MajorFunction

/** For specs: a dispatch function of a guest driver. */
export type Dispatch = (device: number, irp: number) => number

/** For specs: a guest with a driver that handles I/O requests. */
export interface DeviceGuest extends Guest {
  /** A UNICODE_STRING in memory of the driver. */
  text(text: string): number
  /** Sets the dispatch function of the driver object. */
  handle(major: string, dispatch: Dispatch): void
  /** An array of 28 function pointers. */
  table(functions: Readonly<Record<string, Dispatch>>): number
  /** The device object of IoCreateDevice with its symbolic link, ready to be opened. */
  device(name: string, flags?: number): number
  /** IoCompleteRequest with the status; it is also the result. */
  complete(irp: number, status: number, information?: number): number
  /** A dispatch function that completes everything with STATUS_SUCCESS. */
  readonly succeed: Dispatch
  /** Address of the current stack location. */
  stack(irp: number): number
}

export function createDeviceGuest(options: MachineOptions = {}): DeviceGuest {
  const guest = createGuest(options)
  const { kernel, driver } = guest.machine
  const { space, text: code } = kernel

  function text(value: string): number {
    const counted = guest.memory(8)
    const buffer = value === '' ? 0 : guest.memory(2 * value.length)
    for (let i = 0; i < value.length; i++) space.w16(buffer + 2 * i, value.charCodeAt(i))
    space.w16(counted, 2 * value.length)
    space.w16(counted + 2, 2 * value.length)
    space.w32(counted + 4, buffer)
    return counted
  }
  const addressOf = (dispatch: Dispatch): number => code.addressOf(dispatch as DriverFunction)
  function complete(irp: number, status: number, information = 0): number {
    space.w32(irp + IRP.Status, status)
    space.w32(irp + IRP.Information, information)
    guest.call('IoCompleteRequest', irp, 0)
    return status
  }
  return {
    ...guest,
    text,
    complete,
    succeed: (_device, irp) => complete(irp, 0),
    handle: (major, dispatch) => space.w32(driver.object + MAJOR_FUNCTION + 4 * constant(major), addressOf(dispatch)),
    table(functions) {
      const table = guest.memory(4 * MAJOR_FUNCTIONS)
      space.fill(table, 4 * MAJOR_FUNCTIONS, 0)
      for (const [major, dispatch] of Object.entries(functions))
        space.w32(table + 4 * constant(major), addressOf(dispatch))
      return table
    },
    device(name, flags = 0) {
      const device = cell()
      const path = text(`\\Device\\${name}`)
      const type = constant('FILE_DEVICE_NETWORK')
      const status = guest.call('IoCreateDevice', driver.object, 16, path, type, 0, 0, device)
      if (status !== 0) throw new Error(`IoCreateDevice gave ${status}`)
      guest.call('IoCreateSymbolicLink', text(`\\DosDevices\\${name}`), path)
      const ready = space.r32(device.value + FLAGS) & ~constant('DO_DEVICE_INITIALIZING')
      space.w32(device.value + FLAGS, ready | flags)
      return device.value
    },
    stack: (irp) => guest.call('IoGetCurrentIrpStackLocation', irp),
  }
}

/** For specs: offsets that a driver reaches through the struct views. */
export { IRP, STACK }
