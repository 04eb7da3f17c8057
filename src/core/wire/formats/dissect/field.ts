/** How the value of a field is written, and what a display filter compares it with. */
export type FieldKind =
  | 'protocol' // a layer: present or not, and its bytes
  | 'group' // a heading within a layer
  | 'dec'
  | 'hex8'
  | 'hex16'
  | 'hex24'
  | 'hex32'
  | 'bool'
  | 'mac'
  | 'ipv4'
  | 'ipv6'
  | 'bytes'
  | 'text'
  | 'time' // nanoseconds

export type ValueNames = Readonly<Record<number, string>>

export interface FieldType {
  readonly label: string
  readonly kind: FieldKind
  /** Names of values; a filter may compare with them. */
  readonly names?: ValueNames
  readonly unit?: string
  /** An alias: true of a frame when it is true of one of these. */
  readonly any?: readonly string[]
}

/** A field in the tree of a frame. */
export interface FieldNode {
  /** As in a display filter: 'ip.src'. */
  readonly name: string
  readonly label: string
  readonly value: string
  /** Bytes from the beginning of the frame; [offset, offset + length) lies within the captured bytes. */
  readonly offset: number
  readonly length: number
  /** Bits of those bytes, big-endian, that the field covers; left out for whole bytes. */
  readonly mask?: number
  /** The same as a picture: '.... 0101'. */
  readonly bits?: string
  readonly warning?: string
  /** A display filter that this frame passes because of this field. */
  readonly filter?: string
  readonly children?: readonly FieldNode[]
}
