import type { Kernel } from '../kernel/kernel'
import type { DeviceFactory } from '../nic/device'
import type { PciBus } from '../nic/pci'
import { createAdapterDevices } from './adapter-devices'
import { createAdapterResources, type AdapterResources } from './adapter-resources'
import { createAdapters, type Adapters } from './adapters'
import { createDeviceProperties } from './device-property'
import type { Devices } from './devices'
import type { DmaMappings } from './dma-mapping'
import type { DriverLife } from './driver'
import { joinFunctions, type FunctionTable } from './function-table'
import { createHardware } from './hardware'
import { createInterruptLines, type InterruptLines } from './interrupt-line'
import { createInterrupts5 } from './interrupt5'
import { createInterrupts6 } from './interrupt6'
import { createIoClaims, type IoClaims } from './io-claims'
import { createIoPorts } from './io-port'
import { createIoRegisters } from './io-register'
import { createIoSpace } from './io-space'
import { createMappedMemory } from './mapped-memory'
import { createMemoryBus, createRangeBus } from './memory-bus'
import { createPciSlots } from './pci-slot'
import { createResourceQueries } from './resource-query'
import type { Serial } from './serial'
import type { Wiring } from '../wire/wiring'

/** Adapters, and how their drivers reach their devices: interrupts, ports, mapped registers, configuration space. */
export interface HardwareAccess {
  readonly adapters: Adapters
  readonly lines: InterruptLines
  readonly bus: PciBus
  readonly claims: IoClaims
  readonly resources: AdapterResources
  readonly functions: FunctionTable
}

interface Parts {
  readonly driver: DriverLife
  readonly serial: Serial
  /** What devices may reach. */
  readonly mappings: DmaMappings
  /** What NICs plug into. */
  readonly wiring: Wiring
  readonly deviceObjects: Devices
}

export function createHardwareAccess(
  k: Kernel,
  { driver, serial, mappings, wiring, deviceObjects }: Parts,
  devices: readonly DeviceFactory[],
): HardwareAccess {
  const lines = createInterruptLines(k, driver)
  const bus = createHardware(k, devices, lines, { mappings, wiring })
  const adapters = createAdapters(k, bus.functions)
  const claims = createIoClaims(k, bus, adapters)
  const resources = createAdapterResources(k)
  const objects = createAdapterDevices(k, adapters, resources, driver, deviceObjects)
  const ranges = createRangeBus(k)
  return {
    adapters,
    lines,
    bus,
    claims,
    resources,
    functions: joinFunctions(
      createInterrupts5(k, adapters, lines, driver, serial),
      createInterrupts6(k, adapters, lines, driver),
      createIoSpace(k, adapters, claims),
      createIoPorts(k, claims, ranges),
      createIoRegisters(k, createMemoryBus(k), ranges),
      createMappedMemory(k, ranges),
      createPciSlots(k, adapters),
      createResourceQueries(k, adapters, resources, objects),
      createDeviceProperties(k, resources, objects),
    ),
  }
}
