/** A value as the person writes it: REG_DWORD, REG_SZ, REG_MULTI_SZ, or REG_BINARY as bytes. */
export type RegistryValueOption = number | string | readonly string[] | { readonly binary: readonly number[] }

/** Keywords of an instance, and keys below them. */
export interface ConfigurationOptions {
  readonly parameters?: Readonly<Record<string, RegistryValueOption>>
  readonly keys?: Readonly<Record<string, ConfigurationOptions>>
}

export type RegistryValue =
  | { readonly type: 'REG_DWORD'; readonly data: number }
  | { readonly type: 'REG_SZ'; readonly data: string }
  | { readonly type: 'REG_MULTI_SZ'; readonly data: readonly string[] }
  | { readonly type: 'REG_BINARY'; readonly data: Uint8Array }

/** A key of the registry; names are compared without regard to case. */
export interface RegistryKey {
  value(name: string): RegistryValue | undefined
  write(name: string, value: RegistryValue): void
  key(name: string): RegistryKey | undefined
  /** Keys below this one are numbered from 0, in the order in which they were written down. */
  keyAt(index: number): { readonly name: string; readonly key: RegistryKey } | undefined
}

const isDword = (value: number): boolean => Number.isInteger(value) && value >= -0x8000_0000 && value <= 0xffff_ffff
const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xff

/** @throws RangeError for a number that does not fit; the message begins with the name. */
export function valueOf(name: string, option: RegistryValueOption): RegistryValue {
  if (typeof option === 'string') return { type: 'REG_SZ', data: option }
  if (typeof option === 'number') {
    if (!isDword(option))
      throw new RangeError(`${name}: ${option} is no integer of 32 bits; write it as text in quotes`)
    return { type: 'REG_DWORD', data: option >>> 0 }
  }
  if (!('binary' in option)) return { type: 'REG_MULTI_SZ', data: option }
  if (!option.binary.every(isByte)) throw new RangeError(`${name}: every element of binary must be 0 to 255`)
  return { type: 'REG_BINARY', data: Uint8Array.from(option.binary) }
}

/** Throws RangeError for a number that does not fit; the message begins with the name of the value. */
export function createRegistryKey(options: ConfigurationOptions = {}): RegistryKey {
  const fold = (name: string): string => name.toUpperCase()
  const values = new Map(
    Object.entries(options.parameters ?? {}).map(([name, option]) => [fold(name), valueOf(name, option)]),
  )
  const keys = Object.entries(options.keys ?? {}).map(([name, below]) => ({ name, key: createRegistryKey(below) }))
  return {
    value: (name) => values.get(fold(name)),
    write: (name, value) => void values.set(fold(name), value),
    key: (name) => keys.find((candidate) => fold(candidate.name) === fold(name))?.key,
    keyAt: (index) => keys[index],
  }
}
