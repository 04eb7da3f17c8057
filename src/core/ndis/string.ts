import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { OWNER_DRIVER } from '../memory/tagged-pool'

/** UNICODE_STRING and ANSI_STRING: bytes used, bytes there, the text. */
const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')
/** 'NDst' */
const STRING_TAG = 0x7473444e
const LONGEST_BYTES = 0xfffe

/** Text as C gives it: a literal, or the address of zero-terminated characters. */
export type Text = string | number | null | undefined

/** Counted strings (DDI ndisinitunicodestring, ndisinitializestring ...; WDM RtlInitUnicodeString). */
export function createStrings(k: Kernel) {
  const { space, pool, image, site, log, preempt } = k
  const { r8, r16, r32, w8, w16, w32 } = space
  const literals = new Map<string, number>()

  /** Zero-terminated characters of 1 or 2 bytes from the address on. */
  function read(address: number, unit: 1 | 2): string {
    let text = ''
    for (let at = address; text.length * unit < LONGEST_BYTES && at + unit <= k.shadow.base; at += unit) {
      const code = unit === 2 ? r16(at) : r8(at)
      if (code === 0) break
      text += String.fromCharCode(code)
    }
    return text
  }
  function write(address: number, text: string, unit: 1 | 2): void {
    const put = unit === 2 ? w16 : w8
    for (let i = 0; i < text.length; i++) put(address + i * unit, text.charCodeAt(i))
  }
  function set(counted: number, length: number, maximum: number, buffer: number): void {
    w16(counted + STRING.Length, length)
    w16(counted + STRING.MaximumLength, maximum)
    w32(counted + STRING.Buffer, buffer)
  }
  /** A literal of the source lies in the driver image, each once. */
  function place(text: string, unit: 1 | 2): number {
    const key = `${unit}${text}`
    const known = literals.get(key)
    if (known !== undefined) return known
    const address = image.allocate((text.length + 1) * unit)
    if (address !== 0) {
      write(address, `${text}\0`, unit)
      literals.set(key, address)
    }
    return address
  }
  function initialize(counted: number, source: Text, unit: 1 | 2): void {
    preempt()
    const buffer = typeof source === 'string' ? place(source, unit) : (source ?? 0)
    if (buffer === 0) return set(counted, 0, 0, 0)
    const length = Math.min(read(buffer, unit).length * unit, LONGEST_BYTES - unit)
    set(counted, length, length + unit, buffer)
  }
  const textOf = (counted: number): string => {
    const buffer = r32(counted + STRING.Buffer)
    const units = Math.min(r16(counted + STRING.Length) >> 1, (k.shadow.base - buffer) >> 1)
    return Array.from({ length: Math.max(0, units) }, (_unused, i) => String.fromCharCode(r16(buffer + 2 * i))).join('')
  }
  function equal(String1: number, String2: number, CaseInsensitive: number): number {
    preempt()
    const fold = (text: string): string => (CaseInsensitive ? text.toUpperCase() : text)
    return fold(textOf(String1)) === fold(textOf(String2)) ? 1 : 0
  }

  const initUnicode = (DestinationString: number, SourceString: Text): void =>
    initialize(DestinationString, SourceString, 2)
  return {
    NdisInitUnicodeString: initUnicode,
    RtlInitUnicodeString: initUnicode,
    NdisInitAnsiString: (DestinationString: number, SourceString: Text): void =>
      initialize(DestinationString, SourceString, 1),
    /** Makes a Unicode copy; its buffer goes with NdisFreeString. A NULL buffer says that memory was short. */
    NdisInitializeString(Destination: number, Source: Text): void {
      preempt()
      const text = typeof Source === 'string' ? Source : read(Source ?? 0, 1)
      const bytes = 2 * Math.min(text.length, (LONGEST_BYTES >> 1) - 1)
      const buffer = pool.allocate(bytes + 2, STRING_TAG, OWNER_DRIVER, site.s, log.count())
      if (buffer === 0) return set(Destination, 0, 0, 0)
      write(buffer, `${text.slice(0, bytes >> 1)}\0`, 2)
      set(Destination, bytes, bytes + 2, buffer)
    },
    NdisFreeString(String: number): void {
      const buffer = r32(String + STRING.Buffer)
      if (pool.problem(buffer) !== null)
        k.bugcheck(
          'BAD_POOL_CALLER',
          [0x99, buffer],
          'NdisFreeString frees a buffer that NdisInitializeString did not allocate.',
        )
      pool.free(buffer, site.s)
      preempt()
    },
    NdisEqualString: equal,
    NdisEqualUnicodeString: equal,
  }
}
