import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { nameProblem, objectKey } from './object-names'

export const DEVICE_OBJECT = 'device object'
export const SYMBOLIC_LINK = 'symbolic link'
const DEVICE = layout(
  'DEVICE_OBJECT', 'Type', 'Size', 'ReferenceCount', 'DriverObject', 'NextDevice', 'Flags', 'Characteristics',
  'DeviceExtension', 'DeviceType', 'StackSize',
) // prettier-ignore
const DRIVER = layout('DRIVER_OBJECT', 'DeviceObject')
/** 'Devi' and 'Symb', the tags of the object manager. */
const DEVICE_TAG = 0x69766544
const LINK_TAG = 0x626d7953
const LINK_BYTES = 24

const TYPE_DEVICE = constant('IO_TYPE_DEVICE')
const INITIALIZING = constant('DO_DEVICE_INITIALIZING')
const HAS_NAME = constant('DO_DEVICE_HAS_NAME')
const EXCLUSIVE = constant('DO_EXCLUSIVE')
const SUCCESS = 0
const COLLISION = constant('STATUS_OBJECT_NAME_COLLISION')
const NOT_FOUND = constant('STATUS_OBJECT_NAME_NOT_FOUND')
const SHORT = constant('STATUS_INSUFFICIENT_RESOURCES')
const PROBLEM = {
  syntax: constant('STATUS_OBJECT_PATH_SYNTAX_BAD'),
  path: constant('STATUS_OBJECT_PATH_NOT_FOUND'),
} as const

/** A device object; its memory is a DEVICE_OBJECT with the device extension behind it. */
export interface Device {
  readonly address: number
  /** '' when it has none. */
  readonly name: string
  /** 0: its driver is none of this machine's. */
  readonly driverObject: number
  /** Addresses of dispatch functions by IRP_MJ code, of a device of NDIS; others have those of their driver. */
  readonly dispatch: readonly number[] | undefined
  /** The part of the extension that belongs to the driver; 0: there is none. */
  readonly extension: number
  readonly exclusive: boolean
  /** Open files and references of drivers: the memory stays until they are gone. */
  references: number
  deleted: boolean
}

export interface DeviceOptions {
  readonly driverObject: number
  readonly name: string
  readonly type: number
  readonly characteristics: number
  readonly exclusive: boolean
  /** Bytes of the driver in the extension. */
  readonly extensionBytes: number
  /** Bytes of NDIS in front of them. */
  readonly reservedBytes?: number
  readonly dispatch?: readonly number[]
}

/** Device objects and the names that lead to them. */
export interface Devices {
  create(options: DeviceOptions): { readonly status: number; readonly device?: Device }
  /** Takes the name away and frees the object as soon as nothing refers to it. */
  remove(device: Device): void
  find(address: number): Device | undefined
  reference(device: Device): void
  release(device: Device): void
  /** The device behind a name or a link, and what follows its name: '\file'. */
  resolve(name: string): { readonly device: Device; readonly rest: string } | undefined
  /** `ofDriver`: the driver must delete the link itself. */
  link(name: string, target: string, ofDriver: boolean): number
  unlink(name: string): number
  /** The loader clears DO_DEVICE_INITIALIZING of what DriverEntry made. */
  loaded(): void
  isInitializing(device: Device): boolean
}

export function createDevices(k: Kernel): Devices {
  const { space, objects, shadow } = k
  const { r32, w8, w16, w32 } = space
  const devices = new Map<number, Device>()
  const names = new Map<string, Device>()
  const links = new Map<string, { readonly target: string; readonly object: number }>()

  /** The list of a driver's devices, newest first. */
  function chain(driverObject: number): void {
    if (driverObject === 0) return
    let next = 0
    for (const device of devices.values()) {
      if (device.driverObject !== driverObject || device.deleted) continue
      w32(device.address + DEVICE.NextDevice, next)
      next = device.address
    }
    w32(driverObject + DRIVER.DeviceObject, next)
  }
  function write(address: number, options: DeviceOptions, reserved: number): void {
    const { name, exclusive, extensionBytes } = options
    const extension = reserved + extensionBytes
    w16(address + DEVICE.Type, TYPE_DEVICE)
    w16(address + DEVICE.Size, DEVICE.SIZE + extension)
    w32(address + DEVICE.DriverObject, options.driverObject)
    const initializing = options.dispatch ? 0 : INITIALIZING
    w32(address + DEVICE.Flags, initializing | (name === '' ? 0 : HAS_NAME) | (exclusive ? EXCLUSIVE : 0))
    w32(address + DEVICE.Characteristics, options.characteristics)
    w32(address + DEVICE.DeviceType, options.type)
    w32(address + DEVICE.DeviceExtension, extension === 0 ? 0 : address + DEVICE.SIZE)
    w8(address + DEVICE.StackSize, 1)
  }
  function count(device: Device, change: number): void {
    device.references += change
    w32(device.address + DEVICE.ReferenceCount, device.references)
    if (!device.deleted || device.references > 0) return
    devices.delete(device.address)
    objects.destroy(device.address)
  }
  const taken = (name: string): boolean => names.has(objectKey(name)) || links.has(objectKey(name))

  /** Follows links as far as they lead; a circle ends after as many steps as there are links. */
  function deviceOf(name: string): Device | undefined {
    let key = objectKey(name)
    for (let step = 0; step <= links.size; step++) {
      const found = names.get(key)
      if (found) return found
      const link = links.get(key)
      if (!link) return undefined
      key = objectKey(link.target)
    }
    return undefined
  }

  return {
    create(options) {
      const { name, driverObject, extensionBytes, dispatch, exclusive } = options
      const problem = name === '' ? undefined : nameProblem(name)
      if (problem) return { status: PROBLEM[problem] }
      if (name !== '' && taken(name)) return { status: COLLISION }
      const reserved = options.reservedBytes ?? 0
      const address = objects.create(
        DEVICE_OBJECT, DEVICE_TAG, DEVICE.SIZE + reserved + extensionBytes, dispatch === undefined,
      ) // prettier-ignore
      if (address === 0) return { status: SHORT }
      const extension = extensionBytes === 0 ? 0 : address + DEVICE.SIZE + reserved
      shadow.markLive(address, DEVICE.SIZE)
      if (extension !== 0) shadow.markLive(extension, extensionBytes)
      write(address, options, reserved)
      const device: Device = {
        address, name, driverObject, dispatch, extension, exclusive, references: 0, deleted: false,
      } // prettier-ignore
      devices.set(address, device)
      if (name !== '') names.set(objectKey(name), device)
      chain(driverObject)
      return { status: SUCCESS, device }
    },
    remove(device) {
      device.deleted = true
      objects.disown(device.address)
      if (device.name !== '') names.delete(objectKey(device.name))
      chain(device.driverObject)
      count(device, 0)
    },
    find: (address) => devices.get(address),
    reference: (device) => count(device, 1),
    release: (device) => count(device, -1),
    resolve(name) {
      for (let end = name.length; end > 0; end = name.lastIndexOf('\\', end - 1)) {
        const device = deviceOf(name.slice(0, end))
        if (device) return { device, rest: name.slice(end) }
      }
      return undefined
    },
    link(name, target, ofDriver) {
      const problem = nameProblem(name) ?? (target.startsWith('\\') ? undefined : 'syntax')
      if (problem) return PROBLEM[problem]
      if (taken(name)) return COLLISION
      const object = objects.create(SYMBOLIC_LINK, LINK_TAG, LINK_BYTES + 2 * name.length, ofDriver)
      if (object === 0) return SHORT
      links.set(objectKey(name), { target, object })
      return SUCCESS
    },
    unlink(name) {
      const link = links.get(objectKey(name))
      if (!link) return NOT_FOUND
      links.delete(objectKey(name))
      objects.destroy(link.object)
      return SUCCESS
    },
    loaded() {
      for (const { address } of devices.values())
        w32(address + DEVICE.Flags, r32(address + DEVICE.Flags) & ~INITIALIZING)
    },
    isInitializing: ({ address }) => (r32(address + DEVICE.Flags) & INITIALIZING) !== 0,
  }
}
