import type { AddressSpace } from '../memory/address-space'
import { IMAGE_START, PHYSICAL_OFFSET } from '../memory/map'
import type { PhysicalMemory } from './device'

interface Parts {
  readonly space: Pick<AddressSpace, 'u8' | 'i32'>
  /** End of the memory that drivers have, as a virtual address. */
  readonly end: number
  /** Told in plain words why a transfer did not happen. */
  readonly refused: (message: string) => void
  /** Told of each transfer before it is carried out. */
  readonly transfer?: (address: number, length: number, access: 'read' | 'write') => void
}

const hex = (value: number): string => `0x${value.toString(16)}`

/** The memory that a bus master may reach: the driver's image and the pool, by physical address. */
export function createPhysicalMemory({ space, end, refused, transfer }: Parts): PhysicalMemory {
  const inRange = (address: number, length: number): boolean =>
    Number.isInteger(address) && address >= IMAGE_START && address + length <= end

  /** The virtual address of a range that may be reached; -1, after a report, of one that may not. */
  function virtual(address: number, length: number, access: 'read' | 'write'): number {
    const start = address - PHYSICAL_OFFSET
    if (inRange(start, length)) {
      transfer?.(address, length, access)
      return start
    }
    const what = `${access}s`
    refused(
      inRange(address, length)
        ? `The device ${what} ${length} bytes at ${hex(address)}, which is the virtual address of memory; a device takes physical ones, ${hex(address + PHYSICAL_OFFSET)} here.`
        : `The device ${what} ${length} bytes at ${hex(address)}, where there is no memory that a device may reach.`,
    )
    return -1
  }
  return {
    reach: virtual,
    words: space.i32,
    bytes: space.u8,
    read(address, into) {
      const start = virtual(address, into.length, 'read')
      if (start < 0) into.fill(0)
      else into.set(space.u8.subarray(start, start + into.length))
      return start >= 0
    },
    write(address, from) {
      const start = virtual(address, from.length, 'write')
      if (start >= 0) space.u8.set(from, start)
      return start >= 0
    },
  }
}
