import type { Kernel } from '../kernel/kernel'
import type { Adapters } from './adapters'
import { constant } from './constants'

const CONFIG = constant('PCI_WHICHSPACE_CONFIG')

/** PCI configuration space of an adapter (PV ndisreadpcislotinformation, DDI ndismgetbusdata): bytes that were moved. */
export function createPciSlots(k: Kernel, adapters: Adapters) {
  const { space, preempt } = k

  function read(handle: number, offset: number, buffer: number, length: number): number {
    preempt()
    const bytes = adapters.find(handle)?.hardware?.readConfig(offset >>> 0, length >>> 0) ?? []
    bytes.forEach((byte, i) => space.w8(buffer + i, byte))
    return bytes.length
  }
  function write(handle: number, offset: number, buffer: number, length: number): number {
    preempt()
    const bytes = space.u8.slice(buffer, buffer + (length >>> 0))
    return adapters.find(handle)?.hardware?.writeConfig(offset >>> 0, bytes) ?? 0
  }
  return {
    /** NDIS knows the slot of each adapter; SlotNumber is not used. */
    NdisReadPciSlotInformation: (
      NdisAdapterHandle: number,
      _SlotNumber: number,
      Offset: number,
      Buffer: number,
      Length: number,
    ): number => read(NdisAdapterHandle, Offset, Buffer, Length),
    NdisWritePciSlotInformation: (
      NdisAdapterHandle: number,
      _SlotNumber: number,
      Offset: number,
      Buffer: number,
      Length: number,
    ): number => write(NdisAdapterHandle, Offset, Buffer, Length),
    /** Of the spaces of a PCI device only the configuration is there; the others have no bytes. */
    NdisMGetBusData: (
      NdisMiniportHandle: number,
      WhichSpace: number,
      Offset: number,
      Buffer: number,
      Length: number,
    ): number => read(NdisMiniportHandle, Offset, Buffer, WhichSpace === CONFIG ? Length : 0),
    NdisMSetBusData: (
      NdisMiniportHandle: number,
      WhichSpace: number,
      Offset: number,
      Buffer: number,
      Length: number,
    ): number => write(NdisMiniportHandle, Offset, Buffer, WhichSpace === CONFIG ? Length : 0),
  }
}
