import { words, type Words } from '../memory/address-space'
import { IMAGE_END, IMAGE_START } from '../memory/map'

const PAGE_SHIFT = 12
const PAGE = 1 << PAGE_SHIFT
export const WORD_BYTES = 4
/** Four for each word of memory: who wrote it last and the call site before, who read it last and the call site before. */
export const [WRITER, WRITE_SITE, READER, READ_SITE] = [0, 1, 2, 3]
const CELLS = 4

/** Stands where the last writer would: nobody looks at this word. */
export const UNTRACKED = -1
/** The word was read and not written. */
export const NOBODY = -2
/** Its bytes are used on their own: each has four cells of its own. */
export const SPLIT = -3

// Words have no prototype, and so no method of their own.
const fill = Int32Array.prototype.fill as unknown as {
  call(page: Words, value: number, start: number, end: number): void
}

/** Index of the cells of a word in its page: as many cells as there are bytes. */
export const indexOf = (address: number): number => address & (PAGE - WORD_BYTES)

/** Who touched each word and byte of memory last, by pages that come into being with the first touch of what is the driver's. */
export function createTouches(bytes: number) {
  const pages: (Words | undefined)[] = Array.from({ length: bytes >>> PAGE_SHIFT }, () => undefined)
  const bytePages: (Words | undefined)[] = []
  /** Where nothing of the driver was allocated yet. */
  const nobodys = words(new Int32Array(PAGE).fill(UNTRACKED))

  function newPage(address: number, mark: number): Words {
    const page = words(new Int32Array(PAGE).fill(mark))
    pages[address >>> PAGE_SHIFT] = page
    return page
  }
  /** The page of a word that was never looked at: image is the driver's, of the pool what was allocated for it. */
  function firstPage(address: number): Words {
    const page = address >= IMAGE_START && address < IMAGE_END ? newPage(address, 0) : nobodys
    pages[address >>> PAGE_SHIFT] = page
    return page
  }
  return {
    pageOf: (address: number): Words => pages[address >>> PAGE_SHIFT] ?? firstPage(address),
    /** The cells of bytes, those of the byte at `byteIndexOf`. The word is looked at byte by byte from now on. */
    bytesOf(address: number, page: Words): Words {
      const cells = (bytePages[address >>> PAGE_SHIFT] ??= words(new Int32Array(PAGE * CELLS)))
      const at = indexOf(address)
      if (page[at + WRITER] === SPLIT) return cells
      for (let i = 0; i < WORD_BYTES * CELLS; i++) cells[at * CELLS + i] = page[at + (i % CELLS)]!
      page[at + WRITER] = page[at + READER] = SPLIT
      return cells
    },
    byteIndexOf: (address: number): number => (address & (PAGE - 1)) * CELLS,
    /** What was done with the memory before says nothing any more: it is the driver's (0) or of no interest (UNTRACKED). */
    mark(address: number, size: number, mark: number): void {
      for (let at = address; at < address + size;) {
        const end = Math.min((at & -PAGE) + PAGE, address + size)
        const known = pages[at >>> PAGE_SHIFT] ?? nobodys
        const page = known === nobodys && mark === 0 ? newPage(at, UNTRACKED) : known
        if (page !== nobodys) fill.call(page, mark, indexOf(at), indexOf(end - 1) + WORD_BYTES)
        at = end
      }
    },
  }
}
