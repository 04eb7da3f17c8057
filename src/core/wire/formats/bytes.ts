/**
 * Numbers as they lie in frames: big-endian. Reading an element of a byte array is fast everywhere; storing one takes 110 ns
 * in a sandboxed thread, so headers are put together in a scratch header and copied into the frame whole.
 */
export const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!
/** Unsigned. */
export const u32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

/** Whether two ranges hold the same bytes. */
export function sameBytes(a: Uint8Array, at: number, b: Uint8Array, bAt: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (a[at + index] !== b[bAt + index]) return false
  return true
}

/** A header of a fixed length, filled in through a view and copied with set(). One a format: it holds nothing between two calls. */
export interface ScratchHeader {
  readonly bytes: Uint8Array
  readonly view: DataView
}
export function scratchHeader(length: number): ScratchHeader {
  const bytes = new Uint8Array(length)
  return { bytes, view: new DataView(bytes.buffer) }
}
/** Copies an address of an even number of bytes into a header. */
export function putAddress(view: DataView, at: number, address: Uint8Array, length: number): void {
  for (let index = 0; index < length; index += 2) view.setUint16(at + index, u16(address, index))
}
