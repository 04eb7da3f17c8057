import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import { PACKET } from './packet-layout'

/** A place in a chain: the buffer and the bytes of it that lie before. */
interface Place {
  mdl: number
  at: number
  links: number
}

/** Copies between the chains of two packets (NdisCopyFromPacketToPacket). */
export function createPacketCopy(k: Kernel, mdls: Mdls) {
  const { space, preempt } = k
  const { put32 } = k.cells
  const to: Place = { mdl: 0, at: 0, links: 0 }
  const from: Place = { mdl: 0, at: 0, links: 0 }

  function start(place: Place, packet: number, offset: number): void {
    place.mdl = space.i32[(packet + PACKET.Head) >> 2]! >>> 0
    place.at = offset
    place.links = 0
  }
  /** Bytes that follow in the place's buffer, buffers that end before it skipped; 0 at the end of the chain. */
  function room(place: Place): number {
    while (place.mdl !== 0 && place.links < LONGEST_CHAIN) {
      const here = mdls.byteCount(place.mdl)
      if (place.at < here) return here - place.at
      place.at -= here
      place.mdl = mdls.next(place.mdl)
      place.links++
    }
    return 0
  }

  /** Stops early where source or destination ends, and says how far it came. */
  function copy(
    Destination: number,
    DestinationOffset: number,
    BytesToCopy: number,
    Source: number,
    SourceOffset: number,
    BytesCopied: OutParam,
  ): void {
    preempt()
    start(to, Destination, DestinationOffset >>> 0)
    start(from, Source, SourceOffset >>> 0)
    let copied = 0
    for (let left = BytesToCopy >>> 0; left > 0;) {
      const length = Math.min(left, room(to), room(from))
      if (length === 0) break
      space.move(mdls.systemAddress(to.mdl) + to.at, mdls.systemAddress(from.mdl) + from.at, length)
      to.at += length
      from.at += length
      copied += length
      left -= length
    }
    put32(BytesCopied, copied)
  }

  return {
    NdisCopyFromPacketToPacket: copy,
    NdisCopyFromPacketToPacketSafe: (
      Destination: number,
      DestinationOffset: number,
      BytesToCopy: number,
      Source: number,
      SourceOffset: number,
      BytesCopied: OutParam,
      _Priority: number,
    ): void => copy(Destination, DestinationOffset, BytesToCopy, Source, SourceOffset, BytesCopied),
  }
}
