import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import type { DmaRange } from './dma-mapping'
import { LONGEST_CHAIN, type Mdls } from './mdl'
import { PAGE_SIZE } from './packet-layout'

export const SG_LIST = layout('SCATTER_GATHER_LIST', 'NumberOfElements', 'Reserved', 'Elements')
const ELEMENT = layout('SCATTER_GATHER_ELEMENT', 'Address', 'Length', 'Reserved')
const UNIT = layout('NDIS_PHYSICAL_ADDRESS_UNIT', 'PhysicalAddress', 'Length')

/** Bytes of a SCATTER_GATHER_LIST. */
export const sgListBytes = (elements: number): number => SG_LIST.Elements + ELEMENT.SIZE * elements
/** Pages that so many bytes touch at most, wherever they begin. */
export const mostPages = (bytes: number): number => (bytes === 0 ? 1 : Math.ceil((PAGE_SIZE - 1 + bytes) / PAGE_SIZE))

/** The physical pieces of what MDLs describe; each `collect` begins anew. */
export interface SgPieces {
  /**
   * Collects `length` bytes, `skip` bytes into the chain: a piece for each page of each MDL. `merged`: pages of an MDL that
   * follow one another in physical memory are one piece. false: the chain has fewer bytes, or pages that nobody filled in.
   */
  collect(mdl: number, skip: number, length: number, merged: boolean): boolean
  count(): number
  writeList(list: number): void
  /** Writes an array of NDIS_PHYSICAL_ADDRESS_UNIT. */
  writeUnits(array: number): void
  ranges(): readonly DmaRange[]
  /** Bytes that a chain of MDLs describes. */
  bytesOf(mdl: number): number
}

export function createSgPieces(k: Kernel, mdls: Mdls): SgPieces {
  const { w32, w64 } = k.space
  const starts: number[] = []
  const lengths: number[] = []
  let count = 0

  function add(start: number, bytes: number, merge: boolean): void {
    if (merge && starts[count - 1]! + lengths[count - 1]! === start) lengths[count - 1]! += bytes
    else {
      starts[count] = start
      lengths[count++] = bytes
    }
  }
  /** The pieces of one MDL; false when a page is not there. */
  function addMdl(mdl: number, skip: number, length: number, merged: boolean): boolean {
    const first = count
    for (let done = 0; done < length;) {
      const at = mdls.byteOffset(mdl) + skip + done
      const bytes = Math.min(length - done, PAGE_SIZE - (at % PAGE_SIZE))
      const start = mdls.physicalAddress(mdl, at)
      if (start < 0) return false
      add(start, bytes, merged && count > first)
      done += bytes
    }
    return true
  }

  return {
    collect(mdl, skip, length, merged) {
      count = 0
      let before = skip
      let left = length
      for (let links = 0; left > 0 && mdl !== 0 && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl)) {
        const here = mdls.byteCount(mdl)
        const take = Math.min(left, here - before)
        if (take > 0 && !addMdl(mdl, before, take, merged)) return false
        left -= Math.max(0, take)
        before = Math.max(0, before - here)
      }
      return left === 0
    },
    count: () => count,
    writeList(list) {
      w32(list + SG_LIST.NumberOfElements, count)
      w32(list + SG_LIST.Reserved, 0)
      for (let i = 0; i < count; i++) {
        const element = list + SG_LIST.Elements + i * ELEMENT.SIZE
        w64(element + ELEMENT.Address, BigInt(starts[i]!))
        w32(element + ELEMENT.Length, lengths[i]!)
        w32(element + ELEMENT.Reserved, 0)
      }
    },
    writeUnits(array) {
      for (let i = 0; i < count; i++) {
        w64(array + i * UNIT.SIZE + UNIT.PhysicalAddress, BigInt(starts[i]!))
        w32(array + i * UNIT.SIZE + UNIT.Length, lengths[i]!)
      }
    },
    ranges: () => Array.from({ length: count }, (_unused, i) => ({ start: starts[i]!, end: starts[i]! + lengths[i]! })),
    bytesOf(mdl) {
      let bytes = 0
      for (let links = 0; mdl !== 0 && links < LONGEST_CHAIN; links++, mdl = mdls.next(mdl))
        bytes += mdls.byteCount(mdl)
      return bytes
    },
  }
}
