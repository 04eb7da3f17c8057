/** Registers and descriptors of NICs as numbers and bytes, read by their tables: what host and front ends share. */
import type { BitField, BytePattern, DescriptorField, RegisterTable } from './views'

/** true when the descriptor at `start` is as the pattern says. */
export const fits = (view: DataView, start: number, { offset, mask, value }: BytePattern): boolean =>
  (view.getUint32(start + offset, true) & mask) >>> 0 === value >>> 0

/** A field of the descriptor that begins with the first of `bytes`; little-endian, 1 to 64 bits. */
export function fieldValue(bytes: Uint8Array, { offset, shift = 0, width }: DescriptorField): bigint {
  const count = Math.ceil((shift + width) / 8)
  let value = 0n
  for (let i = count - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[offset + i] ?? 0)
  return BigInt.asUintN(width, value >> BigInt(shift))
}

/** The bits of one field of a word. */
export const bitsOf = (word: bigint | number, { shift, width }: BitField): number =>
  Number(BigInt.asUintN(width, BigInt(word) >> BigInt(shift)))

/** Offsets of a register's words: several for an array. */
export const offsetsOf = ({ offset, count = 1, stride = 4 }: RegisterTable): number[] =>
  Array.from({ length: count }, (_unused, index) => offset + index * stride)
