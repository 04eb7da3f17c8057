import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { layout } from '../memory/layout'
import type { Adapter, Adapters } from './adapters'
import { isBusMaster } from './bus-master'
import { constant } from './constants'
import { CASCADE_CHANNEL, DMA_CHANNELS, FIRST_WIDE_CHANNEL, type DmaController } from './dma-controller'
import type { Mdls } from './mdl'
import type { SgPieces } from './sg-list'
import {
  NDIS_STATUS_FAILURE,
  NDIS_STATUS_RESOURCE_CONFLICT,
  NDIS_STATUS_RESOURCES,
  NDIS_STATUS_SUCCESS,
} from './status'

export const DMA_CHANNEL_OBJECT = 'DMA channel'
/** 'NDdc' */
const CHANNEL_TAG = 0x6364444e
const DESCRIPTION = layout(
  'NDIS_DMA_DESCRIPTION',
  'AutoInitialize', 'DmaChannelSpecified', 'DmaWidth', 'DmaChannel',
) // prettier-ignore
const WIDTH_8 = constant('Width8Bits')

/** A channel of the system DMA controllers that a miniport has: what MiniportDmaHandle stands for. */
export interface DmaChannelClaim {
  readonly handle: number
  readonly adapter: Adapter
  readonly channel: number
  /** Bytes of a transfer at most. */
  readonly maximum: number
  readonly autoInitialize: boolean
  readonly site: number
  /** The transfer that is set up, as its arguments were. */
  transfer?: { readonly buffer: number; readonly offset: number; readonly length: number; readonly site: number }
}
export interface DmaChannels {
  find(handle: number): DmaChannelClaim | undefined
  has(adapter: Adapter): boolean
  forEach(visit: (claim: DmaChannelClaim) => void): void
  /** Whether the NIC is a bus master on a bus that has no such channels. */
  onOtherBus(adapter: Adapter): boolean
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

interface Parts {
  readonly adapters: Adapters
  readonly mdls: Mdls
  readonly pieces: SgPieces
  readonly controller: DmaController
}

/** System DMA for NICs that are no bus masters (DDI ndismregisterdmachannel, ndismsetupdmatransfer, ndismreaddmacounter). */
export function createDmaChannels(k: Kernel, { adapters, mdls, pieces, controller }: Parts): DmaChannels {
  const { space, objects, preempt } = k
  const { r8, r32 } = space
  const { put32, get32 } = k.cells
  const claims = new Map<number, DmaChannelClaim>()
  const taken = (channel: number): boolean => [...claims.values()].some((claim) => claim.channel === channel)
  const onOtherBus = (adapter: Adapter): boolean => isBusMaster(adapter) && adapter.hardware !== undefined

  /** The channel that is asked for, or a free one of the width; -1 when there is none. */
  function choose(description: number): number {
    const wanted = r32(description + DESCRIPTION.DmaChannel)
    const specified = r8(description + DESCRIPTION.DmaChannelSpecified) !== 0
    const narrow = r32(description + DESCRIPTION.DmaWidth) === WIDTH_8
    for (let channel = 0; channel < DMA_CHANNELS; channel++) {
      const fits = specified ? channel === wanted : channel < FIRST_WIDE_CHANNEL === narrow
      if (fits && channel !== CASCADE_CHANNEL && !taken(channel)) return channel
    }
    return -1
  }
  function setUp(
    status: OutParam,
    handle: number,
    buffer: number,
    offset: number,
    length: number,
    write: number,
  ): void {
    preempt()
    const claim = claims.get(handle)
    const bytes = length >>> 0
    const busy = !claim || claim.transfer !== undefined
    const fits = claim && bytes > 0 && bytes <= claim.maximum && (offset >>> 0) + bytes <= mdls.byteCount(buffer)
    if (busy || !fits || !pieces.collect(buffer, offset >>> 0, bytes, true)) return put32(status, NDIS_STATUS_RESOURCES)
    controller.program(claim.channel, {
      ranges: pieces.ranges(),
      length: bytes,
      toDevice: Boolean(write),
      repeats: claim.autoInitialize,
    })
    claim.transfer = { buffer, offset: offset >>> 0, length: bytes, site: k.site.s }
    put32(status, NDIS_STATUS_SUCCESS)
  }
  function complete(
    status: OutParam,
    handle: number,
    _buffer: number,
    _offset: number,
    _length: number,
    _write: number,
  ): void {
    const claim = claims.get(handle)
    const was = claim?.transfer
    if (claim) {
      controller.release(claim.channel)
      delete claim.transfer
    }
    put32(status, was ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES)
    preempt()
  }
  function give(handle: number): void {
    const claim = claims.get(handle)
    if (!claim)
      k.bugcheck(
        'BAD_POOL_CALLER',
        [0x99, handle],
        'A DMA channel is given back that is not one of NdisMRegisterDmaChannel.',
      )
    controller.release(claim.channel)
    claims.delete(handle)
    objects.destroy(handle)
  }

  return {
    find: (handle) => claims.get(handle),
    has: (adapter) => [...claims.values()].some((claim) => claim.adapter === adapter),
    forEach: (visit) => claims.forEach((claim) => visit(claim)),
    onOtherBus,
    functions: {
      NdisMRegisterDmaChannel(
        MiniportDmaHandle: OutParam,
        MiniportAdapterHandle: number,
        _DmaChannel: number,
        _Dma32BitAddresses: number,
        DmaDescription: number,
        MaximumLength: number,
      ): number {
        preempt()
        put32(MiniportDmaHandle, 0)
        const adapter = adapters.find(MiniportAdapterHandle)
        if (!adapter || onOtherBus(adapter)) return NDIS_STATUS_FAILURE
        const channel = choose(DmaDescription)
        if (channel < 0) return NDIS_STATUS_RESOURCE_CONFLICT
        const handle = objects.create(DMA_CHANNEL_OBJECT, CHANNEL_TAG, layout('NDIS_DMA_BLOCK').SIZE, false)
        if (handle === 0) return NDIS_STATUS_RESOURCES
        const autoInitialize = r8(DmaDescription + DESCRIPTION.AutoInitialize) !== 0
        claims.set(handle, { handle, adapter, channel, maximum: MaximumLength >>> 0, autoInitialize, site: k.site.s })
        put32(MiniportDmaHandle, handle)
        return NDIS_STATUS_SUCCESS
      },
      NdisMDeregisterDmaChannel(MiniportDmaHandle: number): void {
        give(MiniportDmaHandle)
        preempt()
      },
      NdisFreeDmaChannel(NdisDmaHandle: OutParam): void {
        give(get32(NdisDmaHandle))
        put32(NdisDmaHandle, 0)
        preempt()
      },
      NdisMSetupDmaTransfer: setUp,
      NdisSetupDmaTransfer: setUp,
      NdisMCompleteDmaTransfer: complete,
      NdisCompleteDmaTransfer: complete,
      /** Bytes that are left of the transfer; 0 when none is set up. */
      NdisMReadDmaCounter(MiniportDmaHandle: number): number {
        preempt()
        const claim = claims.get(MiniportDmaHandle)
        const transfer = claim && controller.current(claim.channel)
        return transfer ? transfer.length - transfer.done : 0
      },
    },
  }
}
