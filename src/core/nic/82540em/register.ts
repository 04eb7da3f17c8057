import type { BitField, RegisterAccess, RegisterTable } from '../register-table'

/** Some bits of a register. */
export interface Field {
  /** Number of its lowest bit. */
  readonly shift: number
  /** Bits, 1 to 32. */
  readonly width: number
  readonly doc: string
  /** What its values are called, where they have names. */
  readonly values?: Readonly<Record<number, string>>
  /** Writes leave it as it is. */
  readonly readOnly?: true
}
export type Fields = Readonly<Record<string, Field>>

/** A register, or an array of them, as the data sheet names it. What a device shows, logs and documents comes from here. */
export interface Register {
  /** Bytes from the start of the memory BAR; of an array, where its first element is. */
  readonly offset: number
  readonly access: RegisterAccess
  /** Value after a reset, of each element. */
  readonly reset: number
  /** Section of the manual. */
  readonly section: string
  /** One line. */
  readonly doc: string
  readonly fields: Fields
  /** Elements of an array, and bytes from one to the next. */
  readonly count?: number
  readonly stride?: number
  readonly counter?: RegisterTable['counter']
  /** true: the device keeps what is written and does nothing with it. */
  readonly idle?: true
}
export type Registers = Readonly<Record<string, Register>>

export const bit = (shift: number, doc: string): Field => ({ shift, width: 1, doc })
export const bits = (high: number, low: number, doc: string, values?: Readonly<Record<number, string>>): Field => ({
  shift: low,
  width: high - low + 1,
  doc,
  ...(values && { values }),
})
export const readOnly = (field: Field): Field => ({ ...field, readOnly: true })

/** The bits of a field in their place, as a signed 32-bit number. */
export const maskOf = ({ shift, width }: Field): number => (width === 32 ? -1 : ((1 << width) - 1) << shift)

/** Bits of a register that a write changes. */
export function writableMask({ access, fields }: Register): number {
  if (access === 'RO' || access === 'RC') return 0
  let mask = 0
  for (const field of Object.values(fields)) if (!field.readOnly) mask |= maskOf(field)
  return mask
}

type PerField<T extends Registers> = {
  readonly [R in keyof T]: { readonly [F in keyof T[R]['fields']]: number }
}
const perField = <T extends Registers>(table: T, of: (field: Field) => number): PerField<T> =>
  Object.fromEntries(
    Object.entries(table).map(([name, { fields }]) => [
      name,
      Object.fromEntries(Object.entries(fields).map(([field, place]) => [field, of(place)])),
    ]),
  ) as PerField<T>
/** Bits of every field in their place, by names: `masksOf(table).RCTL.BSIZE`. */
export const masksOf = <T extends Registers>(table: T) => perField(table, maskOf)
/** Number of the lowest bit of every field, by names. */
export const shiftsOf = <T extends Registers>(table: T) => perField(table, ({ shift }) => shift)

/** Fields as a debugger takes them. */
export const bitFields = (fields: Fields): BitField[] =>
  Object.entries(fields).map(([name, { shift, width, doc, values }]) => ({
    name,
    shift,
    width,
    doc,
    ...(values && { values }),
  }))
/** Registers as a debugger takes them. */
export const registerTables = (group: string, registers: Registers): RegisterTable[] =>
  Object.entries(registers).map(([name, { fields, idle, doc, ...register }]) => ({
    ...register,
    name,
    group,
    doc: idle ? `${doc} (kept, and not acted on)` : doc,
    fields: bitFields(fields),
  }))
