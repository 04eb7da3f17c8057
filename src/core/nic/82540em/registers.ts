import { registerAt } from '../register-table'
import { masksOf, shiftsOf, type Register } from './register'
import { INTEL_82540EM } from './82540em.table'
import { REGISTERS_82540EM, REGISTER_BYTES } from './registers.table'

export type RegisterName = keyof typeof REGISTERS_82540EM

const entries: readonly (readonly [string, Register])[] = Object.entries(REGISTERS_82540EM)
/** Where a register is in the register file; of an array, its first element. Words from the start. */
export const WORD = Object.fromEntries(entries.map(([name, { offset }]) => [name, offset >> 2])) as {
  readonly [R in RegisterName]: number
}
/** Bits of a field in their place: MASK.RCTL.BSIZE; signed, so that they go with bit operators. */
export const MASK = masksOf(REGISTERS_82540EM)
/** Number of the lowest bit of a field. */
export const SHIFT = shiftsOf(REGISTERS_82540EM)

/** Name of the register at an offset, `RAL[3]` in an array; for an offset without one, where it is. */
export function nameAt(offset: number): string {
  const registers = INTEL_82540EM.registers.filter((register) => register.offset < REGISTER_BYTES)
  const name = registerAt(registers, offset)
  if (name !== undefined) return name
  let before = 'CTRL'
  for (const register of [...registers].sort((a, b) => a.offset - b.offset))
    if (register.offset < offset) before = register.name
  return `reserved offset 0x${offset.toString(16).padStart(4, '0')} behind ${before}`
}

/** Visits each word of the register file that is a register; elements of an array one by one. */
export function eachRegister(visit: (index: number, register: Register) => void): void {
  for (const [, register] of entries)
    for (let i = 0; i < (register.count ?? 1); i++) visit((register.offset + i * (register.stride ?? 4)) >> 2, register)
}
