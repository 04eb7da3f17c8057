import { FREED_F64, GUARD_F64, type AddressSpace } from './address-space'
import { FILL } from './map'
import { SYS_BLOCK } from './records'
import { BLOCK_FREED, BLOCK_KIND, BLOCK_REUSABLE, type TaggedPool } from './tagged-pool'

/** Bytes that somebody changed without being seen. */
export interface Damage {
  /** header: the record in front of a block; guard: behind it; poison: in it, after it was freed. */
  readonly kind: 'header' | 'guard' | 'poison'
  /** Address of the first changed byte. */
  readonly at: number
  /** How many no longer hold what they should; 1 for a header, of which more is not known. */
  readonly bytes: number
}

/** The word of a waiting lookaside block that links it to the next one. */
const LINK_BYTES = 4
/** Bytes of a freed block that are looked at when it is allocated again: a look at all of a large one takes as long as filling it. */
const LOOKED_AT = 256
const PATTERNS = { guard: GUARD_F64, poison: FREED_F64 } as const
const BYTES = { guard: FILL.GUARD, poison: FILL.FREED } as const

/** Looks at memory that nobody may have written to. All of it is addresses, `end` excluded. */
export function createDamageFinder({ u8, f64, i32 }: AddressSpace, pool: TaggedPool) {
  function firstChanged(kind: 'guard' | 'poison', start: number, end: number): number {
    const [byte, pattern] = [BYTES[kind], PATTERNS[kind]]
    for (let at = start; at < end;)
      if ((at & 7) === 0 && at + 8 <= end && f64[at >> 3] === pattern) at += 8
      else if (u8[at] === byte) at++
      else return at
    return -1
  }
  /** What of a range no longer holds its fill; undefined when all of it does. */
  function range(kind: 'guard' | 'poison', start: number, end: number): Damage | undefined {
    const at = firstChanged(kind, start, end)
    if (at < 0) return undefined
    let bytes = 0
    for (let i = at; i < end; i++) if (u8[i] !== BYTES[kind]) bytes++
    return { kind, at, bytes }
  }
  const mend = (kind: 'guard' | 'poison', start: number, end: number): void => void u8.fill(BYTES[kind], start, end)
  const field = (block: number, offset: number): number => i32[(block + offset) >> 2]!

  /** Blocks that writes were seen in, with the event of the allocation that they were of. */
  const seen = new Map<number, number>()
  const isFreed = (block: number): boolean => {
    const state = field(block, SYS_BLOCK.State)
    return state === BLOCK_FREED || state === BLOCK_REUSABLE
  }

  return {
    range,
    /** Puts the fill of a range back. */
    mend,
    isFreed,
    /** A write that was reported is carried out: what it leaves in blocks of pool is no news. */
    saw(address: number, length: number): void {
      for (let at = address; at < address + length;) {
        const block = pool.blockOf(at)
        if (block === 0) return
        seen.set(block, field(block, SYS_BLOCK.AllocEvent))
        at = pool.endOf(block)
      }
    },
    /** Whether a write in the block was reported since it was allocated. */
    wasSeen: (block: number): boolean => seen.get(block) === field(block, SYS_BLOCK.AllocEvent),
    /** Behind the data of a block whose record is right. */
    guardOf: (block: number): Damage | undefined =>
      range('guard', pool.dataOf(block) + pool.sizeOf(block), pool.endOf(block)),
    /** Whether the beginning of a free block was written to; cheap. */
    isLate(block: number): boolean {
      const start = pool.dataOf(block)
      const end = start + Math.min(pool.sizeOf(block), LOOKED_AT)
      for (let at = start; at + 8 <= end; at += 8) if (f64[at >> 3] !== FREED_F64) return true
      return false
    },
    /** In a block that is free, or that waits in a lookaside list; undefined for one that is in use. */
    poisonOf(block: number): Damage | undefined {
      const waits = field(block, SYS_BLOCK.Kind) === BLOCK_KIND.LOOKASIDE && field(block, SYS_BLOCK.FreeSite) !== 0
      const isFree = isFreed(block)
      if (!isFree && !waits) return undefined
      const data = pool.dataOf(block)
      return range('poison', isFree ? data : data + LINK_BYTES, data + pool.sizeOf(block))
    },
    headerOf: (block: number): Damage | undefined =>
      pool.isHeaderSpoiled(block) ? { kind: 'header', at: pool.dataOf(block) - 1, bytes: 1 } : undefined,
  }
}
export type DamageFinder = ReturnType<typeof createDamageFinder>
