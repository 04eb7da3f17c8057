import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'

/** UNICODE_STRING and ANSI_STRING: bytes used, bytes there, the text. */
export const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')
/** Most bytes that a counted string of characters can hold. */
export const LONGEST_BYTES = 0xfffe
/** Bytes of a character: 1 of an ANSI string, 2 of a Unicode one. */
export type Unit = 1 | 2

/** Text as C gives it: a literal, or the address of zero-terminated characters. */
export type Text = string | number | null | undefined

/** Characters in memory, counted and zero-terminated. ANSI characters are those of Latin-1. */
export function createStringBuffers({ space, shadow }: Kernel) {
  const { r8, r16, r32, w8, w16, w32 } = space

  /** Zero-terminated characters from the address on. */
  function read(address: number, unit: Unit): string {
    let text = ''
    for (let at = address; text.length * unit < LONGEST_BYTES && at + unit <= shadow.base; at += unit) {
      const code = unit === 2 ? r16(at) : r8(at)
      if (code === 0) break
      text += String.fromCharCode(code)
    }
    return text
  }
  return {
    read,
    /** The literal itself, or what lies at the address; '' for NULL. */
    textOf: (source: Text, unit: Unit): string =>
      typeof source === 'string' ? source : source ? read(source, unit) : '',
    write(address: number, text: string, unit: Unit): void {
      const put = unit === 2 ? w16 : w8
      for (let i = 0; i < text.length; i++) put(address + i * unit, text.charCodeAt(i))
    },
    set(counted: number, length: number, maximum: number, buffer: number): void {
      w16(counted + STRING.Length, length)
      w16(counted + STRING.MaximumLength, maximum)
      w32(counted + STRING.Buffer, buffer)
    },
    setLength: (counted: number, length: number): void => w16(counted + STRING.Length, length),
    lengthOf: (counted: number): number => r16(counted + STRING.Length),
    maximumOf: (counted: number): number => r16(counted + STRING.MaximumLength),
    bufferOf: (counted: number): number => r32(counted + STRING.Buffer),
    counted(string: number, unit: Unit): string {
      const buffer = r32(string + STRING.Buffer)
      const units = Math.floor(Math.min(r16(string + STRING.Length), shadow.base - buffer) / unit)
      let text = ''
      for (let i = 0; i < units; i++) text += String.fromCharCode(unit === 2 ? r16(buffer + 2 * i) : r8(buffer + i))
      return text
    },
  }
}
export type StringBuffers = ReturnType<typeof createStringBuffers>
