import { hex, type Chip, type Handlers } from './chip'
import { MASK, nameAt, WORD } from './registers'

export const DESCRIPTOR_BYTES = 16
const DESCRIPTOR_SHIFT = 4
const ABOVE_4_GIB = 0x1_0000_0000
const { LEN } = MASK.RDLEN
const { BASE } = MASK.RDBAL
const { TAIL } = MASK.RDT

interface Registers {
  readonly baseLow: number
  readonly baseHigh: number
  readonly length: number
  readonly head: number
  readonly tail: number
  /** Bit EN of the control register says that the ring is worked on. */
  readonly control: number
  readonly enable: number
}
export const TRANSMIT_RING: Registers = {
  baseLow: WORD.TDBAL,
  baseHigh: WORD.TDBAH,
  length: WORD.TDLEN,
  head: WORD.TDH,
  tail: WORD.TDT,
  control: WORD.TCTL,
  enable: MASK.TCTL.EN,
}
export const RECEIVE_RING: Registers = {
  baseLow: WORD.RDBAL,
  baseHigh: WORD.RDBAH,
  length: WORD.RDLEN,
  head: WORD.RDH,
  tail: WORD.RDT,
  control: WORD.RCTL,
  enable: MASK.RCTL.EN,
}

export interface Ring {
  /** Descriptors; 0 when there is no ring or an index lies outside: the device does not work on such a ring. */
  usable(): number
  /** Physical address of a descriptor. */
  address(index: number): number
  /** From `head` to the tail. */
  owned(head: number, count: number): number
  /** The control register is going to enable the ring: reports one that was not set up. */
  checkEnabled(): void
  readonly handlers: Handlers
}

interface Parts {
  /** The tail was written: there may be work. */
  readonly moved: () => void
  /** The driver set the head: what was begun is forgotten. */
  readonly headSet: () => void
}

/** The registers of a ring and what may be wrong in them (SDM 3.2.6, 3.4, 13.4.25 to 29, 13.4.36 to 40). */
export function createRing({ host, words, at }: Chip, registers: Registers, { moved, headSet }: Parts): Ring {
  const { baseLow, baseHigh, length, head, tail, control, enable } = registers
  const name = (register: number): string => nameAt(register << 2)
  const count = (): number => words[at + length]! >>> DESCRIPTOR_SHIFT

  function running(register: number, value: number): void {
    if ((words[at + control]! & enable) !== 0 && words[at + length] !== 0 && words[at + register] !== value)
      host.misused('NicRingInUse', `${name(register)} becomes ${hex(value)} while ${name(control)}.EN is set.`)
  }
  function checkIndex(register: number, index: number): void {
    if (index >= count() && (index !== 0 || (words[at + control]! & enable) !== 0))
      host.misused(
        'NicTailRange',
        `${name(register)} becomes ${index}, but ${name(length)} is ${words[at + length]! >>> 0} bytes: ${count()} descriptors, 0 to ${count() - 1}.`,
      )
  }
  return {
    usable() {
      const descriptors = words[at + length]! >>> DESCRIPTOR_SHIFT
      return words[at + head]! < descriptors && words[at + tail]! < descriptors ? descriptors : 0
    },
    address: (index) =>
      (words[at + baseLow]! >>> 0) + (words[at + baseHigh]! >>> 0) * ABOVE_4_GIB + index * DESCRIPTOR_BYTES,
    owned: (from, descriptors) => {
      const left = words[at + tail]! - from
      return left < 0 ? left + descriptors : left
    },
    checkEnabled() {
      if (count() === 0 || (words[at + baseLow] === 0 && words[at + baseHigh] === 0))
        host.misused(
          'NicRingMissing',
          `${name(control)}.EN is set with ${name(baseLow)} ${hex(words[at + baseLow]!)} and ${name(length)} ${hex(words[at + length]!)}.`,
        )
    },
    handlers: {
      write: {
        [baseLow](value) {
          if ((value & ~BASE) !== 0)
            host.misused(
              'NicRingBase',
              `${name(baseLow)} becomes ${hex(value)}: the ring must begin at a multiple of 16; bits 3:0 are dropped (SDM 13.4.25).`,
            )
          running(baseLow, value & BASE)
          words[at + baseLow] = value & BASE
        },
        [baseHigh](value) {
          running(baseHigh, value)
          words[at + baseHigh] = value
        },
        [length](value) {
          if ((value & ~LEN) !== 0)
            host.misused(
              'NicRingLength',
              `${name(length)} becomes ${value >>> 0}: the length must be a multiple of 128 bytes below 1 MiB; it is now ${value & LEN} (SDM 13.4.27).`,
            )
          running(length, value & LEN)
          words[at + length] = value & LEN
        },
        [head](value) {
          const index = value & TAIL
          running(head, index)
          checkIndex(head, index)
          words[at + head] = index
          headSet()
        },
        [tail](value) {
          const index = value & TAIL
          words[at + tail] = index
          if (index >= words[at + length]! >>> DESCRIPTOR_SHIFT) checkIndex(tail, index)
          else moved()
        },
      },
    },
  }
}
