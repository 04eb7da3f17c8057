import type { DeviceState } from '../device'
import type { BitField } from '../register-table'
import { FLAG_FIELDS, REGISTERS } from './registers.table'

type Entry = (typeof REGISTERS)[number]
export type RegisterName = Entry['name']
type FieldsOf<R extends RegisterName> = Extract<
  Entry,
  { readonly name: R; readonly fields: unknown }
>['fields'][number]['name']

/** Offsets of the registers by their names. */
export const REGISTER = Object.fromEntries(REGISTERS.map(({ name, offset }) => [name, offset])) as Readonly<
  Record<RegisterName, number>
>
type Bits<N extends string> = Readonly<Record<N, number>>
const bits = <N extends string>(fields: readonly { readonly name: N; readonly shift: number }[]): Bits<N> =>
  Object.fromEntries(fields.map(({ name, shift }) => [name, (1 << shift) >>> 0])) as Bits<N>
function bitsOf<R extends RegisterName>(register: R) {
  const entry = REGISTERS.find(({ name }) => name === register)!
  const fields: readonly BitField[] = 'fields' in entry ? entry.fields : []
  return bits(fields as readonly { readonly name: FieldsOf<R>; readonly shift: number }[])
}

/** Masks of the bits of registers and descriptors, by the names of the table; SPEED: its lowest bit. */
export const CONTROL = bitsOf('CONTROL')
export const STATUS = bitsOf('STATUS')
export const CAUSE = bitsOf('CAUSE')
export const FILTER = bitsOf('FILTER')
export const FLAG = bits(FLAG_FIELDS)

/** Bytes of the page that have registers; up to the end of the page nothing answers. */
export const REGISTER_BYTES = Math.max(...Object.values(REGISTER)) + 4
/** Names by offset; undefined in gaps. */
export const NAMES: readonly (RegisterName | undefined)[] = Array.from(
  { length: REGISTER_BYTES / 4 },
  (_unused, index) => REGISTERS.find(({ offset }) => offset === index * 4)?.name,
)
/** By name what a driver may do to it. */
export const ACCESS = Object.fromEntries(REGISTERS.map(({ name, access }) => [name, access])) as Readonly<
  Record<RegisterName, Entry['access']>
>

/** The registers as the device itself reads and writes them: no side effects, and no protection. */
export interface Registers {
  get(offset: number): number
  set(offset: number, value: number): void
  /** CONTROL.RUN */
  running(): boolean
  /** Adds one; counters wrap at 2^32. */
  count(offset: number): void
  /** Values after a reset. STATUS, which is the cable's, stays. */
  reset(): void
}

/** Registers in the words of a device, where a debugger finds them. `slot` goes into the station address. */
export function createRegisters({ words, at }: DeviceState, slot: number): Registers {
  const get = (offset: number): number => words[at + (offset >> 2)]! >>> 0
  const set = (offset: number, value: number): void => void (words[at + (offset >> 2)] = value | 0)
  return {
    get,
    set,
    running: () => (get(REGISTER.CONTROL) & CONTROL.RUN) !== 0,
    count: (offset) => set(offset, get(offset) + 1),
    reset() {
      for (const { offset, reset } of REGISTERS) if (offset !== REGISTER.STATUS) set(offset, reset)
      set(REGISTER.MAC_HIGH, get(REGISTER.MAC_HIGH) | ((slot & 0xff) << 8))
    },
  }
}
