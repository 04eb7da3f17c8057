import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import {
  MDL,
  MDL_MAPPED_TO_SYSTEM_VA,
  MDL_PARTIAL,
  MDL_SOURCE_IS_NONPAGED_POOL,
  PAGE_SHIFT,
  PAGE_SIZE,
  spanPages,
} from './packet-layout'

/** MDL.Size is a signed 16-bit number of bytes, so that an MDL has room for this many pages at most. */
export const MOST_MDL_PAGES = Math.floor((0x7fff - MDL.SIZE) / 4)
/** Longest chain that is followed: whatever is longer goes in a circle. */
export const LONGEST_CHAIN = 0x1_0000

/** wdm.h: MmProbeAndLockPages filled the pages in. */
const MDL_PAGES_LOCKED = 0x0002
const PAGES_FILLED = MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL | MDL_PAGES_LOCKED

/** Bytes of an MDL with room for so many pages. */
export const mdlSize = (pages: number): number => MDL.SIZE + 4 * pages
/** Pages that an MDL for a range needs room for. One at least, as NDIS_BUFFER_TO_SPAN_PAGES has it. */
export const mdlPages = (address: number, length: number): number => Math.max(1, spanPages(address, length))

/** Works on MDLs wherever they lie. An NDIS_BUFFER is one. All addresses are those of the MDL unless said otherwise. */
export interface Mdls {
  /** Fills an MDL for a range, all but its pages, as MmInitializeMdl does. */
  initialize(mdl: number, address: number, length: number): void
  /** Fills in the pages of nonpaged memory, as MmBuildMdlForNonPagedPool does. */
  build(mdl: number): void
  /** Fills an MDL for part of what `source` describes, from `skip` bytes on. */
  buildPartial(mdl: number, source: number, skip: number, length: number): void
  next(mdl: number): number
  setNext(mdl: number, next: number): void
  byteCount(mdl: number): number
  setByteCount(mdl: number, bytes: number): void
  byteOffset(mdl: number): number
  /** The address that the MDL was made with. */
  virtualAddress(mdl: number): number
  /** The address under which the kernel reaches the memory; 0 when the pages were never filled in. */
  systemAddress(mdl: number): number
  pages(mdl: number): number
  /** Physical address of a byte, counted from the beginning of the first page; -1 when that page was never filled in. */
  physicalAddress(mdl: number, at: number): number
}

export function createMdls(k: Kernel): Mdls {
  const { i32, r16, w16 } = k.space
  // An address beyond memory reads as 0: a wild pointer is for the rules to report, not for us to stumble over.
  const get = (mdl: number, field: number): number => i32[(mdl + field) >> 2]! | 0
  const set = (mdl: number, field: number, value: number): void => {
    i32[(mdl + field) >> 2] = value
  }
  const flags = (mdl: number): number => get(mdl, MDL.Size) >>> 16
  const setSizeAndFlags = (mdl: number, size: number, bits: number): void => set(mdl, MDL.Size, size | (bits << 16))
  const virtualAddress = (mdl: number): number => (get(mdl, MDL.StartVa) + get(mdl, MDL.ByteOffset)) >>> 0
  const byteCount = (mdl: number): number => get(mdl, MDL.ByteCount) >>> 0
  const pages = (mdl: number): number => mdlPages(virtualAddress(mdl), byteCount(mdl))

  function initialize(mdl: number, address: number, length: number): void {
    set(mdl, MDL.Next, 0)
    setSizeAndFlags(mdl, mdlSize(mdlPages(address, length)), 0)
    set(mdl, MDL.Process, 0)
    set(mdl, MDL.MappedSystemVa, 0)
    set(mdl, MDL.StartVa, address & -PAGE_SIZE)
    set(mdl, MDL.ByteCount, length)
    set(mdl, MDL.ByteOffset, address & (PAGE_SIZE - 1))
  }
  function fillPages(mdl: number): void {
    // Only as many as there is room for: the size word may have been overwritten.
    const count = Math.min(pages(mdl), Math.max(0, (r16(mdl + MDL.Size) - MDL.SIZE) >> 2), MOST_MDL_PAGES)
    const first = (get(mdl, MDL.StartVa) + PHYSICAL_OFFSET) >>> PAGE_SHIFT
    for (let page = 0; page < count; page++) set(mdl, MDL.SIZE + 4 * page, first + page)
  }
  const addFlags = (mdl: number, bits: number): void => w16(mdl + MDL.MdlFlags, flags(mdl) | bits)

  return {
    initialize,
    build(mdl) {
      fillPages(mdl)
      set(mdl, MDL.MappedSystemVa, virtualAddress(mdl))
      addFlags(mdl, MDL_SOURCE_IS_NONPAGED_POOL)
    },
    buildPartial(mdl, source, skip, length) {
      const size = r16(mdl + MDL.Size)
      const from = flags(source) & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA)
      initialize(mdl, (virtualAddress(source) + skip) >>> 0, length)
      // The MDL keeps the room it was made with.
      setSizeAndFlags(mdl, size, MDL_PARTIAL | from)
      fillPages(mdl)
      if (from !== 0) set(mdl, MDL.MappedSystemVa, get(source, MDL.MappedSystemVa) + skip)
    },
    next: (mdl) => get(mdl, MDL.Next) >>> 0,
    setNext: (mdl, next) => set(mdl, MDL.Next, next),
    byteCount,
    setByteCount: (mdl, bytes) => set(mdl, MDL.ByteCount, bytes),
    byteOffset: (mdl) => get(mdl, MDL.ByteOffset) >>> 0,
    virtualAddress,
    systemAddress: (mdl) =>
      (flags(mdl) & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA)) === 0
        ? 0
        : get(mdl, MDL.MappedSystemVa) >>> 0,
    pages,
    physicalAddress(mdl, at) {
      const page = at >>> PAGE_SHIFT
      if ((flags(mdl) & PAGES_FILLED) === 0 || page >= (get(mdl, MDL.Size) & 0xffff) / 4 - MDL.SIZE / 4) return -1
      return (get(mdl, MDL.SIZE + 4 * page) >>> 0) * PAGE_SIZE + (at & (PAGE_SIZE - 1))
    },
  }
}
