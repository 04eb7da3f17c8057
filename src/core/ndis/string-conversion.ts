import type { Kernel } from '../kernel/kernel'
import { OWNER_DRIVER } from '../memory/tagged-pool'
import { constant } from './constants'
import { freePool } from './pool-memory'
import { createStringBuffers, LONGEST_BYTES, type Text } from './string-buffer'

/** 'Strg': the tag of buffers that the kernel's string routines allocate. */
const BUFFER_TAG = 0x67727453
const SUCCESS = constant('STATUS_SUCCESS')
const BUFFER_OVERFLOW = constant('STATUS_BUFFER_OVERFLOW')
const BUFFER_TOO_SMALL = constant('STATUS_BUFFER_TOO_SMALL')
const NO_MEMORY = constant('STATUS_NO_MEMORY')
const INVALID_PARAMETER_2 = constant('STATUS_INVALID_PARAMETER_2')

/** Upper case as the kernel has it: one character becomes one character. */
const upper = (text: string): string => text.replace(/./gsu, (char) => {
  const up = char.toUpperCase()
  return up.length === char.length ? up : char
}) // prettier-ignore
/** What no ANSI character stands for becomes a question mark. */
const toAnsi = (text: string): string => text.replace(/[^\0-\xff]/g, '?')

/** Counted strings from one form to another, copied and appended (DDI ndisansistringtounicodestring ...; WDM RtlCopyUnicodeString ...). */
export function createStringConversions(k: Kernel) {
  const { pool, site, log, preempt } = k
  const strings = createStringBuffers(k)
  const { counted, lengthOf, maximumOf, bufferOf, write, setLength } = strings

  /** Without a terminator where there is no room for one. */
  function put(destination: number, at: number, text: string): void {
    const end = at + 2 * text.length
    const room = end + 2 <= maximumOf(destination)
    write(bufferOf(destination) + at, room ? `${text}\0` : text, 2)
    setLength(destination, end)
  }
  function append(destination: number, text: string): number {
    preempt()
    const at = lengthOf(destination)
    if (at + 2 * text.length > maximumOf(destination)) return BUFFER_TOO_SMALL
    put(destination, at, text)
    return SUCCESS
  }
  function ansiToUnicode(destination: number, source: number): number {
    preempt()
    const text = counted(source, 1)
    if (2 * text.length + 2 > LONGEST_BYTES) return INVALID_PARAMETER_2
    if (2 * text.length + 2 > maximumOf(destination)) return BUFFER_OVERFLOW
    put(destination, 0, text)
    return SUCCESS
  }
  /** A buffer that is too small gets what fits, and its terminator. */
  function unicodeToAnsi(destination: number, source: number, allocate: boolean): number {
    preempt()
    const text = toAnsi(counted(source, 2))
    if (allocate) {
      const buffer = pool.allocate(text.length + 1, BUFFER_TAG, OWNER_DRIVER, site.s, log.count())
      if (buffer === 0) return NO_MEMORY
      strings.set(destination, 0, text.length + 1, buffer)
    }
    const room = maximumOf(destination) - 1
    if (room < 0) return BUFFER_OVERFLOW
    const part = text.slice(0, room)
    write(bufferOf(destination), `${part}\0`, 1)
    setLength(destination, part.length)
    return part.length === text.length ? SUCCESS : BUFFER_OVERFLOW
  }
  return {
    NdisAnsiStringToUnicodeString: ansiToUnicode,
    NdisUnicodeStringToAnsiString: (DestinationString: number, SourceString: number): number =>
      unicodeToAnsi(DestinationString, SourceString, false),
    RtlUnicodeStringToAnsiString: (
      DestinationString: number,
      SourceString: number,
      AllocateDestinationString: unknown,
    ): number => unicodeToAnsi(DestinationString, SourceString, Boolean(AllocateDestinationString)),
    RtlFreeAnsiString(AnsiString: number): void {
      preempt()
      if (bufferOf(AnsiString) === 0) return
      freePool(k, bufferOf(AnsiString))
      strings.set(AnsiString, 0, 0, 0)
    },
    NdisUpcaseUnicodeString(DestinationString: number, SourceString: number): number {
      preempt()
      const text = upper(counted(SourceString, 2))
      if (2 * text.length > maximumOf(DestinationString)) return BUFFER_OVERFLOW
      write(bufferOf(DestinationString), text, 2)
      setLength(DestinationString, 2 * text.length)
      return SUCCESS
    },
    /** As much as there is room for; a NULL source empties the destination. */
    RtlCopyUnicodeString(DestinationString: number, SourceString?: number | null): void {
      preempt()
      if (!SourceString) return setLength(DestinationString, 0)
      put(DestinationString, 0, counted(SourceString, 2).slice(0, maximumOf(DestinationString) >> 1))
    },
    RtlAppendUnicodeStringToString: (Destination: number, Source: number): number =>
      append(Destination, counted(Source, 2)),
    RtlAppendUnicodeToString: (Destination: number, Source: Text): number =>
      append(Destination, strings.textOf(Source, 2)),
  }
}
