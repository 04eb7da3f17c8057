import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import type { Mdls } from './mdl'
import { NB, newPlace, type NetBufferChain } from './net-buffer-chain'
import { spanPages } from './packet-layout'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

/** Reads and copies of the data of NET_BUFFERs (DDI ndisgetdatabuffer, ndiscopyfromnetbuffertonetbuffer). */
export function createNetBufferCopy(k: Kernel, mdls: Mdls, chain: NetBufferChain) {
  const { space, preempt } = k
  const { put32 } = k.cells
  const { get, start, room, addressOf } = chain
  const to = newPlace()
  const from = newPlace()

  /** Copies the first bytes of data to memory; whether the chain had so many. */
  function gather(netBuffer: number, length: number, target: number): boolean {
    start(from, netBuffer, 0)
    for (let done = 0; done < length;) {
      const piece = Math.min(length - done, room(from))
      if (piece === 0 || mdls.systemAddress(from.mdl) === 0) return false
      space.move(target + done, addressOf(from), piece)
      from.at += piece
      done += piece
    }
    return true
  }

  return {
    /**
     * The address of the data when it lies in one piece at `AlignMultiple * n + AlignOffset`, else Storage with a copy.
     * NULL: less data than that, no Storage for the copy, or an MDL without pages. A misaligned piece counts as one that
     * does not lie right: the page lets NDIS allocate for it, but whose such memory would be it does not say.
     */
    NdisGetDataBuffer(
      NetBuffer: number,
      BytesNeeded: number,
      Storage: number,
      AlignMultiple: number,
      AlignOffset: number,
    ): number {
      preempt()
      const bytes = BytesNeeded >>> 0
      if (get(NetBuffer, NB.DataLength) < bytes) return 0
      start(from, NetBuffer, 0)
      if (room(from) >= bytes && mdls.systemAddress(from.mdl) !== 0) {
        const address = addressOf(from)
        if (((address - AlignOffset) & (AlignMultiple - 1)) === 0) return address
      }
      return Storage && gather(NetBuffer, bytes, Storage >>> 0) ? Storage : 0
    },

    /**
     * Offsets count from CurrentMdlOffset. Stops early where the source has no more data or the destination no more
     * memory, and changes no member of the destination. RESOURCES: an MDL whose pages were never filled in.
     */
    NdisCopyFromNetBufferToNetBuffer(
      Destination: number,
      DestinationOffset: number,
      BytesToCopy: number,
      Source: number,
      SourceOffset: number,
      BytesCopied: OutParam,
    ): number {
      preempt()
      start(to, Destination, DestinationOffset >>> 0)
      start(from, Source, SourceOffset >>> 0)
      const data = Math.max(0, get(Source, NB.DataLength) - (SourceOffset >>> 0))
      let copied = 0
      let status: number = NDIS_STATUS_SUCCESS
      for (let left = Math.min(BytesToCopy >>> 0, data); left > 0;) {
        const length = Math.min(left, room(to), room(from))
        if (length === 0) break
        if (mdls.systemAddress(to.mdl) === 0 || mdls.systemAddress(from.mdl) === 0) {
          status = NDIS_STATUS_RESOURCES
          break
        }
        space.move(addressOf(to), addressOf(from), length)
        to.at += length
        from.at += length
        copied += length
        left -= length
      }
      put32(BytesCopied, copied)
      return status
    },

    /** DDI ndisquerynetbufferphysicalcount: pages that the used data touches, MDL by MDL. */
    NdisQueryNetBufferPhysicalCount(NetBuffer: number): number {
      preempt()
      let pages = 0
      start(from, NetBuffer, 0)
      for (let left = get(NetBuffer, NB.DataLength); left > 0;) {
        const piece = Math.min(left, room(from))
        if (piece === 0) break
        pages += spanPages(mdls.virtualAddress(from.mdl) + from.at, piece)
        from.at += piece
        left -= piece
      }
      return pages
    },
  }
}
