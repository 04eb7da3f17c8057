import type { Kernel } from '../kernel/kernel'
import type { OutParam } from '../memory/cell'
import { constant } from './constants'
import { formatDebugText, type PrintArgument, type PrintArguments } from './debug-print'
import { createStringBuffers, type Text } from './string-buffer'

const SUCCESS = constant('STATUS_SUCCESS')
const BUFFER_OVERFLOW = constant('STATUS_BUFFER_OVERFLOW')
const INVALID_PARAMETER = constant('STATUS_INVALID_PARAMETER')
/** STRSAFE_MAX_CCH: characters of the largest buffer. */
const LARGEST = constant('STRSAFE_MAX_CCH')
const FILL_BYTE = 0xff
const IGNORE_NULLS = constant('STRSAFE_IGNORE_NULLS')
const FILL_BEHIND_NULL = constant('STRSAFE_FILL_BEHIND_NULL')
const FILL_ON_FAILURE = constant('STRSAFE_FILL_ON_FAILURE')
const NULL_ON_FAILURE = constant('STRSAFE_NULL_ON_FAILURE')
const NO_TRUNCATION = constant('STRSAFE_NO_TRUNCATION')
const VALID_FLAGS = FILL_BYTE | IGNORE_NULLS | FILL_BEHIND_NULL | FILL_ON_FAILURE | NULL_ON_FAILURE | NO_TRUNCATION

/** va_list: the rest parameters of a script's function, or as in C the address of words. */
export type ArgumentList = number | readonly PrintArgument[] | null | undefined

/** Strings with a limit (WDM rtlstringcbcata, rtlstringcbprintfexa ...). An ANSI character is a byte: Cb and Cch are the same. */
export function createSafeStrings(k: Kernel) {
  const { space, preempt } = k
  const { put32 } = k.cells
  const strings = createStringBuffers(k)

  function argumentsOf(list: ArgumentList): PrintArguments {
    if (typeof list === 'object' && list !== null) return list
    let at = list ?? 0
    return (wide) => {
      const word = at
      at += wide ? 8 : 4
      if (word === 0 || at > k.shadow.base) return 0
      return wide ? space.r64(word) : space.r32(word)
    }
  }
  const format = (text: Text, args: PrintArguments): string => formatDebugText(k, strings.textOf(text, 1), args)

  /** Writes what fits, and a terminator; SUCCESS when that is all. */
  function store(at: number, capacity: number, text: string): number {
    strings.write(at, `${text.slice(0, capacity - 1)}\0`, 1)
    return text.length < capacity ? SUCCESS : BUFFER_OVERFLOW
  }
  const plain = (at: number, capacity: number, text: string): number =>
    capacity === 0 || capacity > LARGEST ? INVALID_PARAMETER : store(at, capacity, text)

  /** What is left behind when the text does not fit, if the flags ask for something else than what fits. Where it ends. */
  function failed(at: number, capacity: number, flags: number): number {
    let end = capacity - 1
    if (flags & FILL_ON_FAILURE) {
      space.fill(at, capacity, flags & FILL_BYTE)
      if ((flags & FILL_BYTE) === 0) end = 0
      else space.w8(at + capacity - 1, 0)
    }
    if (flags & (NULL_ON_FAILURE | NO_TRUNCATION)) {
      space.w8(at, 0)
      end = 0
    }
    return end
  }
  function extended(
    at: number,
    capacity: number,
    out: { readonly end: OutParam; readonly left: OutParam },
    flags: number,
    text: string,
  ): number {
    const missing = at === 0 && (!(flags & IGNORE_NULLS) || capacity > 0)
    if ((flags & ~VALID_FLAGS) !== 0 || capacity > LARGEST || missing) return INVALID_PARAMETER
    let status = BUFFER_OVERFLOW
    let end = 0
    if (capacity === 0) {
      if (at === 0 && text !== '') return INVALID_PARAMETER
      if (text === '') status = SUCCESS
    } else {
      status = store(at, capacity, text)
      end = status === SUCCESS ? text.length : failed(at, capacity, flags)
      if (status === SUCCESS && flags & FILL_BEHIND_NULL)
        space.fill(at + end + 1, capacity - end - 1, flags & FILL_BYTE)
    }
    if (out.end) put32(out.end, at + end)
    if (out.left) put32(out.left, capacity - end)
    return status
  }
  const printEx = (
    at: number,
    capacity: number,
    end: OutParam,
    left: OutParam,
    flags: number,
    text: Text,
    list: PrintArguments,
  ): number => {
    preempt()
    return extended(at >>> 0, capacity >>> 0, { end, left }, flags >>> 0, format(text, list))
  }
  const printfEx = (
    at: number,
    capacity: number,
    end: OutParam,
    left: OutParam,
    flags: number,
    text: Text,
    ...list: PrintArgument[]
  ): number => printEx(at, capacity, end, left, flags, text, list)

  return {
    RtlStringCbCatA(pszDest: number, cbDest: number, pszSrc: Text): number {
      preempt()
      const capacity = cbDest >>> 0
      let length = 0
      while (length < capacity && space.r8(pszDest + length) !== 0) length++
      if (length === capacity || capacity > LARGEST) return INVALID_PARAMETER
      return store(pszDest + length, capacity - length, strings.textOf(pszSrc, 1))
    },
    RtlStringCbVPrintfA(pszDest: number, cbDest: number, pszFormat: Text, argList: ArgumentList): number {
      preempt()
      return plain(pszDest, cbDest >>> 0, format(pszFormat, argumentsOf(argList)))
    },
    RtlStringCbPrintfExA: printfEx,
    RtlStringCchPrintfExA: printfEx,
    RtlStringCchVPrintfExA: (
      pszDest: number,
      cchDest: number,
      ppszDestEnd: OutParam,
      pcchRemaining: OutParam,
      dwFlags: number,
      pszFormat: Text,
      argList: ArgumentList,
    ): number => printEx(pszDest, cchDest, ppszDestEnd, pcchRemaining, dwFlags, pszFormat, argumentsOf(argList)),
  }
}
