import { DIRQL_BASE } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { PciFunction } from '../nic/pci'
import type { Adapter } from './adapters'
import { constant } from './constants'
import { FIRST_MESSAGE_VECTOR } from './interrupt-line'

const LIST = layout('NDIS_RESOURCE_LIST', 'Version', 'Revision', 'Count', 'PartialDescriptors')
const DESCRIPTOR = layout(
  'CM_PARTIAL_RESOURCE_DESCRIPTOR',
  'Type', 'ShareDisposition', 'Flags', 'u.Generic.Start', 'u.Generic.Length', 'u.Interrupt.Level', 'u.Interrupt.Vector',
  'u.Interrupt.Affinity', 'u.MessageInterrupt.Raw', 'u.MessageInterrupt.Translated.Vector',
) // prettier-ignore
const FULL_LIST = layout('CM_RESOURCE_LIST', 'Count', 'List')
const FULL = layout('CM_FULL_RESOURCE_DESCRIPTOR', 'InterfaceType', 'BusNumber', 'PartialResourceList')
const PARTIAL_AT = FULL_LIST.List + FULL.PartialResourceList
/** MessageCount is the upper half of the first word of u.MessageInterrupt.Raw. */
const MESSAGE_COUNT_SHIFT = 16
const VERSION = 1
/** The first version of NDIS whose drivers know messages. */
const NDIS6 = 0x6_0000
/** Entry of the interrupt table where those of the lines begin. */
const FIRST_TRANSLATED_VECTOR = 0x30

/** Hardware resources as PnP describes them: raw, as the bus has them, or translated, as the CPU does. */
export interface AdapterResources {
  /** Bytes of the NDIS_RESOURCE_LIST of an adapter. */
  bytes(adapter: Adapter): number
  /** Writes the list, which is a CM_PARTIAL_RESOURCE_LIST: base addresses in their order, then the line, or the messages. */
  write(address: number, adapter: Adapter, translated?: boolean): void
  /** Bytes of the CM_RESOURCE_LIST around it. */
  fullBytes(adapter: Adapter): number
  writeFull(address: number, adapter: Adapter, translated: boolean): void
}

export function createAdapterResources(k: Kernel): AdapterResources {
  const { w8, w16, w32, w64 } = k.space
  const barsOf = ({ hardware }: Adapter): PciFunction['bars'] => hardware?.bars ?? []
  const bytes = (adapter: Adapter): number => LIST.PartialDescriptors + (barsOf(adapter).length + 1) * DESCRIPTOR.SIZE

  function writeBar(at: number, { kind, start, bytes: length }: PciFunction['bars'][number]): void {
    const io = kind === 'io'
    w8(at + DESCRIPTOR.Type, constant(io ? 'CmResourceTypePort' : 'CmResourceTypeMemory'))
    w8(at + DESCRIPTOR.ShareDisposition, constant('CmResourceShareDeviceExclusive'))
    w16(at + DESCRIPTOR.Flags, constant(io ? 'CM_RESOURCE_PORT_IO' : 'CM_RESOURCE_MEMORY_READ_WRITE'))
    w64(at + DESCRIPTOR['u.Generic.Start'], BigInt(start))
    w32(at + DESCRIPTOR['u.Generic.Length'], length)
  }
  /** Drivers of NDIS 6 get the messages of their device, where it has some, instead of its line. */
  function messagesOf({ hardware, version }: Adapter): number {
    return version >= NDIS6 ? (hardware?.msi.messages ?? 0) : 0
  }
  function writeInterrupt(at: number, adapter: Adapter, translated: boolean): void {
    const line = adapter.hardware?.vector ?? DIRQL_BASE
    w8(at + DESCRIPTOR.Type, constant('CmResourceTypeInterrupt'))
    w8(at + DESCRIPTOR.ShareDisposition, constant('CmResourceShareShared'))
    w16(at + DESCRIPTOR.Flags, constant('CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE'))
    w32(at + DESCRIPTOR['u.Interrupt.Level'], translated ? DIRQL_BASE : line)
    w32(at + DESCRIPTOR['u.Interrupt.Vector'], translated ? FIRST_TRANSLATED_VECTOR + line : line)
    w32(at + DESCRIPTOR['u.Interrupt.Affinity'], (1 << k.cpus.count) - 1)
    const messages = messagesOf(adapter)
    if (messages === 0) return
    const flags = constant('CM_RESOURCE_INTERRUPT_LATCHED') | constant('CM_RESOURCE_INTERRUPT_MESSAGE')
    w16(at + DESCRIPTOR.Flags, flags)
    w8(at + DESCRIPTOR.ShareDisposition, constant('CmResourceShareDeviceExclusive'))
    if (translated) w32(at + DESCRIPTOR['u.MessageInterrupt.Translated.Vector'], FIRST_MESSAGE_VECTOR)
    else w32(at + DESCRIPTOR['u.MessageInterrupt.Raw'], messages << MESSAGE_COUNT_SHIFT)
  }
  function write(address: number, adapter: Adapter, translated = false): void {
    const bars = barsOf(adapter)
    const first = address + LIST.PartialDescriptors
    k.space.fill(address, bytes(adapter), 0)
    w16(address + LIST.Version, VERSION)
    w16(address + LIST.Revision, VERSION)
    w32(address + LIST.Count, bars.length + 1)
    bars.forEach((bar, index) => writeBar(first + index * DESCRIPTOR.SIZE, bar))
    writeInterrupt(first + bars.length * DESCRIPTOR.SIZE, adapter, translated)
  }
  return {
    bytes,
    write,
    fullBytes: (adapter) => PARTIAL_AT + bytes(adapter),
    writeFull(address, adapter, translated) {
      w32(address + FULL_LIST.Count, 1)
      w32(address + FULL_LIST.List + FULL.InterfaceType, constant('PCIBus'))
      // Bus 0: this machine has one.
      w32(address + FULL_LIST.List + FULL.BusNumber, 0)
      write(address + PARTIAL_AT, adapter, translated)
    },
  }
}
