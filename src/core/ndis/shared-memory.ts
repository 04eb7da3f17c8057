import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { PHYSICAL_OFFSET } from '../memory/map'
import { OWNER_NDIS } from '../memory/tagged-pool'
import type { Adapters } from './adapters'

/** 'NDsm' */
const SHARED_MEMORY_TAG = 0x6d73444e

/** Memory that a driver and its NIC share. */
export interface SharedBlock {
  readonly adapter: number
  /** Bytes. */
  readonly length: number
  readonly cached: boolean
  readonly site: number
}
export interface SharedMemory {
  /** The block at a virtual address. */
  find(address: number): SharedBlock | undefined
  /** Where the block that was last at the address was freed: a call site. */
  freed(address: number): number | undefined
  forEach(visit: (block: SharedBlock, address: number) => void): void
  readonly functions: Readonly<Record<string, (...args: never[]) => unknown>>
}

/** Shared memory of both generations (DDI ndismallocatesharedmemory, ndismfreesharedmemory): nonpaged and in one piece. */
export function createSharedMemoryCalls(k: Kernel, adapters: Adapters): SharedMemory {
  const { pool, preempt } = k
  const { put32 } = k.cells
  const blocks = new Map<number, SharedBlock>()
  const graves = new Map<number, number>()

  const functions = {
    NdisMAllocateSharedMemory(
      MiniportAdapterHandle: number,
      Length: number,
      Cached: number,
      VirtualAddress: OutParam,
      PhysicalAddress: number,
    ): void {
      preempt()
      const length = Length >>> 0
      const adapter = adapters.find(MiniportAdapterHandle)
      const address =
        adapter && length > 0 ? pool.allocate(length, SHARED_MEMORY_TAG, OWNER_NDIS, k.site.s, k.log.count()) : 0
      put32(VirtualAddress, address)
      k.space.w64(PhysicalAddress, address === 0 ? 0n : BigInt(address + PHYSICAL_OFFSET))
      if (address === 0) return
      graves.delete(address)
      blocks.set(address, { adapter: MiniportAdapterHandle, length, cached: Boolean(Cached), site: k.site.s })
    },
    NdisMFreeSharedMemory(
      _MiniportAdapterHandle: number,
      _Length: number,
      _Cached: number,
      VirtualAddress: number,
      _PhysicalAddress: unknown,
    ): void {
      if (!blocks.delete(VirtualAddress))
        k.bugcheck('BAD_POOL_CALLER', [0x99, VirtualAddress], 'Shared memory is freed that is not allocated.')
      graves.set(VirtualAddress, k.site.s)
      pool.free(VirtualAddress, k.site.s)
      preempt()
    },
  }
  return {
    find: (address) => blocks.get(address),
    freed: (address) => graves.get(address),
    forEach: (visit) => blocks.forEach(visit),
    functions,
  }
}
