import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { AdapterResources } from './adapter-resources'
import type { Adapter, Adapters } from './adapters'
import { constant } from './constants'
import type { Devices } from './devices'
import type { DriverLife } from './driver'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const DEVICE = layout('DEVICE_OBJECT', 'AttachedDevice', 'StackSize')
const NETCARD = constant('FILE_DEVICE_PHYSICAL_NETCARD')
const SECURE_OPEN = constant('FILE_DEVICE_SECURE_OPEN')
/** 'NDrs' */
const RESOURCES_TAG = 0x7372444e

/** What NDIS keeps of an adapter for those who ask: addresses, 0 when memory was short. */
interface Kept {
  readonly raw: number
  readonly translated: number
  readonly physical: number
  readonly functional: number
}

/** Hardware resources and device objects (PV ff553571, PV ndismpciassignresources, DDI ndismgetdeviceproperty). */
export function createResourceQueries(
  k: Kernel,
  adapters: Adapters,
  resources: AdapterResources,
  driver: Pick<DriverLife, 'object'>,
  devices: Devices,
) {
  const { space, pool, preempt } = k
  const { put32, get32 } = k.cells
  const kept = new Map<Adapter, Kept>()

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
  function keep(adapter: Adapter): Kept {
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
    /** BufferSize takes the bytes that are needed, whether they fit or not. */
    NdisMQueryAdapterResources(
      Status: OutParam,
      WrapperConfigurationContext: number,
      ResourceList: number,
      BufferSize: OutParam,
    ): void {
      preempt()
      const adapter = adapters.ofConfiguration(WrapperConfigurationContext)
      if (!adapter) return put32(Status, NDIS_STATUS_FAILURE)
      const needed = resources.bytes(adapter)
      const fits = get32(BufferSize) >= needed
      if (fits) resources.write(ResourceList, adapter)
      put32(BufferSize, needed)
      put32(Status, fits ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES)
    },
    /** The list is NDIS's own and lives as long as the adapter. */
    NdisMPciAssignResources(MiniportHandle: number, _SlotNumber: number, AssignedResources: OutParam): number {
      preempt()
      put32(AssignedResources, 0)
      const adapter = adapters.find(MiniportHandle)
      if (!adapter?.hardware) return NDIS_STATUS_FAILURE
      const { raw } = keep(adapter)
      if (raw === 0) return NDIS_STATUS_RESOURCES
      put32(AssignedResources, raw + resources.fullBytes(adapter) - resources.bytes(adapter))
      return NDIS_STATUS_SUCCESS
    },
    /** The next device below the functional one is the physical one: nothing filters between them. */
    NdisMGetDeviceProperty(
      MiniportAdapterHandle: number,
      PhysicalDeviceObject: OutParam,
      FunctionalDeviceObject: OutParam,
      NextDeviceObject: OutParam,
      AllocatedResources: OutParam,
      AllocatedResourcesTranslated: OutParam,
    ): void {
      preempt()
      const adapter = adapters.find(MiniportAdapterHandle)
      if (!adapter) return
      const { raw, translated, physical, functional } = keep(adapter)
      put32(PhysicalDeviceObject ?? 0, physical)
      put32(FunctionalDeviceObject ?? 0, functional)
      put32(NextDeviceObject ?? 0, physical)
      put32(AllocatedResources ?? 0, raw)
      put32(AllocatedResourcesTranslated ?? 0, translated)
    },
  }
}
