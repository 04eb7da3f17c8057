import type { Kernel } from '../kernel/kernel'
import type { Mdls } from '../ndis/mdl'
import { NB, newPlace, type NetBufferChain } from '../ndis/net-buffer-chain'
import type { NetBufferLook } from './net-buffer-look'
import type { RuleFamily } from './rules'

interface Parts {
  readonly mdls: Mdls
  readonly chain: NetBufferChain
  readonly look: NetBufferLook
}

/** Reads and copies of the data: CurrentMdl outside the chain, Storage that is too small, data that is no memory. */
export function netBufferCopyRules(k: Kernel, { mdls, chain, look }: Parts): RuleFamily {
  const { violation } = k.verifier
  const { get, start, room, addressOf } = chain
  const place = newPlace()

  /** Goes over the memory that a copy touches; false when it must not. */
  function mayTouch(fn: string, netBuffer: number, skip: number, length: number, write: boolean): boolean {
    start(place, netBuffer, skip)
    for (let left = length; left > 0;) {
      const piece = Math.min(left, room(place))
      // Nothing left, or an MDL without pages: the function stops there by itself.
      if (piece === 0 || mdls.systemAddress(place.mdl) === 0) return true
      if (!k.access.range(fn, addressOf(place), piece, write)) return false
      place.at += piece
      left -= piece
    }
    return true
  }
  const isPowerOfTwo = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value))

  return {
    before: {
      NdisGetDataBuffer(netBuffer: number, bytesNeeded: number, storage: number, multiple: number, offset: number) {
        const fn = 'NdisGetDataBuffer'
        if (look.badCurrent(fn, netBuffer)) return true
        if (!isPowerOfTwo(multiple >>> 0) || offset >>> 0 >= multiple >>> 0)
          violation(
            'DataBufferAlignment',
            fn,
            `AlignMultiple ${multiple} with AlignOffset ${offset}: the multiple is a power of two (1: anywhere), the offset less than that.`,
            look.details(netBuffer),
          )
        const bytes = bytesNeeded >>> 0
        if (!storage) return false
        return (
          !k.access.range(fn, storage >>> 0, bytes, true) ||
          (get(netBuffer, NB.DataLength) >= bytes && !mayTouch(fn, netBuffer, 0, bytes, false))
        )
      },
      NdisCopyFromNetBufferToNetBuffer(
        destination: number,
        destinationOffset: number,
        bytesToCopy: number,
        source: number,
        sourceOffset: number,
      ) {
        const fn = 'NdisCopyFromNetBufferToNetBuffer'
        if (look.badCurrent(fn, destination) || look.badCurrent(fn, source)) return true
        const data = Math.max(0, get(source, NB.DataLength) - (sourceOffset >>> 0))
        const bytes = Math.min(bytesToCopy >>> 0, data)
        return (
          !mayTouch(fn, source, sourceOffset >>> 0, bytes, false) ||
          !mayTouch(fn, destination, destinationOffset >>> 0, bytes, true)
        )
      },
      NdisQueryNetBufferPhysicalCount: (netBuffer: number) =>
        look.badCurrent('NdisQueryNetBufferPhysicalCount', netBuffer),
    },
  }
}
