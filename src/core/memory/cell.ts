import type { AddressSpace } from './address-space'

/** What says whether a driver may touch bytes. */
interface Checked {
  check(address: number, size: number, write: boolean): boolean
}

/** Where an out parameter goes: a cell of the script, or the address of kernel memory, as in C. */
export interface Cell<T = number> {
  value: T
}
export type OutParam<T = number> = Cell<T> | number

/** `out<T>()` of a script. One class for all, so that writing to `.value` stays fast. */
export class Out<T = number> implements Cell<T> {
  // Not defined as a field, which would be undefined first: V8 then no longer knows that it holds small integers.
  declare value: T
  constructor(initial: T) {
    this.value = initial
  }
}

// Scripts hold instances: nothing may be hung on what they share.
Object.freeze(Out.prototype)
Object.freeze(Out)

/** What a live cell holds: the C type of the out parameter that it stands for. */
export type CellWidth = 'u8' | 'i32' | 'u32'
const CELL_BYTES: Readonly<Record<CellWidth, number>> = { u8: 1, i32: 4, u32: 4 }

/**
 * An out parameter of a driver callback: a cell live on kernel memory. Each touch is checked, so that a driver that keeps
 * the cell and uses it after its callback returned is seen.
 */
export class LiveCell implements Cell {
  readonly #memory: { readonly space: AddressSpace; readonly access: Checked }
  readonly #address: number
  readonly #width: CellWidth
  constructor(memory: { readonly space: AddressSpace; readonly access: Checked }, address: number, width: CellWidth) {
    this.#memory = memory
    this.#address = address
    this.#width = width
  }
  get value(): number {
    const { space, access } = this.#memory
    if (!access.check(this.#address, CELL_BYTES[this.#width], false)) return 0
    if (this.#width === 'u8') return space.r8(this.#address)
    return this.#width === 'i32' ? space.r32(this.#address) | 0 : space.r32(this.#address)
  }
  set value(value: number) {
    const { space, access } = this.#memory
    if (!access.check(this.#address, CELL_BYTES[this.#width], true)) return
    if (this.#width === 'u8') space.w8(this.#address, Number(value))
    else space.w32(this.#address, Number(value))
  }
}
Object.freeze(LiveCell.prototype)
Object.freeze(LiveCell)

/** Writers for out parameters. Address 0 stands for an optional parameter that was left out. */
export interface Cells {
  put32(target: OutParam, value: number): void
  put16(target: OutParam, value: number): void
  put8(target: OutParam, value: number): void
  put64(target: OutParam<number | bigint>, value: number | bigint): void
  get32(target: OutParam): number
}

export function createCells(space: AddressSpace): Cells {
  const { i32, w8, w16, w32, w64, r32 } = space
  /** A wild pointer is for the rules to report: with them off it goes nowhere. */
  const within = (address: number, bytes: number): boolean => address >= 0 && address <= space.size - bytes
  return {
    put32(target, value) {
      if (typeof target !== 'number') target.value = value
      else if (target !== 0) {
        if ((target & 3) === 0) i32[target >> 2] = value
        else if (within(target, 4)) w32(target, value)
      }
    },
    put16(target, value) {
      if (typeof target !== 'number') target.value = value
      else if (target !== 0 && within(target, 2)) w16(target, value)
    },
    put8(target, value) {
      if (typeof target !== 'number') target.value = value
      else if (target !== 0 && within(target, 1)) w8(target, value)
    },
    put64(target, value) {
      if (typeof target !== 'number') target.value = value
      else if (target !== 0 && within(target, 8)) w64(target, BigInt(value))
    },
    get32: (target) => (typeof target !== 'number' ? target.value >>> 0 : within(target, 4) ? r32(target) : 0),
  }
}
