import type { AddressSpace } from '../memory/address-space'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import { PACKET } from './packet-layout'

/** A whole frame. The bytes are valid during the call only. */
export type FrameSink = (bytes: Uint8Array, length: number) => void

/** Copies the bytes of a packet's buffers out, at most what fits; how many. */
export function gatherPacket(
  { u8, i32 }: Pick<AddressSpace, 'u8' | 'i32'>,
  mdls: Mdls,
  packet: number,
  into: Uint8Array,
): number {
  let mdl = i32[(packet + PACKET.Head) >> 2]! >>> 0
  let length = 0
  for (let links = 0; mdl !== 0 && length < into.length && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl)) {
    const start = mdls.systemAddress(mdl)
    const part = u8.subarray(start, start + Math.min(mdls.byteCount(mdl), into.length - length))
    into.set(part, length)
    length += part.length
  }
  return length
}
