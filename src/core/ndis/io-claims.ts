import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { BaseAddress, Width } from '../nic/device'
import type { PciBus } from '../nic/pci'
import type { Adapter, Adapters } from './adapters'

/** A range of I/O ports that an adapter registered. */
export interface PortRange {
  readonly adapter: Adapter
  readonly first: number
  readonly count: number
  readonly site: number
}
/** Device memory that an adapter mapped. */
export interface Mapping {
  readonly adapter: Adapter
  readonly address: number
  readonly physical: number
  readonly length: number
  readonly site: number
}

/** What the adapters of this machine claimed of its ports and of its device memory. */
export interface IoClaims {
  registerPorts(range: PortRange): void
  /** false when the adapter registered no such range. */
  deregisterPorts(adapter: Adapter, first: number, count: number): boolean
  portRanges(): readonly PortRange[]
  /** The virtual address; 0 when there is no room. */
  map(adapter: Adapter, physical: number, length: number): number
  unmap(address: number): boolean
  mappings(): readonly Mapping[]
  /** Who has the range: the adapter's own device all of it, somebody else a part of it, or neither. */
  owner(adapter: Adapter, kind: BaseAddress['kind'], start: number, length: number): 'own' | 'other' | 'nobody'
  /** All ones where no device answers. */
  read(kind: BaseAddress['kind'], address: number, width: Width): number
  write(kind: BaseAddress['kind'], address: number, width: Width, value: number): void
}

const ALL_ONES: Readonly<Record<Width, number>> = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff }

export function createIoClaims(k: Kernel, bus: PciBus, adapters: Adapters): IoClaims {
  let ranges: readonly PortRange[] = []
  let mapped: readonly Mapping[] = []

  const overlap = (start: number, length: number, other: number, bytes: number): boolean =>
    start < other + bytes && other < start + length
  /** Bytes of RAM as the bus sees them. */
  const isMemory = (start: number, length: number): boolean => overlap(start, length, PHYSICAL_OFFSET, k.shadow.base)

  function read(kind: BaseAddress['kind'], address: number, width: Width): number {
    return bus.read(kind, address, width) ?? ALL_ONES[width]
  }
  const registers = {
    read: (address: number, width: Width): number => read('memory', address, width),
    write: (address: number, width: Width, value: number): void => void bus.write('memory', address, width, value),
  }
  function unmap(address: number): boolean {
    mapped = mapped.filter((mapping) => mapping.address !== address)
    return k.windows.unmap(address, k.site.s)
  }
  adapters.watch({
    destroyed(adapter) {
      ranges = ranges.filter((range) => range.adapter !== adapter)
      for (const mapping of mapped) if (mapping.adapter === adapter) unmap(mapping.address)
    },
  })
  return {
    read,
    write: (kind, address, width, value) => void bus.write(kind, address, width, value),
    registerPorts: (range) => void (ranges = [...ranges, range]),
    deregisterPorts(adapter, first, count) {
      const kept = ranges.filter((range) => range.adapter !== adapter || range.first !== first || range.count !== count)
      const found = kept.length < ranges.length
      ranges = kept
      return found
    },
    portRanges: () => ranges,
    map(adapter, physical, length) {
      const address = k.windows.map(physical, length, registers, k.site.s)
      if (address !== 0) mapped = [...mapped, { adapter, address, physical, length, site: k.site.s }]
      return address
    },
    unmap,
    mappings: () => mapped,
    owner(adapter, kind, start, length) {
      if (kind === 'memory' && isMemory(start, length)) return 'other'
      for (const device of bus.functions)
        for (const bar of device.bars) {
          if (bar.kind !== kind || !overlap(start, length, bar.start, bar.bytes)) continue
          if (device !== adapter.hardware) return 'other'
          if (start >= bar.start && start + length <= bar.start + bar.bytes) return 'own'
        }
      return 'nobody'
    },
  }
}
