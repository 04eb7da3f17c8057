import type { DeviceHost } from '../device'
import { FLAG, REGISTER, type Registers } from './registers'

/** Bytes of a descriptor, and what the address of a ring is a multiple of. */
export const DESCRIPTOR_BYTES = 16
/** Descriptors of the longest ring. */
export const MOST_DESCRIPTORS = 256
/** Words of a descriptor. */
const WORD = { ADDRESS: 0, SIZE: 1, LENGTH: 2, FLAGS: 3 } as const

/** A ring of descriptors as the device works through it: by physical address, one descriptor at a time. */
export interface DescriptorRing {
  /** Takes the next descriptor; false when it is the driver's, when there is no ring, or when it cannot be reached. */
  take(): boolean
  /** Of the descriptor that was taken. */
  readonly address: number
  readonly size: number
  /** Gives the descriptor back to the driver and goes on to the next one. `flags` beside DONE. */
  giveBack(length: number, flags: number): void
}

interface Parts {
  readonly host: DeviceHost
  readonly registers: Registers
  /** The device cannot go on. */
  readonly stop: () => void
}

/** The send ring or the receive ring (data sheet, section 3). */
export function createDescriptorRing({ host, registers, stop }: Parts, prefix: 'SEND' | 'RECEIVE'): DescriptorRing {
  const { memory } = host
  const [base, count, next] = [REGISTER[`${prefix}_RING`], REGISTER[`${prefix}_COUNT`], REGISTER[`${prefix}_NEXT`]]
  const where = (): number => registers.get(base) + registers.get(next) * DESCRIPTOR_BYTES
  let address = 0
  let size = 0

  /** Only while it owns the descriptor may the device take its words for granted: here it looks whether it could. */
  function checkUntouched(first: number): void {
    const { words } = memory
    const owned = (words[first + WORD.FLAGS]! & FLAG.OWN) !== 0
    if (owned && words[first + WORD.ADDRESS]! >>> 0 === address && words[first + WORD.SIZE]! >>> 0 === size) return
    host.misused(
      'NicDescriptorTouched',
      `Descriptor ${registers.get(next)} of ${prefix}_RING was changed by the driver while the device owned it.`,
    )
  }
  return {
    get address() {
      return address
    },
    get size() {
      return size
    },
    take() {
      if (registers.get(count) === 0) return false
      const at = memory.reach(where(), DESCRIPTOR_BYTES, 'read')
      if (at < 0) {
        stop()
        return false
      }
      const { words } = memory
      const first = at >> 2
      address = words[first + WORD.ADDRESS]! >>> 0
      size = words[first + WORD.SIZE]! >>> 0
      return (words[first + WORD.FLAGS]! & FLAG.OWN) !== 0
    },
    giveBack(length, flags) {
      const at = memory.reach(where() + WORD.LENGTH * 4, 8, 'write')
      if (at < 0) return stop()
      const { words } = memory
      const first = (at >> 2) - WORD.LENGTH
      checkUntouched(first)
      words[first + WORD.LENGTH] = length
      words[first + WORD.FLAGS] = FLAG.DONE | flags
      registers.set(next, (registers.get(next) + 1) % registers.get(count))
    },
  }
}
