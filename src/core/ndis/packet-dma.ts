import type { Kernel } from '../kernel/kernel'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import { isBusMaster } from './bus-master'
import { constant } from './constants'
import type { DmaMapping, DmaMappings } from './dma-mapping'
import { oobSlot, PACKET, PACKET_HAS_EXTENSION } from './packet-layout'
import { SG_LIST_TAG } from './scatter-gather'
import { SG_LIST, sgListBytes, type SgPieces } from './sg-list'
import { NDIS_STATUS_NOT_SUPPORTED, NDIS_STATUS_SUCCESS } from './status'

const SCATTER_GATHER_LIST_SLOT = constant('ScatterGatherListPacketInfo')
const NDIS5 = 0x5_0000

/** Scatter/gather lists of packets: NDIS makes them before MiniportSend and takes them away after NdisMSendComplete. */
export interface PacketDma {
  /** Whether the adapter's packets carry lists. */
  isSetUp(adapter: Adapter): boolean
  /**
   * Puts a list of the packet's physical pieces into its ScatterGatherListPacketInfo. Does nothing for adapters that take no
   * lists, packets without an extension and packets that have one. false: memory is short, the packet cannot be sent now.
   */
  mapPacket(adapter: Adapter, packet: number): boolean
  /** Takes the list back, if there is one. */
  unmapPacket(packet: number): void
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

/** Scatter/gather DMA of NDIS 5 (PV NdisMInitializeScatterGatherDma, NDIS_PER_PACKET_INFO_FROM_PACKET). */
export function createPacketDma(k: Kernel, adapters: Adapters, pieces: SgPieces, mappings: DmaMappings): PacketDma {
  const { space, pool, random, preempt } = k
  const { r8, r32, w32 } = space
  const setUp = new WeakSet<Adapter>()
  const mapped = new Map<number, { readonly list: number; readonly mapping: DmaMapping }>()
  const slot = (packet: number): number =>
    oobSlot(space.r16(packet + PACKET.NdisPacketOobOffset), SCATTER_GATHER_LIST_SLOT)
  const takesList = (packet: number): boolean => (r8(packet + PACKET.NdisPacketFlags) & PACKET_HAS_EXTENSION) !== 0

  return {
    isSetUp: (adapter) => setUp.has(adapter),
    mapPacket(adapter, packet) {
      if (!setUp.has(adapter) || mapped.has(packet) || !takesList(packet)) return true
      const first = r32(packet + PACKET.Head)
      if (!pieces.collect(first, 0, pieces.bytesOf(first), random.below(2) === 0)) return false
      const bytes = Math.max(sgListBytes(pieces.count()), SG_LIST.SIZE)
      const list = pool.allocate(bytes, SG_LIST_TAG, OWNER_NDIS, k.site.s, k.log.count())
      if (list === 0) return false
      pieces.writeList(list)
      mapped.set(packet, { list, mapping: mappings.open(pieces.ranges(), 'read') })
      w32(packet + slot(packet), list)
      return true
    },
    unmapPacket(packet) {
      const entry = mapped.get(packet)
      if (!entry) return
      mapped.delete(packet)
      mappings.close(entry.mapping)
      pool.free(entry.list, k.site.s)
      w32(packet + slot(packet), 0)
    },
    functions: {
      NdisMInitializeScatterGatherDma(
        MiniportAdapterHandle: number,
        _Dma64BitAddresses: number,
        _MaximumPhysicalMapping: number,
      ): number {
        preempt()
        const adapter = adapters.find(MiniportAdapterHandle)
        if (!adapter || adapter.version < NDIS5 || !isBusMaster(adapter)) return NDIS_STATUS_NOT_SUPPORTED
        setUp.add(adapter)
        return NDIS_STATUS_SUCCESS
      },
    },
  }
}
