import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { AdapterResources } from './adapter-resources'
import type { Adapter, Adapters } from './adapters'
import { constant } from './constants'
import type { Devices } from './devices'
import type { DriverLife } from './driver'

const DEVICE = layout('DEVICE_OBJECT', 'AttachedDevice', 'StackSize')
const NETCARD = constant('FILE_DEVICE_PHYSICAL_NETCARD')
const SECURE_OPEN = constant('FILE_DEVICE_SECURE_OPEN')
/** 'NDrs' */
const RESOURCES_TAG = 0x7372444e

/** What the system keeps of an adapter for those who ask: addresses, 0 when memory was short. */
export interface AdapterDevice {
  readonly raw: number
  readonly translated: number
  readonly physical: number
  readonly functional: number
}

export interface AdapterDevices {
  /** Made when somebody asks first; gone with the adapter. */
  of(adapter: Adapter): AdapterDevice
  /** The adapter whose physical device object this is. */
  withPhysical(address: number): Adapter | undefined
}

/** Device objects of adapters and their CM_RESOURCE_LISTs, raw and translated. */
export function createAdapterDevices(
  k: Kernel,
  adapters: Adapters,
  resources: AdapterResources,
  driver: Pick<DriverLife, 'object'>,
  devices: Devices,
): AdapterDevices {
  const { space, pool } = k
  const kept = new Map<Adapter, AdapterDevice>()

  function allocate(bytes: number, tag: number): number {
    const address = pool.allocate(bytes, tag, OWNER_NDIS, k.site.s, k.log.count())
    if (address !== 0) space.fill(address, bytes, 0)
    return address
  }
  function resourceList(adapter: Adapter, translated: boolean): number {
    const address = allocate(resources.fullBytes(adapter), RESOURCES_TAG)
    if (address !== 0) resources.writeFull(address, adapter, translated)
    return address
  }
  /** A device that takes no requests: 0 when memory is short. */
  function deviceObject(driverObject: number, stackSize: number): number {
    const { device } = devices.create({
      driverObject,
      name: '',
      type: NETCARD,
      characteristics: SECURE_OPEN,
      exclusive: false,
      extensionBytes: 0,
      dispatch: [],
    })
    if (!device) return 0
    space.w8(device.address + DEVICE.StackSize, stackSize)
    return device.address
  }
  function keep(adapter: Adapter): AdapterDevice {
    const known = kept.get(adapter)
    if (known) return known
    // The bus driver, which owns the physical device object, has no driver object in this machine.
    const physical = deviceObject(0, 1)
    const functional = deviceObject(driver.object, 2)
    if (physical !== 0) space.w32(physical + DEVICE.AttachedDevice, functional)
    const made = {
      raw: resourceList(adapter, false),
      translated: resourceList(adapter, true),
      physical,
      functional,
    }
    kept.set(adapter, made)
    return made
  }
  adapters.watch({
    destroyed(adapter) {
      const { raw = 0, translated = 0, physical = 0, functional = 0 } = kept.get(adapter) ?? {}
      for (const address of [raw, translated]) if (address !== 0) pool.free(address, k.site.s)
      for (const address of [functional, physical]) {
        const device = devices.find(address)
        if (device) devices.remove(device)
      }
      kept.delete(adapter)
    },
  })

  return {
    of: keep,
    withPhysical: (address) => [...kept].find(([, { physical }]) => physical === address)?.[0],
  }
}
