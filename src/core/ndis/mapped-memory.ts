import type { Kernel } from '../kernel/kernel'
import type { MemoryBus } from './memory-bus'

const WORD = 4

/** Copies and fills of mapped device memory (PV ndismovemappedmemory, DDI ndiszeromappedmemory): words where they are aligned. */
export function createMappedMemory({ preempt }: Kernel, { load, store }: MemoryBus) {
  const aligned = (left: number, ...addresses: readonly number[]): boolean =>
    left >= WORD && addresses.every((address) => (address & (WORD - 1)) === 0)

  function move(Destination: number, Source: number, Length: number): void {
    const backwards = Destination > Source
    for (let left = Length >>> 0; left > 0;) {
      const done = (Length >>> 0) - left
      // Whole words, from the end when the ranges may overlap that way.
      const word = backwards
        ? aligned(left, Destination + left, Source + left)
        : aligned(left, Destination + done, Source + done)
      const width = word ? WORD : 1
      const offset = backwards ? left - width : done
      store(Destination + offset, width, load(Source + offset, width))
      left -= width
    }
    preempt()
  }
  return {
    NdisMoveMappedMemory: move,
    NdisMoveToMappedMemory: move,
    NdisMoveFromMappedMemory: move,
    NdisZeroMappedMemory(Destination: number, Length: number): void {
      for (let done = 0; done < Length >>> 0;) {
        const width = aligned((Length >>> 0) - done, Destination + done) ? WORD : 1
        store(Destination + done, width, 0)
        done += width
      }
      preempt()
    },
  }
}
