import { words as withoutPrototype } from '../../memory/address-space'
import { writableMask } from './register'
import type { Width } from '../device'
import { hex, type Chip, type Handlers } from './chip'
import { eachRegister, nameAt } from './registers'
import { REGISTER_WORDS } from './state'

/** The reset that CTRL.RST starts takes a microsecond (SDM 13.4.1), ticks. */
const RESET_TICKS = 10
const UNKNOWN = 0
const READABLE = 1
const WRITABLE = 2
const CLEARED_BY_READING = 4
const IDLE = 8

type Reader = () => number
type Writer = (value: number, index: number) => void

export interface RegisterFile {
  /** Any offset in the BAR; unsigned. */
  read(offset: number, width: Width): number
  write(offset: number, width: Width, value: number): void
  /** Every register to its value after a reset. */
  setDefaults(): void
  /** CTRL.RST was written: what is written before the reset is over is lost. */
  inReset(): void
}

/** Accesses to registers by the table: kinds and masks by word, handlers for those that act (SDM 13.1 to 13.3). */
export function createRegisterFile({ host, words, at }: Chip, blocks: readonly Handlers[]): RegisterFile {
  const kinds = withoutPrototype(new Int32Array(REGISTER_WORDS))
  const masks = withoutPrototype(new Int32Array(REGISTER_WORDS))
  const resets = withoutPrototype(new Int32Array(REGISTER_WORDS))
  const readers = new Array<Reader | undefined>(REGISTER_WORDS).fill(undefined)
  const writers = new Array<Writer | undefined>(REGISTER_WORDS).fill(undefined)
  const told = new Set<number>()
  let resetUntil = 0

  eachRegister((index, register) => {
    const { access } = register
    kinds[index] =
      READABLE |
      (access === 'RO' || access === 'RC' ? 0 : WRITABLE) |
      (access === 'RC' ? CLEARED_BY_READING : 0) |
      (register.idle ? IDLE : 0)
    masks[index] = writableMask(register)
    resets[index] = register.reset
  })
  for (const { read = {}, write = {} } of blocks) {
    for (const [index, reader] of Object.entries(read)) readers[Number(index)] = reader
    for (const [index, writer] of Object.entries(write)) writers[Number(index)] = writer
  }

  /** Says once by name what the model does not know, or keeps without acting on it. */
  function tellOnce(offset: number, text: () => string): void {
    if (told.has(offset)) return
    told.add(offset)
    host.log(`82540EM: ${text()}`)
  }

  function narrow(offset: number, width: Width, verb: string): void {
    host.misused(
      'NicRegisterWidth',
      `${verb} of ${width} byte${width === 1 ? '' : 's'} at offset ${hex(offset, 4)} (${nameAt(offset & ~3)}): registers are accessed as aligned words of 32 bits (SDM 13.2).`,
    )
  }
  function refuse(index: number, value: number): void {
    const offset = index << 2
    if (index >= REGISTER_WORDS || kinds[index] === UNKNOWN)
      return tellOnce(offset, () => `write of ${hex(value)} to ${nameAt(offset)}`)
    host.misused('NicRegisterReadOnly', `${nameAt(offset)} is read-only; the write of ${hex(value)} has no effect.`)
  }
  /** Writes during a reset are rare: everything about them is away from the path of the others. */
  function lostInReset(index: number, value: number): boolean {
    if (host.clock.now() >= resetUntil) {
      resetUntil = 0
      return false
    }
    host.misused(
      'NicRegisterInReset',
      `write of ${hex(value)} to ${nameAt(index << 2)} within 1 microsecond of CTRL.RST: it is lost (SDM 13.4.1).`,
    )
    return true
  }
  function writeWord(index: number, value: number): void {
    if (resetUntil !== 0 && lostInReset(index, value)) return
    const writer = index < REGISTER_WORDS ? writers[index] : undefined
    if (writer !== undefined) return writer(value, index)
    const kind = index < REGISTER_WORDS ? kinds[index]! : UNKNOWN
    if ((kind & WRITABLE) === 0) return refuse(index, value)
    // What a reset leaves there is what the model does.
    if ((kind & IDLE) !== 0 && value !== 0 && value >>> 0 !== resets[index]! >>> 0)
      tellOnce(index << 2, () => `${nameAt(index << 2)} is kept (${hex(value)}), but the model does not act on it`)
    words[at + index] = value & masks[index]!
  }
  function readWord(index: number): number {
    const reader = index < REGISTER_WORDS ? readers[index] : undefined
    if (reader !== undefined) return reader()
    const kind = index < REGISTER_WORDS ? kinds[index]! : UNKNOWN
    if (kind === UNKNOWN) {
      tellOnce(index << 2, () => `read of ${nameAt(index << 2)}, which answers 0`)
      return 0
    }
    const value = words[at + index]!
    if ((kind & CLEARED_BY_READING) !== 0) words[at + index] = 0
    return value
  }
  return {
    read(offset, width) {
      if (width === 4 && (offset & 3) === 0) return readWord(offset >> 2) >>> 0
      narrow(offset, width, 'read')
      const index = offset >> 2
      const value = index < REGISTER_WORDS ? words[at + index]! : 0
      return (value >>> ((offset & 3) * 8)) & (width === 1 ? 0xff : 0xffff)
    },
    write(offset, width, value) {
      if (width === 4 && (offset & 3) === 0) writeWord(offset >> 2, value | 0)
      else narrow(offset, width, 'write')
    },
    setDefaults() {
      for (let index = 0; index < REGISTER_WORDS; index++) words[at + index] = resets[index]!
    },
    inReset: () => void (resetUntil = host.clock.now() + RESET_TICKS),
  }
}
