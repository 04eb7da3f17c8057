import type { Kernel } from '../kernel/kernel'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { createStringBuffers, LONGEST_BYTES, type Text, type Unit } from './string-buffer'

export type { Text }

/** 'NDst' */
const STRING_TAG = 0x7473444e

/** Counted strings (DDI ndisinitunicodestring, ndisinitializestring ...; WDM RtlInitUnicodeString). */
export function createStrings(k: Kernel) {
  const { pool, image, site, log, preempt } = k
  const strings = createStringBuffers(k)
  const literals = new Map<string, number>()

  /** A literal of the source lies in the driver image, each once. */
  function place(text: string, unit: Unit): number {
    const key = `${unit}${text}`
    const known = literals.get(key)
    if (known !== undefined) return known
    const address = image.allocate((text.length + 1) * unit)
    if (address !== 0) {
      strings.write(address, `${text}\0`, unit)
      literals.set(key, address)
    }
    return address
  }
  function initialize(counted: number, source: Text, unit: Unit): void {
    preempt()
    const buffer = typeof source === 'string' ? place(source, unit) : (source ?? 0)
    if (buffer === 0) return strings.set(counted, 0, 0, 0)
    const length = Math.min(strings.read(buffer, unit).length * unit, LONGEST_BYTES - unit)
    strings.set(counted, length, length + unit, buffer)
  }
  function equal(String1: number, String2: number, CaseInsensitive: number): number {
    preempt()
    const fold = (text: string): string => (CaseInsensitive ? text.toUpperCase() : text)
    return fold(strings.counted(String1, 2)) === fold(strings.counted(String2, 2)) ? 1 : 0
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
      const text = strings.textOf(Source, 1)
      const bytes = 2 * Math.min(text.length, (LONGEST_BYTES >> 1) - 1)
      const buffer = pool.allocate(bytes + 2, STRING_TAG, OWNER_DRIVER, site.s, log.count())
      if (buffer === 0) return strings.set(Destination, 0, 0, 0)
      strings.write(buffer, `${text.slice(0, bytes >> 1)}\0`, 2)
      strings.set(Destination, bytes, bytes + 2, buffer)
    },
    NdisFreeString(String: number): void {
      const buffer = strings.bufferOf(String)
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
    /** The text as a line of debug output. */
    NdisPrintString(String: number): void {
      preempt()
      k.output(`${strings.counted(String, 2)}\n`)
    },
  }
}
