import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapter, Adapters } from './adapters'
import { isBusMaster } from './bus-master'
import type { DmaMapping, DmaMappings } from './dma-mapping'
import type { Mdls } from './mdl'
import { mostPages, type SgPieces } from './sg-list'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** PV ff552300: map registers of one miniport, each of which maps a page. */
export const MOST_MAP_REGISTERS = 64

/** A buffer that is mapped through a base map register. */
export interface BufferMapping {
  readonly buffer: number
  readonly mapping: DmaMapping
  readonly site: number
}
export interface AdapterMapRegisters {
  /** Base map registers, numbered from 0. */
  readonly count: number
  /** Bytes that one base map register maps at most. */
  readonly maximum: number
  readonly site: number
  /** By the number of the register; by the buffer where registers are not numbered. */
  readonly open: Map<number, BufferMapping>
}
export interface MapRegisters {
  of(adapter: Adapter): AdapterMapRegisters | undefined
  /** What tells one mapping of an adapter from another. */
  key(buffer: number, register: number): number
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

/** Map registers and mappings of single buffers, NDIS 3 to 5 (PV ff552300, ff553646, ff553460). */
export function createMapRegisters(
  k: Kernel,
  adapters: Adapters,
  mdls: Mdls,
  pieces: SgPieces,
  mappings: DmaMappings,
): MapRegisters {
  const { preempt } = k
  const { put32 } = k.cells
  const owned = new WeakMap<Adapter, AdapterMapRegisters>()
  const registersOf = (handle: number): AdapterMapRegisters | undefined => {
    const adapter = adapters.find(handle)
    return adapter && owned.get(adapter)
  }
  const key = (buffer: number, register: number): number => (k.traits.mapRegistersAreNumbered ? register : buffer) >>> 0

  function close(registers: AdapterMapRegisters, at: number): void {
    const entry = registers.open.get(at)
    if (entry) mappings.close(entry.mapping)
    registers.open.delete(at)
  }

  return {
    of: (adapter) => owned.get(adapter),
    key,
    functions: {
      NdisMAllocateMapRegisters(
        MiniportAdapterHandle: number,
        _DmaChannel: number,
        _DmaSize: number,
        PhysicalMapRegistersNeeded: number,
        MaximumPhysicalMapping: number,
      ): number {
        preempt()
        const adapter = adapters.find(MiniportAdapterHandle)
        if (!adapter || !isBusMaster(adapter) || owned.has(adapter)) return NDIS_STATUS_RESOURCES
        const count = PhysicalMapRegistersNeeded >>> 0
        const maximum = MaximumPhysicalMapping >>> 0
        if (count === 0 || count * mostPages(maximum) > MOST_MAP_REGISTERS) return NDIS_STATUS_RESOURCES
        owned.set(adapter, { count, maximum, site: k.site.s, open: new Map() })
        return NDIS_STATUS_SUCCESS
      },
      NdisMFreeMapRegisters(MiniportAdapterHandle: number): void {
        const adapter = adapters.find(MiniportAdapterHandle)
        const registers = adapter && owned.get(adapter)
        if (registers) {
          for (const at of [...registers.open.keys()]) close(registers, at)
          owned.delete(adapter)
        }
        preempt()
      },
      NdisMStartBufferPhysicalMapping(
        MiniportAdapterHandle: number,
        Buffer: number,
        PhysicalMapRegister: number,
        WriteToDevice: number,
        PhysicalAddressArray: number,
        ArraySize: OutParam,
      ): void {
        preempt()
        const registers = registersOf(MiniportAdapterHandle)
        if (!registers || !pieces.collect(Buffer, 0, mdls.byteCount(Buffer), false)) return put32(ArraySize, 0)
        const at = key(Buffer, PhysicalMapRegister)
        close(registers, at)
        const mapping = mappings.open(pieces.ranges(), WriteToDevice ? 'read' : 'write')
        registers.open.set(at, { buffer: Buffer, mapping, site: k.site.s })
        pieces.writeUnits(PhysicalAddressArray)
        put32(ArraySize, pieces.count())
      },
      NdisMCompleteBufferPhysicalMapping(
        MiniportAdapterHandle: number,
        Buffer: number,
        PhysicalMapRegister: number,
      ): void {
        const registers = registersOf(MiniportAdapterHandle)
        if (registers) close(registers, key(Buffer, PhysicalMapRegister))
        preempt()
      },
    },
  }
}
