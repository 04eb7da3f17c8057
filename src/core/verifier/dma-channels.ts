import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Adapters } from '../ndis/adapters'
import type { Dma } from '../ndis/dma'
import { DMA_CHANNEL_OBJECT, type DmaChannelClaim } from '../ndis/dma-channel'
import type { Mdls } from '../ndis/mdl'
import type { DmaAdapterChecks } from './dma-adapter'
import type { DescriptorPointers } from './descriptor-pointer'
import { badHandle } from './handles'
import { hex } from './hex'
import { lastCallback } from './last-callback'
import type { Before, RuleFamily } from './rules'

export interface DmaChannelParts {
  readonly adapters: Adapters
  readonly mdls: Mdls
  readonly dma: Dma
  readonly checks: DmaAdapterChecks
  readonly pointers: DescriptorPointers
}

/** Channels of the system DMA controllers: one transfer at a time, ended as it was begun, and given back. */
export function dmaChannelRules(k: Kernel, { adapters, mdls, dma, checks, pointers }: DmaChannelParts): RuleFamily {
  const { violation } = k.verifier
  const { channels } = dma

  function register(_out: OutParam, handle: number): boolean {
    const fn = 'NdisMRegisterDmaChannel'
    const adapter = checks.adapterOf(fn, handle)
    if (!adapter) return false
    if (adapter.phase !== 'initializing')
      violation('DmaOutsideInitialize', fn, `${fn} is called outside of MiniportInitialize, where DMA is set up.`)
    if (channels.onOtherBus(adapter))
      violation(
        'DmaChannelBusMaster',
        fn,
        `${fn} fails: the NIC is a bus master on a PCI bus, where there are no DMA channels.`,
      )
    return false
  }
  /** The channel behind a handle; undefined, and a report, when there is none. */
  function claimOf(fn: string, handle: number): DmaChannelClaim | undefined {
    if (badHandle(k, fn, Number(handle) >>> 0, DMA_CHANNEL_OBJECT)) return undefined
    return channels.find(handle)
  }
  function give(fn: string, handle: number): boolean {
    const claim = claimOf(fn, handle)
    if (claim?.transfer)
      violation(
        'DV:DmaMisuse',
        fn,
        `${fn} takes DMA channel ${claim.channel} away from the transfer that it is set up for.`,
        {
          allocated: claim.transfer.site,
        },
      )
    return !claim
  }
  const setUp =
    (fn: string): Before =>
    (_status: OutParam, handle: number, buffer: number, offset: number, length: number): boolean => {
      const claim = claimOf(fn, handle)
      if (!claim || pointers.badMdl(fn, buffer)) return true
      if (claim.transfer)
        violation(
          'DV:DmaMisuse',
          fn,
          `${fn} fails: DMA channel ${claim.channel} is set up for another transfer still.`,
          {
            allocated: claim.transfer.site,
          },
        )
      const bytes = length >>> 0
      if (bytes === 0 || bytes > claim.maximum || (offset >>> 0) + bytes > mdls.byteCount(buffer))
        violation(
          'DmaTransferRange',
          fn,
          `${fn} fails: ${bytes} bytes from byte ${offset >>> 0} on are not all in a buffer of ${mdls.byteCount(buffer)}, or more than MaximumLength, ${claim.maximum}.`,
        )
      return false
    }
  const complete =
    (fn: string): Before =>
    (_status: OutParam, handle: number, buffer: number, offset: number, length: number): boolean => {
      const claim = claimOf(fn, handle)
      if (!claim) return true
      const { transfer } = claim
      if (!transfer)
        violation('DV:DmaMisuse', fn, `${fn} ends a transfer of DMA channel ${claim.channel}, which has none.`)
      else if (transfer.buffer !== buffer || transfer.offset !== offset >>> 0 || transfer.length !== length >>> 0)
        violation(
          'DV:DmaMisuse',
          fn,
          `${fn} takes what the transfer was set up with: ${transfer.length} bytes from byte ${transfer.offset} on of the buffer at ${hex(transfer.buffer)}.`,
          { allocated: transfer.site },
        )
      return false
    }
  adapters.watch({
    ended(adapter) {
      channels.forEach((claim) => {
        if (claim.adapter === adapter)
          violation('DV:DmaMisuse', lastCallback(adapter), `DMA channel ${claim.channel} was never given back.`, {
            at: claim.site,
            allocated: claim.site,
          })
      })
    },
  })
  return {
    before: {
      NdisMRegisterDmaChannel: register,
      NdisMDeregisterDmaChannel: (handle: number) => give('NdisMDeregisterDmaChannel', handle),
      NdisFreeDmaChannel: (handle: OutParam) => give('NdisFreeDmaChannel', k.cells.get32(handle)),
      NdisMSetupDmaTransfer: setUp('NdisMSetupDmaTransfer'),
      NdisSetupDmaTransfer: setUp('NdisSetupDmaTransfer'),
      NdisMCompleteDmaTransfer: complete('NdisMCompleteDmaTransfer'),
      NdisCompleteDmaTransfer: complete('NdisCompleteDmaTransfer'),
      NdisMReadDmaCounter: (handle: number) => claimOf('NdisMReadDmaCounter', handle) === undefined,
    },
  }
}
