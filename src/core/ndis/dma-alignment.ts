import type { Kernel } from '../kernel/kernel'

/** HalGetDmaAlignmentRequirement of x86: bus masters need none, caches follow them. */
const DMA_ALIGNMENT = 1
/** Bytes of the largest cache line. */
const CACHE_LINE = 64

/** Alignments that memory for DMA and for several CPUs should have, in bytes (DDI ndismgetdmaalignment, ndisgetshareddataalignment). */
export function createDmaAlignment(k: Kernel) {
  const { preempt } = k
  return {
    NdisMGetDmaAlignment(_MiniportAdapterHandle: number): number {
      preempt()
      return DMA_ALIGNMENT
    },
    NdisGetSharedDataAlignment(): number {
      preempt()
      return CACHE_LINE
    },
  }
}
