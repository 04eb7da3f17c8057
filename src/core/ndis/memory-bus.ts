import type { Kernel } from '../kernel/kernel'

/** Loads and stores of 1, 2 or 4 bytes wherever they go, as the instructions of a driver: memory, or a mapped register. */
export interface MemoryBus {
  /** Unsigned. 0 where a driver may not read. */
  load(address: number, width: 1 | 2 | 4): number
  store(address: number, width: 1 | 2 | 4, value: number): void
}

/** What of a value fits the width. */
export const unsigned = (value: number, width: 1 | 2 | 4): number =>
  width === 4 ? value >>> 0 : value & (width === 2 ? 0xffff : 0xff)

function createBus(
  { space, windows }: Kernel,
  inMemory: (address: number, width: number, write: boolean) => boolean,
): MemoryBus {
  return {
    load(address, width) {
      if (!inMemory(address, width, false)) return windows.read(address, width)
      return width === 4 ? space.r32(address) : width === 2 ? space.r16(address) : space.r8(address)
    },
    store(address, width, value) {
      if (!inMemory(address, width, true)) windows.write(address, width, unsigned(value, width))
      else if (width === 4) space.w32(address, value)
      else if (width === 2) space.w16(address, value)
      else space.w8(address, value)
    },
  }
}
/** Each access is checked. */
export const createMemoryBus = (k: Kernel): MemoryBus => createBus(k, k.access.check)
/** For ranges that the rules looked at as a whole. */
export const createRangeBus = (k: Kernel): MemoryBus =>
  createBus(k, (address, width) => address >= 0 && address + width <= k.space.size)
