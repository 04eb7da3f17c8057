/** The shape of a struct table (DESIGN section 2). All sizes and offsets in bytes, 32-bit x86 packing. */

export type ScalarType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'u64' | 'i64' | 'ptr' | 'bool' | 'fn'

export interface FieldTable {
  readonly name: string
  readonly offset: number
  /** Size of ONE element; an array occupies `size * count`. */
  readonly size: number
  /** Scalar kind, or 'struct' (then `struct` names a table or `fields` gives an anonymous one), or 'bytes' (opaque area). */
  readonly type: ScalarType | 'struct' | 'bytes'
  /** C type of one element, as the documentation writes it: 'PNDIS_BUFFER', 'UINT', 'UCHAR'. */
  readonly ctype: string
  readonly count?: number
  readonly struct?: string
  readonly fields?: readonly FieldTable[]
  /** Table of the struct this pointer points at, for the inspector: 'NDIS_PACKET'. For type 'fn': the callback's entry of the API table. */
  readonly target?: string
  /** A pointer to so many function pointers; `target` names their callback. Scripts may give an array of functions. */
  readonly functions?: number
  /** Members that share bytes on purpose carry the same number (C's union); no others overlap. */
  readonly union?: number
  /** true for the members that only NDIS may touch. */
  readonly reserved?: boolean
  /** One line for the hover. */
  readonly doc?: string
}

export interface StructTable {
  readonly name: string
  readonly size: number
  readonly fields: readonly FieldTable[]
  readonly kind: 'struct' | 'union'
  /** Names of the type of its pointer: ['PNDIS_PACKET']. */
  readonly pointerNames: readonly string[]
  /** 'ndis' for driver-visible types, 'system' for NDIS's own records (system area, pool headers). */
  readonly visibility: 'ndis' | 'system'
  readonly source: string
}
