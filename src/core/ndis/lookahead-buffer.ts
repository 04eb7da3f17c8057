import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'

/**
 * Lookahead data in memory that the card shares (PV NdisCreateLookaheadBufferFromSharedMemory). On x86 the processor reads
 * such memory as it reads any other: the data itself is handed on and nothing is copied.
 */
export function createLookaheadBuffers(k: Kernel) {
  return {
    NdisCreateLookaheadBufferFromSharedMemory(
      pSharedMemory: number,
      _LookaheadLength: number,
      pLookaheadBuffer: OutParam,
    ): void {
      k.cells.put32(pLookaheadBuffer, pSharedMemory)
      k.preempt()
    },
    NdisDestroyLookaheadBufferFromSharedMemory(_pLookaheadBuffer: number): void {
      k.preempt()
    },
  }
}
