import { TEXT_END, TEXT_START, TEXT_STEP } from '../memory/map'

/** A function of the driver, as callbacks are. */
// A driver's function takes whatever its callback type says; the table, not TypeScript, knows it here.
export type DriverFunction = (...args: never[]) => unknown

/** Addresses for driver functions: a function pointer stored in memory is a number like any other. */
export interface TextSection {
  /** The address of a function; the same function has one address. 0 for null or undefined. Throws when there are too many. */
  addressOf(fn: DriverFunction | null | undefined): number
  functionAt(address: number): DriverFunction | undefined
  nameAt(address: number): string | undefined
}

export function createText(): TextSection {
  const addresses = new Map<DriverFunction, number>()
  const functions: DriverFunction[] = []
  const functionAt = (address: number): DriverFunction | undefined =>
    (address - TEXT_START) % TEXT_STEP === 0 ? functions[(address - TEXT_START) / TEXT_STEP] : undefined
  return {
    addressOf(fn) {
      if (fn === null || fn === undefined) return 0
      const known = addresses.get(fn)
      if (known !== undefined) return known
      const address = TEXT_START + functions.length * TEXT_STEP
      if (address >= TEXT_END) throw new Error('too many driver functions have an address')
      functions.push(fn)
      addresses.set(fn, address)
      return address
    },
    functionAt,
    nameAt: (address) => functionAt(address)?.name,
  }
}
