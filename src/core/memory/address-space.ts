import { FILL } from './map'

/**
 * Numbers to index and nothing else. An array without a prototype: on Node 20 each store to a typed array whose prototypes
 * are frozen takes 110 ns, and the sandbox freezes them all; so what this thread writes often has none.
 */
export interface Words {
  [index: number]: number
}
export const words = (array: Int32Array | Float64Array): Words => Object.setPrototypeOf(array, null) as Words

/**
 * One little-endian address space over one shared memory. Addresses are byte offsets, 0 to size - 1. Aligned words go
 * through typed arrays, everything else through a DataView; nothing here checks anything, src/core/memory/shadow.ts does.
 */
export interface AddressSpace {
  readonly buffer: SharedArrayBuffer
  readonly size: number
  /** Aligned words, by address >> 2. */
  readonly i32: Words
  /** Bytes, for reading and for whole ranges; one byte is written with w8. */
  readonly u8: Uint8Array
  /** Aligned doubles, by address >> 3. */
  readonly f64: Words
  r8(address: number): number
  r16(address: number): number
  /** Unsigned. */
  r32(address: number): number
  r64(address: number): bigint
  w8(address: number, value: number): void
  w16(address: number, value: number): void
  w32(address: number, value: number): void
  w64(address: number, value: bigint): void
  fill(address: number, length: number, byte: number): void
  /** As memmove. */
  move(destination: number, source: number, length: number): void
  /** Writes text, one byte a character, and a terminating zero. */
  writeAscii(address: number, text: string): void
  readAscii(address: number, limit?: number): string
}

/** A fill byte as the double that eight of them make. */
export const fillPattern = (byte: number): number => {
  const view = new DataView(new ArrayBuffer(8))
  for (let i = 0; i < 8; i++) view.setUint8(i, byte)
  return view.getFloat64(0, true)
}
export const FRESH_F64 = fillPattern(FILL.FRESH)
export const FREED_F64 = fillPattern(FILL.FREED)
export const GUARD_F64 = fillPattern(FILL.GUARD)

/** Bytes. */
const SHORT_MOVE = 128

export function createAddressSpace(memory: WebAssembly.Memory): AddressSpace {
  const buffer = memory.buffer as SharedArrayBuffer
  const i32 = words(new Int32Array(buffer))
  const u8 = new Uint8Array(buffer)
  const f64 = words(new Float64Array(buffer))
  const view = new DataView(buffer)
  return {
    buffer,
    size: buffer.byteLength,
    i32,
    u8,
    f64,
    r8: (address) => u8[address] ?? 0,
    r16: (address) => view.getUint16(address, true),
    r32: (address) => ((address & 3) === 0 ? i32[address >> 2]! >>> 0 : view.getUint32(address, true)),
    r64: (address) => view.getBigUint64(address, true),
    w8: (address, value) => view.setUint8(address, value),
    w16: (address, value) => view.setUint16(address, value, true),
    w32: (address, value) => {
      if ((address & 3) === 0) i32[address >> 2] = value
      else view.setUint32(address, value, true)
    },
    w64: (address, value) => view.setBigUint64(address, BigInt.asUintN(64, value), true),
    fill: (address, length, byte) => void u8.fill(byte, address, address + length),
    move(destination, source, length) {
      // A call into the engine takes as long as copying a short frame by words does.
      const apart = destination <= source || destination >= source + length
      if (length > SHORT_MOVE || ((destination | source | length) & 3) !== 0 || !apart)
        return void u8.copyWithin(destination, source, source + length)
      for (let at = 0; at < length; at += 4) i32[(destination + at) >> 2] = i32[(source + at) >> 2]!
    },
    writeAscii(address, text) {
      for (let i = 0; i < text.length; i++) view.setUint8(address + i, text.charCodeAt(i))
      view.setUint8(address + text.length, 0)
    },
    readAscii(address, limit = 4096) {
      let text = ''
      for (let i = 0; i < limit && u8[address + i]; i++) text += String.fromCharCode(u8[address + i]!)
      return text
    },
  }
}
