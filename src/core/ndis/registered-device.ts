import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { constant } from './constants'
import { countedText } from './counted-text'
import type { Device, Devices } from './devices'
import type { DriverLife } from './driver'
import { MAJOR_FUNCTIONS } from './irp-layout'
import { isObject } from './object-header'
import { NDIS_STATUS_INVALID_PARAMETER, NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_SUCCESS } from './status'

export const REGISTERED_DEVICE = 'registered device'
/** 'NDdv' */
const HANDLE_TAG = 0x7664444e
const HANDLE_BYTES = 16
/** NDIS keeps its own data at the start of the device extension. */
const RESERVED_BYTES = 48

const ATTRIBUTES = layout(
  'NDIS_DEVICE_OBJECT_ATTRIBUTES', 'DeviceName', 'SymbolicName', 'MajorFunctions', 'ExtensionSize',
) // prettier-ignore
const ATTRIBUTES_HEADER = {
  type: constant('NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES'),
  size: constant('NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1'),
} as const
const FILE_DEVICE_NETWORK = constant('FILE_DEVICE_NETWORK')
const SECURE_OPEN = constant('FILE_DEVICE_SECURE_OPEN')
export const DISPATCH_TABLE_BYTES = 4 * MAJOR_FUNCTIONS

export interface RegisteredDevices {
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
  /** The device behind a handle of NdisRegisterDeviceEx or NdisMRegisterDevice. */
  find(handle: number): Device | undefined
}

interface Registration {
  readonly name: string
  readonly link: string
  readonly table: number
  readonly extensionBytes: number
}

/** Device objects that NDIS makes for its drivers (DDI ndisregisterdeviceex; PV NdisMRegisterDevice). */
export function createRegisteredDevices(k: Kernel, devices: Devices, driver: DriverLife): RegisteredDevices {
  const { space, objects, preempt } = k
  const { put32 } = k.cells
  const { r32 } = space
  const registered = new Map<number, { readonly device: Device; readonly link: string }>()

  const isHandle = (handle: number): boolean => {
    let found = false
    objects.forEach((object) => (found ||= object.address === handle))
    return found
  }
  function dispatchTable(table: number): number[] {
    if (table === 0 || table + DISPATCH_TABLE_BYTES > k.shadow.base)
      k.fault(table, false, `MajorFunctions is no array of ${MAJOR_FUNCTIONS} dispatch functions.`)
    return Array.from({ length: MAJOR_FUNCTIONS }, (_unused, major) => r32(table + 4 * major))
  }
  function register(
    { name, link, table, extensionBytes }: Registration,
    pDeviceObject: OutParam,
    NdisDeviceHandle: OutParam,
  ): number {
    put32(pDeviceObject, 0)
    const { status, device } = devices.create({
      driverObject: driver.object,
      name,
      type: FILE_DEVICE_NETWORK,
      characteristics: SECURE_OPEN,
      exclusive: false,
      extensionBytes,
      reservedBytes: RESERVED_BYTES,
      dispatch: dispatchTable(table),
    })
    if (!device) return status
    const linked = link === '' ? NDIS_STATUS_SUCCESS : devices.link(link, name, false)
    if (linked !== NDIS_STATUS_SUCCESS) {
      devices.remove(device)
      return linked
    }
    const handle = objects.create(REGISTERED_DEVICE, HANDLE_TAG, HANDLE_BYTES)
    registered.set(handle, { device, link })
    put32(pDeviceObject, device.address)
    put32(NdisDeviceHandle, handle)
    return NDIS_STATUS_SUCCESS
  }
  function deregister(fn: string, handle: number): void {
    const { device, link } =
      registered.get(handle) ?? k.fault(handle, false, `${fn} was given what is no handle of a registered device.`)
    registered.delete(handle)
    if (link !== '') devices.unlink(link)
    devices.remove(device)
    objects.destroy(handle)
    preempt()
  }

  return {
    find: (handle) => registered.get(handle)?.device,
    functions: {
      NdisRegisterDeviceEx(
        NdisHandle: number,
        DeviceObjectAttributes: number,
        pDeviceObject: OutParam,
        NdisDeviceHandle: OutParam,
      ): number {
        preempt()
        if (!isHandle(NdisHandle)) return NDIS_STATUS_NOT_SUPPORTED
        if (!isObject(space, DeviceObjectAttributes, ATTRIBUTES_HEADER)) return NDIS_STATUS_INVALID_PARAMETER
        return register(
          {
            name: countedText(k, r32(DeviceObjectAttributes + ATTRIBUTES.DeviceName)),
            link: countedText(k, r32(DeviceObjectAttributes + ATTRIBUTES.SymbolicName)),
            table: r32(DeviceObjectAttributes + ATTRIBUTES.MajorFunctions),
            extensionBytes: r32(DeviceObjectAttributes + ATTRIBUTES.ExtensionSize),
          },
          pDeviceObject,
          NdisDeviceHandle,
        )
      },
      NdisDeregisterDeviceEx: (NdisDeviceHandle: number): void =>
        deregister('NdisDeregisterDeviceEx', NdisDeviceHandle),
      /** NULL for a device of somebody else and for one without a part of the driver. */
      NdisGetDeviceReservedExtension(DeviceObject: number): number {
        preempt()
        const device = devices.find(DeviceObject)
        return device?.dispatch ? device.extension : 0
      },
      NdisMRegisterDevice(
        NdisWrapperHandle: number,
        DeviceName: number,
        SymbolicName: number,
        MajorFunctions: number,
        pDeviceObject: OutParam,
        NdisDeviceHandle: OutParam,
      ): number {
        preempt()
        if (!isHandle(NdisWrapperHandle)) return NDIS_STATUS_NOT_SUPPORTED
        return register(
          {
            name: countedText(k, DeviceName),
            link: countedText(k, SymbolicName),
            table: MajorFunctions,
            extensionBytes: 0,
          },
          pDeviceObject,
          NdisDeviceHandle,
        )
      },
      NdisMDeregisterDevice(NdisDeviceHandle: number): number {
        deregister('NdisMDeregisterDevice', NdisDeviceHandle)
        return NDIS_STATUS_SUCCESS
      },
    },
  }
}
