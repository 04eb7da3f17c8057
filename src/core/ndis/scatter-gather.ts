import { ACTIVATION } from '../kernel/cpus'
import { DISPATCH_LEVEL } from '../kernel/irql'
import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { OutParam } from '../memory/cell'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapter, Adapters } from './adapters'
import { isBusMaster, isNdis6 } from './bus-master'
import { constant } from './constants'
import type { DmaAccess, DmaMapping, DmaMappings } from './dma-mapping'
import type { DriverLife, Handler } from './driver'
import type { Mdls } from './mdl'
import { NB } from './net-buffer-chain'
import { isObject } from './object-header'
import { mostPages, SG_LIST, sgListBytes, type SgPieces } from './sg-list'
import {
  NDIS_STATUS_BAD_VERSION,
  NDIS_STATUS_BUFFER_TOO_SHORT,
  NDIS_STATUS_INVALID_PARAMETER,
  NDIS_STATUS_NOT_SUPPORTED,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const DMA_OBJECT = 'scatter/gather DMA handle'
/** 'NDdm' */
const DMA_TAG = 0x6d64444e
const DMA_BYTES = 32
/** 'NDsg' */
export const SG_LIST_TAG = 0x6773444e

const DESCRIPTION = layout(
  'NDIS_SG_DMA_DESCRIPTION',
  'MaximumPhysicalMapping', 'ProcessSGListHandler', 'SharedMemAllocateCompleteHandler', 'ScatterGatherListSize',
) // prettier-ignore
const DESCRIPTION_OBJECT = {
  type: constant('NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION'),
  size: constant('NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1'),
}
const PARAMETERS = layout(
  'NDIS_SCATTER_GATHER_LIST_PARAMETERS',
  'Mdl', 'CurrentVa', 'Length', 'ProcessSGListHandler', 'Context', 'ScatterGatherListBuffer',
  'ScatterGatherListBufferSize', 'ScatterGatherListBufferSizeNeeded',
) // prettier-ignore
const PARAMETERS_OBJECT = {
  type: constant('NDIS_OBJECT_TYPE_DEFAULT'),
  size: constant('NDIS_SIZEOF_SCATTER_GATHER_LIST_PARAMETERS_REVISION_1'),
}
const WRITE_TO_DEVICE = constant('NDIS_SG_LIST_WRITE_TO_DEVICE')

/** What NdisMiniportDmaHandle stands for. */
export interface DmaChannel {
  readonly handle: number
  readonly adapter: Adapter
  /** MiniportProcessSGList. */
  readonly processList: number
  /** MiniportSharedMemoryAllocateComplete; 0: none. */
  readonly allocateComplete: number
  readonly site: number
}

/** A scatter/gather list that is out. */
export interface SgList {
  readonly address: number
  readonly bytes: number
  readonly adapter: Adapter
  /** The handle that it must be freed with: of the DMA channel, or of the adapter for NdisBuildScatterGatherList. */
  readonly handle: number
  /** 0: of NdisBuildScatterGatherList. */
  readonly netBuffer: number
  /** NDIS allocated its memory. */
  readonly own: boolean
  readonly mapping: DmaMapping
  readonly site: number
  /** The driver's callback has got it. */
  arrived: boolean
}

export interface ScatterGather {
  channel(handle: number): DmaChannel | undefined
  forEachChannel(visit: (channel: DmaChannel) => void): void
  hasChannel(adapter: Adapter): boolean
  list(address: number): SgList | undefined
  /** The newest list of a NET_BUFFER that is out. */
  listOf(netBuffer: number): SgList | undefined
  lists(): number
  forEachList(visit: (list: SgList) => void): void
  /** Where the list that was last at the address was freed: a call site. */
  freed(address: number): number | undefined
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

interface Parts {
  readonly adapters: Adapters
  /** The adapter behind a handle of it, or of a binding to it. */
  readonly adapterBehind: (handle: number) => Adapter | undefined
  readonly driver: DriverLife
  readonly mdls: Mdls
  readonly pieces: SgPieces
  readonly mappings: DmaMappings
}

/** Scatter/gather DMA of NDIS 6 (DDI ndismregisterscattergatherdma, ndismallocatenetbuffersglist, ndisbuildscattergatherlist). */
export function createScatterGather(
  k: Kernel,
  { adapters, adapterBehind, driver, mdls, pieces, mappings }: Parts,
): ScatterGather {
  const { space, objects, pool, scheduler, cpus, clock, random, late, preempt } = k
  const { r32, w32 } = space
  const { put32 } = k.cells
  const channels = new Map<number, DmaChannel>()
  const lists = new Map<number, SgList>()
  const ofNetBuffer = new Map<number, SgList>()
  const graves = new Map<number, number>()
  /** Of late lists, by channel: virtual time of the newest one. */
  const newestDue = new Map<number, number>()

  const handlerAt = (address: number, name: string): Handler =>
    driver.handler(address) ?? k.fault(address, false, `${name} is no function of the driver.`)
  const hasChannel = (adapter: Adapter): boolean =>
    [...channels.values()].some((channel) => channel.adapter === adapter)

  /** Writes the collected pieces where there is room: in the caller's memory, else in some of NDIS. undefined: none is left. */
  function makeList(
    from: Pick<SgList, 'adapter' | 'handle' | 'netBuffer'>,
    buffer: number,
    bufferBytes: number,
    access: DmaAccess,
  ): SgList | undefined {
    const bytes = sgListBytes(pieces.count())
    const own = buffer === 0 || bufferBytes < bytes
    const address = own
      ? pool.allocate(Math.max(bytes, SG_LIST.SIZE), SG_LIST_TAG, OWNER_NDIS, k.site.s, k.log.count())
      : buffer
    if (address === 0) return undefined
    pieces.writeList(address)
    const mapping = mappings.open(pieces.ranges(), access)
    const list: SgList = { ...from, address, bytes, own, mapping, site: k.site.s, arrived: false }
    graves.delete(address)
    lists.set(address, list)
    if (list.netBuffer !== 0) ofNetBuffer.set(list.netBuffer, list)
    return list
  }
  function free(address: number): void {
    const list = lists.get(address)
    if (!list) k.bugcheck('BAD_POOL_CALLER', [0x99, address], 'A scatter/gather list is freed that is not allocated.')
    lists.delete(address)
    graves.set(address, k.site.s)
    mappings.close(list.mapping)
    if (ofNetBuffer.get(list.netBuffer) === list) ofNetBuffer.delete(list.netBuffer)
    if (list.own) pool.free(address, k.site.s)
  }

  /**
   * HAL may have the list ready at once or when a DPC gets its turn; a driver must live with both. Those of a channel come in the order in
   * which they were asked for.
   */
  function deliver(channel: DmaChannel, list: SgList, context: number): void {
    const handler = handlerAt(channel.processList, 'ProcessSGListHandler')
    // pDO and Reserved are HAL's.
    const args = [0, 0, list.address, context]
    if (!late && random.below(2) === 0) {
      list.arrived = true
      driver.callback(
        ACTIVATION.CALLBACK,
        'MINIPORT_PROCESS_SG_LIST',
        DISPATCH_LEVEL,
        handler,
        args,
        'MiniportProcessSGList',
      )
      return
    }
    const work = driver.work(
      ACTIVATION.DPC,
      'MINIPORT_PROCESS_SG_LIST',
      DISPATCH_LEVEL,
      (invoke) => {
        // The driver gave the list, or the channel, back before it came.
        if (lists.get(list.address) !== list || !channels.has(channel.handle)) return
        list.arrived = true
        invoke(handler, args)
      },
      'MiniportProcessSGList',
    )
    const cpu = cpus.current()
    if (!late) return scheduler.queueDpc(cpu, work)
    const due = Math.max(clock.now() + late.delay(), newestDue.get(channel.handle) ?? 0)
    newestDue.set(channel.handle, due)
    clock.setAlarm(due, () => scheduler.queueDpc(cpu, work))
  }

  const registration = {
    NdisMRegisterScatterGatherDma(
      MiniportAdapterHandle: number,
      DmaDescription: number,
      NdisMiniportDmaHandle: OutParam,
    ): number {
      preempt()
      put32(NdisMiniportDmaHandle, 0)
      const adapter = adapters.find(MiniportAdapterHandle)
      if (!adapter || !isNdis6(adapter) || !isBusMaster(adapter)) return NDIS_STATUS_NOT_SUPPORTED
      if (!isObject(space, DmaDescription, DESCRIPTION_OBJECT)) return NDIS_STATUS_BAD_VERSION
      const handle = objects.create(DMA_OBJECT, DMA_TAG, DMA_BYTES, false)
      if (handle === 0) return NDIS_STATUS_RESOURCES
      channels.set(handle, {
        handle,
        adapter,
        processList: r32(DmaDescription + DESCRIPTION.ProcessSGListHandler),
        allocateComplete: r32(DmaDescription + DESCRIPTION.SharedMemAllocateCompleteHandler),
        site: k.site.s,
      })
      const maximum = r32(DmaDescription + DESCRIPTION.MaximumPhysicalMapping)
      w32(DmaDescription + DESCRIPTION.ScatterGatherListSize, sgListBytes(mostPages(maximum)))
      put32(NdisMiniportDmaHandle, handle)
      return NDIS_STATUS_SUCCESS
    },
    NdisMDeregisterScatterGatherDma(NdisMiniportDmaHandle: number): void {
      if (!channels.delete(NdisMiniportDmaHandle))
        k.bugcheck(
          'BAD_POOL_CALLER',
          [0x99, NdisMiniportDmaHandle],
          'NdisMDeregisterScatterGatherDma was given what is no handle of NdisMRegisterScatterGatherDma.',
        )
      objects.destroy(NdisMiniportDmaHandle)
      preempt()
    },
  }
  const netBufferLists = {
    NdisMAllocateNetBufferSGList(
      NdisMiniportDmaHandle: number,
      NetBuffer: number,
      Context: number,
      Flags: number,
      ScatterGatherListBuffer: number,
      ScatterGatherListBufferSize: number,
    ): number {
      preempt()
      const channel = channels.get(NdisMiniportDmaHandle)
      if (!channel) return NDIS_STATUS_RESOURCES
      // DDI: the list begins with CurrentMdl, the data CurrentMdlOffset bytes into the list.
      const bytes = r32(NetBuffer + NB.CurrentMdlOffset) + r32(NetBuffer + NB.DataLength)
      if (!pieces.collect(r32(NetBuffer + NB.CurrentMdl), 0, bytes, random.below(2) === 0)) return NDIS_STATUS_RESOURCES
      const list = makeList(
        { adapter: channel.adapter, handle: channel.handle, netBuffer: NetBuffer },
        (ScatterGatherListBuffer ?? 0) >>> 0,
        ScatterGatherListBufferSize >>> 0,
        (Flags & WRITE_TO_DEVICE) !== 0 ? 'read' : 'write',
      )
      if (!list) return NDIS_STATUS_RESOURCES
      deliver(channel, list, Context ?? 0)
      return NDIS_STATUS_SUCCESS
    },
    NdisMFreeNetBufferSGList(_NdisMiniportDmaHandle: number, pSGL: number, _NetBuffer: number): void {
      free(pSGL)
      preempt()
    },
  }
  const builtLists = {
    NdisBuildScatterGatherList(NdisHandle: number, SGListParameters: number): number {
      preempt()
      const get = (field: number): number => r32(SGListParameters + field)
      const adapter = adapterBehind(NdisHandle)
      if (!adapter || !hasChannel(adapter) || !isObject(space, SGListParameters, PARAMETERS_OBJECT))
        return NDIS_STATUS_INVALID_PARAMETER
      const mdl = get(PARAMETERS.Mdl)
      const skip = get(PARAMETERS.CurrentVa) - mdls.virtualAddress(mdl)
      // Not merged by chance: what it says is needed must still do in the next call.
      if (skip < 0 || !pieces.collect(mdl, skip, get(PARAMETERS.Length), false)) return NDIS_STATUS_INVALID_PARAMETER
      const needed = sgListBytes(pieces.count())
      w32(SGListParameters + PARAMETERS.ScatterGatherListBufferSizeNeeded, needed)
      const buffer = get(PARAMETERS.ScatterGatherListBuffer)
      const size = get(PARAMETERS.ScatterGatherListBufferSize)
      if (buffer === 0 || size < needed) return NDIS_STATUS_BUFFER_TOO_SHORT
      const handler = handlerAt(get(PARAMETERS.ProcessSGListHandler), 'ProcessSGListHandler')
      const list = makeList({ adapter, handle: NdisHandle, netBuffer: 0 }, buffer, size, 'both')!
      list.arrived = true
      const args = [0, 0, list.address, get(PARAMETERS.Context)]
      driver.callback(ACTIVATION.CALLBACK, 'NDIS_PROCESS_SG_LIST', DISPATCH_LEVEL, handler, args, 'NetProcessSGList')
      return NDIS_STATUS_SUCCESS
    },
    NdisFreeScatterGatherList(_NdisHandle: number, ScatterGatherListBuffer: number, _WriteToDevice: number): void {
      free(ScatterGatherListBuffer)
      preempt()
    },
  }
  return {
    channel: (handle) => channels.get(handle),
    forEachChannel: (visit) => channels.forEach((channel) => visit(channel)),
    hasChannel,
    list: (address) => lists.get(address),
    listOf: (netBuffer) => ofNetBuffer.get(netBuffer),
    lists: () => lists.size,
    forEachList: (visit) => lists.forEach((list) => visit(list)),
    freed: (address) => graves.get(address),
    functions: { ...registration, ...netBufferLists, ...builtLists },
  }
}
