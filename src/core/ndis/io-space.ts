import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapters } from './adapters'
import type { IoClaims } from './io-claims'
import { physicalAddress } from './physical-address'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCE_CONFLICT,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

/** I/O ports of a PC. */
const PORTS = 0x1_0000
/** End of the physical addresses of this machine. */
const PHYSICAL_END = 0x1_0000_0000

/** Claims of ports and of device memory (DDI ndismregisterioportrange, ndismmapiospace, ndismunmapiospace). */
export function createIoSpace(k: Kernel, adapters: Adapters, claims: IoClaims) {
  const { preempt, site } = k
  const { put32 } = k.cells
  const taken = (first: number, count: number): boolean =>
    claims.portRanges().some((range) => first < range.first + range.count && range.first < first + count)

  return {
    /** On a PC the mapped base is the port itself. */
    NdisMRegisterIoPortRange(
      PortOffset: OutParam,
      MiniportAdapterHandle: number,
      InitialPort: number,
      NumberOfPorts: number,
    ): number {
      preempt()
      const adapter = adapters.find(MiniportAdapterHandle)
      const first = InitialPort >>> 0
      const count = NumberOfPorts >>> 0
      if (!adapter || count === 0 || first + count > PORTS) return NDIS_STATUS_FAILURE
      if (taken(first, count) || claims.owner(adapter, 'io', first, count) === 'other')
        return NDIS_STATUS_RESOURCE_CONFLICT
      claims.registerPorts({ adapter, first, count, site: site.s })
      put32(PortOffset, first)
      return NDIS_STATUS_SUCCESS
    },
    NdisMDeregisterIoPortRange(
      MiniportAdapterHandle: number,
      InitialPort: number,
      NumberOfPorts: number,
      _PortOffset: number,
    ): void {
      const adapter = adapters.find(MiniportAdapterHandle)
      if (adapter) claims.deregisterPorts(adapter, InitialPort >>> 0, NumberOfPorts >>> 0)
      preempt()
    },
    NdisMMapIoSpace(
      VirtualAddress: OutParam,
      MiniportAdapterHandle: number,
      PhysicalAddress: unknown,
      Length: number,
    ): number {
      preempt()
      const adapter = adapters.find(MiniportAdapterHandle)
      const physical = Number(physicalAddress(PhysicalAddress) ?? -1n)
      const length = Length >>> 0
      if (!adapter || physical < 0 || physical + length > PHYSICAL_END) return NDIS_STATUS_FAILURE
      if (length === 0) return NDIS_STATUS_RESOURCES
      if (claims.owner(adapter, 'memory', physical, length) === 'other') return NDIS_STATUS_RESOURCE_CONFLICT
      const address = claims.map(adapter, physical, length)
      if (address === 0) return NDIS_STATUS_RESOURCES
      put32(VirtualAddress, address)
      return NDIS_STATUS_SUCCESS
    },
    NdisMUnmapIoSpace(_MiniportAdapterHandle: number, VirtualAddress: number, _Length: number): void {
      claims.unmap(VirtualAddress)
      preempt()
    },
  }
}
