import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { PHYSICAL_OFFSET } from '../memory/map'
import type { Adapter, Adapters } from './adapters'
import type { SharedBlocks } from './shared-blocks'

/**
 * Shared memory of both generations (DDI ndismallocatesharedmemory, ndismfreesharedmemory). NDIS has it from the DMA adapter,
 * so that the miniport must have set up DMA before (NT4 203entry_17).
 */
export function createSharedMemoryCalls(
  k: Kernel,
  adapters: Adapters,
  blocks: SharedBlocks,
  hasDma: (adapter: Adapter) => boolean,
) {
  const { preempt } = k
  const { put32 } = k.cells
  return {
    NdisMAllocateSharedMemory(
      MiniportAdapterHandle: number,
      Length: number,
      Cached: number,
      VirtualAddress: OutParam,
      PhysicalAddress: number,
    ): void {
      preempt()
      const adapter = adapters.find(MiniportAdapterHandle)
      const block = { adapter: MiniportAdapterHandle, length: Length >>> 0, cached: Boolean(Cached), handle: 0 }
      const address = adapter && hasDma(adapter) ? blocks.allocate(block) : 0
      put32(VirtualAddress, address)
      k.space.w64(PhysicalAddress, address === 0 ? 0n : BigInt(address + PHYSICAL_OFFSET))
    },
    NdisMFreeSharedMemory(
      _MiniportAdapterHandle: number,
      _Length: number,
      _Cached: number,
      VirtualAddress: number,
      _PhysicalAddress: unknown,
    ): void {
      if (!blocks.free(VirtualAddress))
        k.bugcheck('BAD_POOL_CALLER', [0x99, VirtualAddress], 'Shared memory is freed that is not allocated.')
      preempt()
    },
    /** Memory and device always agree here: there is no cache to empty. The rules look at the range. */
    NdisMUpdateSharedMemory: (_Adapter: number, _Length: number, _Virtual: number, _Physical: unknown): void =>
      preempt(),
    NdisUpdateSharedMemory: (_Adapter: number, _Length: number, _Virtual: number, _Physical: unknown): void =>
      preempt(),
  }
}
