import type { Kernel } from '../kernel/kernel'
import { PHYSICAL_OFFSET } from '../memory/map'
import { SYS_BLOCK } from '../memory/records'
import { BLOCK_KIND, OWNER_NDIS } from '../memory/tagged-pool'
import type { DmaMapping, DmaMappings } from './dma-mapping'

/** 'NDsm' */
const SHARED_MEMORY_TAG = 0x6d73444e

/** Memory that a driver and its NIC share. */
export interface SharedBlock {
  /** MiniportAdapterHandle. */
  readonly adapter: number
  /** Bytes. */
  readonly length: number
  readonly cached: boolean
  /** Handle of NdisAllocateSharedMemory; 0: of another function, which gives none. */
  readonly handle: number
  readonly site: number
}
export interface SharedBlocks {
  /** The virtual address of a new block, in one piece and nonpaged; 0 when memory is short or `length` is 0. */
  allocate(block: Omit<SharedBlock, 'site'>): number
  /** false: there is no block at the address. */
  free(address: number): boolean
  /** The block at a virtual address. */
  find(address: number): SharedBlock | undefined
  /** The block that an address lies in, and where it begins. */
  around(address: number): { readonly block: SharedBlock; readonly address: number } | undefined
  /** Where the block that was last at the address was freed: a call site. */
  freed(address: number): number | undefined
  forEach(visit: (block: SharedBlock, address: number) => void): void
}

/** What bus masters and drivers share: a device may reach it from allocation to release. */
export function createSharedBlocks(k: Kernel, mappings: DmaMappings): SharedBlocks {
  const { pool, space } = k
  const blocks = new Map<number, { readonly block: SharedBlock; readonly mapping: DmaMapping }>()
  const graves = new Map<number, number>()
  return {
    allocate(wanted) {
      const address =
        wanted.length > 0 ? pool.allocate(wanted.length, SHARED_MEMORY_TAG, OWNER_NDIS, k.site.s, k.log.count()) : 0
      if (address === 0) return 0
      graves.delete(address)
      space.w32(address - SYS_BLOCK.SIZE + SYS_BLOCK.Kind, BLOCK_KIND.SHARED)
      const start = address + PHYSICAL_OFFSET
      const mapping = mappings.open([{ start, end: start + wanted.length }], 'both')
      blocks.set(address, { block: { ...wanted, site: k.site.s }, mapping })
      return address
    },
    free(address) {
      const entry = blocks.get(address)
      if (!entry) return false
      blocks.delete(address)
      mappings.close(entry.mapping)
      graves.set(address, k.site.s)
      pool.free(address, k.site.s)
      return true
    },
    find: (address) => blocks.get(address)?.block,
    around(at) {
      for (const [address, { block }] of blocks)
        if (at >= address && at < address + block.length) return { block, address }
      return undefined
    },
    freed: (address) => graves.get(address),
    forEach: (visit) => blocks.forEach(({ block }, address) => visit(block, address)),
  }
}
