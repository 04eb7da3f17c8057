import type { Kernel } from '../kernel/kernel'
import type { Adapter } from './adapters'
import { createDmaAlignment } from './dma-alignment'
import { createDmaChannels, type DmaChannels } from './dma-channel'
import { createDmaController, type DmaController } from './dma-controller'
import type { DmaMappings } from './dma-mapping'
import type { DriverLife } from './driver'
import type { Executive } from './executive'
import { joinFunctions, type FunctionTable } from './function-table'
import { createMapRegisters, type MapRegisters } from './map-registers'
import type { Mdls } from './mdl'
import type { PacketDma } from './packet-dma'
import { createPhysicalAddresses } from './physical-address'
import { createScatterGather, type ScatterGather } from './scatter-gather'
import { createSgPieces } from './sg-list'
import { createSharedBlocks, type SharedBlocks } from './shared-blocks'
import { createSharedMemoryCalls } from './shared-memory'
import { createSharedMemoryAsync } from './shared-memory-async'
import { createSharedMemoryProvider } from './shared-memory-provider'

/** DMA: shared memory, scatter/gather lists, map registers of bus masters; channels of the system's controllers. */
export interface Dma {
  readonly mappings: DmaMappings
  readonly scatterGather: ScatterGather
  /** Lists of packets, for the send path of NDIS 5. */
  readonly packets: PacketDma
  readonly mapRegisters: MapRegisters
  readonly channels: DmaChannels
  /** The system DMA controllers, which a NIC without a bus master asks to move its data. */
  readonly controller: DmaController
  readonly blocks: SharedBlocks
  /** The adapter behind a handle of it, or of a binding to it. */
  adapterBehind(handle: number): Adapter | undefined
  /** Whether the adapter has set up DMA by any of the ways there are. */
  isSetUp(adapter: Adapter): boolean
  readonly functions: FunctionTable
}

interface Parts {
  readonly driver: DriverLife
  readonly mdls: Mdls
  readonly mappings: DmaMappings
}

export function createDma(
  k: Kernel,
  { adapters, network }: Pick<Executive, 'adapters' | 'network'>,
  { driver, mdls, mappings }: Parts,
): Dma {
  const packets = network.packetDma
  // Protocols of NDIS 6 reach the DMA of an adapter through their binding to it.
  const adapterBehind = (handle: number): Adapter | undefined =>
    adapters.find(handle) ?? network.ndis6.station(handle)?.stack.adapter
  const pieces = createSgPieces(k, mdls)
  const scatterGather = createScatterGather(k, { adapters, adapterBehind, driver, mdls, pieces, mappings })
  const mapRegisters = createMapRegisters(k, adapters, mdls, pieces, mappings)
  const controller = createDmaController(k)
  const channels = createDmaChannels(k, { adapters, mdls, pieces, controller })
  const blocks = createSharedBlocks(k, mappings)
  const isSetUp = (adapter: Adapter): boolean =>
    scatterGather.hasChannel(adapter) ||
    packets.isSetUp(adapter) ||
    mapRegisters.of(adapter) !== undefined ||
    channels.has(adapter)
  return {
    mappings,
    scatterGather,
    packets,
    mapRegisters,
    channels,
    controller,
    blocks,
    adapterBehind,
    isSetUp,
    functions: joinFunctions(
      scatterGather.functions,
      packets.functions,
      mapRegisters.functions,
      channels.functions,
      createSharedMemoryCalls(k, adapters, blocks, isSetUp),
      createSharedMemoryAsync(k, { adapters, driver, channels: scatterGather, blocks, hasDma: isSetUp }),
      createSharedMemoryProvider(k, adapterBehind, blocks, isSetUp),
      createDmaAlignment(k),
      createPhysicalAddresses(k),
    ),
  }
}
