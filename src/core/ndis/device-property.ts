import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { PciFunction } from '../nic/pci'
import type { AdapterDevices } from './adapter-devices'
import type { AdapterResources } from './adapter-resources'
import type { Adapter } from './adapters'
import { constant } from './constants'

const SUCCESS = 0
const NOT_A_PDO = constant('STATUS_INVALID_DEVICE_REQUEST')
const NO_PROPERTY = constant('STATUS_INVALID_PARAMETER_2')
const NOT_SET = constant('STATUS_OBJECT_NAME_NOT_FOUND')
const TOO_SMALL = constant('STATUS_BUFFER_TOO_SMALL')
const LAST_PROPERTY = constant('DevicePropertyContainerID')
const INSTALLED = 0
/** The setup class of network adapters. */
const CLASS_NAME = 'Net'
const CLASS_GUID = '{4d36e972-e325-11ce-bfc1-08002be10318}'

/** What a property holds: a number, a string, several strings, or one of the resource lists. */
type Property = number | string | readonly string[] | 'raw resources' | 'translated resources'

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')

/** As the PCI bus driver makes them, the most special first. */
function hardwareIds({ device: { identity } }: PciFunction): string[] {
  const { vendorId, deviceId, subsystemId, subsystemVendorId, revision, classCode } = identity
  const device = `PCI\\VEN_${hex(vendorId, 4)}&DEV_${hex(deviceId, 4)}`
  const subsystem = `${device}&SUBSYS_${hex(subsystemId, 4)}${hex(subsystemVendorId, 4)}`
  const classId = hex(classCode, 6)
  return [
    `${subsystem}&REV_${hex(revision, 2)}`,
    subsystem,
    `${device}&CC_${classId}`,
    `${device}&CC_${classId.slice(0, 4)}`,
  ]
}

/** Properties of an adapter; those of a bus only when it is on one. undefined: nobody set it. */
function propertyOf({ hardware }: Adapter, property: number): Property | undefined {
  switch (property) {
    case constant('DevicePropertyClassName'):
      return CLASS_NAME
    case constant('DevicePropertyClassGuid'):
      return CLASS_GUID
    case constant('DevicePropertyInstallState'):
      return INSTALLED
    case constant('DevicePropertyBootConfiguration'):
    case constant('DevicePropertyAllocatedResources'):
      return 'raw resources'
    case constant('DevicePropertyBootConfigurationTranslated'):
      return 'translated resources'
  }
  if (!hardware) return undefined
  switch (property) {
    case constant('DevicePropertyDeviceDescription'):
      return hardware.device.name
    case constant('DevicePropertyHardwareID'):
      return hardwareIds(hardware)
    case constant('DevicePropertyLegacyBusType'):
      return constant('PCIBus')
    case constant('DevicePropertyBusNumber'):
      return 0
    case constant('DevicePropertyEnumeratorName'):
      return 'PCI'
    case constant('DevicePropertyAddress'):
      return hardware.slot << 16
    case constant('DevicePropertyPhysicalDeviceObjectName'):
      return `\\Device\\NTPNP_PCI${hex(hardware.slot, 4)}`
  }
  return undefined
}

/** Properties of physical device objects (WDM iogetdeviceproperty). */
export function createDeviceProperties(k: Kernel, resources: AdapterResources, devices: AdapterDevices) {
  const { space, preempt } = k
  const { put32 } = k.cells

  /** Bytes of a property, and what writes them. */
  function record(adapter: Adapter, value: Property): { bytes: number; write: (address: number) => void } {
    if (typeof value === 'number') return { bytes: 4, write: (address) => space.w32(address, value) }
    if (value === 'raw resources' || value === 'translated resources')
      return {
        bytes: resources.fullBytes(adapter),
        write: (address) => resources.writeFull(address, adapter, value !== 'raw resources'),
      }
    // REG_MULTI_SZ ends with an empty string.
    const text = typeof value === 'string' ? `${value}\0` : `${value.join('\0')}\0\0`
    return {
      bytes: 2 * text.length,
      write(address) {
        for (let i = 0; i < text.length; i++) space.w16(address + 2 * i, text.charCodeAt(i))
      },
    }
  }
  return {
    IoGetDeviceProperty(
      DeviceObject: number,
      DeviceProperty: number,
      BufferLength: number,
      PropertyBuffer: number,
      ResultLength: OutParam,
    ): number {
      preempt()
      put32(ResultLength, 0)
      const adapter = devices.withPhysical(DeviceObject)
      if (!adapter) return NOT_A_PDO
      if (!(DeviceProperty >= 0 && DeviceProperty <= LAST_PROPERTY)) return NO_PROPERTY
      const value = propertyOf(adapter, DeviceProperty)
      if (value === undefined) return NOT_SET
      const { bytes, write } = record(adapter, value)
      put32(ResultLength, bytes)
      if (BufferLength >>> 0 < bytes) return TOO_SMALL
      write(PropertyBuffer)
      return SUCCESS
    },
  }
}
