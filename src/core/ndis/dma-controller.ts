import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { DmaRange } from './dma-mapping'

/** The two controllers of a PC have 8 channels, of which one joins them. */
export const DMA_CHANNELS = 8
export const CASCADE_CHANNEL = 4
/** Channels from this one on move 16 bits at a time. */
export const FIRST_WIDE_CHANNEL = 5

/** A transfer that a channel was programmed for. */
export interface ChannelTransfer {
  readonly ranges: readonly DmaRange[]
  readonly length: number
  readonly toDevice: boolean
  /** The channel begins anew when it comes to the end. */
  readonly repeats: boolean
  /** Bytes done. */
  done: number
}

/** The system DMA controllers: a NIC that is no bus master asks them to move its data. */
export interface DmaController {
  program(channel: number, transfer: Omit<ChannelTransfer, 'done'>): void
  release(channel: number): void
  current(channel: number): ChannelTransfer | undefined
  /**
   * A device's requests on a channel: as many bytes as are left of its transfer, at most those of `data`, go from memory
   * into `data` or from `data` into memory; how many they are. 0: nothing is programmed.
   */
  request(channel: number, data: Uint8Array): number
}

export function createDmaController(k: Kernel): DmaController {
  const { r8, w8 } = k.space
  const transfers = new Map<number, ChannelTransfer>()

  /** The virtual address of a byte of a transfer. */
  function byteAt({ ranges }: ChannelTransfer, index: number): number {
    let left = index
    for (const { start, end } of ranges) {
      if (left < end - start) return start + left - PHYSICAL_OFFSET
      left -= end - start
    }
    throw new RangeError(`the transfer has no byte ${index}`)
  }
  return {
    program: (channel, transfer) => void transfers.set(channel, { ...transfer, done: 0 }),
    release: (channel) => void transfers.delete(channel),
    current: (channel) => transfers.get(channel),
    request(channel, data) {
      const transfer = transfers.get(channel)
      if (!transfer) return 0
      let moved = 0
      while (moved < data.length && transfer.done < transfer.length) {
        const address = byteAt(transfer, transfer.done++)
        if (transfer.toDevice) data[moved++] = r8(address)
        else w8(address, data[moved++]!)
        if (transfer.repeats && transfer.done === transfer.length) transfer.done = 0
      }
      return moved
    },
  }
}
