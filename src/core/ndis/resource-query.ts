import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { AdapterResources } from './adapter-resources'
import type { AdapterDevices } from './adapter-devices'
import type { Adapters } from './adapters'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** Hardware resources and device objects (PV ff553571, PV ndismpciassignresources, DDI ndismgetdeviceproperty). */
export function createResourceQueries(
  k: Kernel,
  adapters: Adapters,
  resources: AdapterResources,
  devices: AdapterDevices,
) {
  const { preempt } = k
  const { put32, get32 } = k.cells
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
      const { raw } = devices.of(adapter)
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
      const { raw, translated, physical, functional } = devices.of(adapter)
      put32(PhysicalDeviceObject ?? 0, physical)
      put32(FunctionalDeviceObject ?? 0, functional)
      put32(NextDeviceObject ?? 0, physical)
      put32(AllocatedResources ?? 0, raw)
      put32(AllocatedResourcesTranslated ?? 0, translated)
    },
  }
}
