import type { Kernel } from '../kernel/kernel'
import { irqlName } from '../kernel/irql'

export type PrintArgument = number | bigint | string | boolean | null | undefined | { readonly value: unknown }

/** The arguments in order, or what gives the next one; `wide`: one of 64 bits. */
export type PrintArguments = readonly PrintArgument[] | ((wide: boolean) => PrintArgument)

const LONGEST_TEXT = 512
/** %[flags][width][.precision][size]type */
const DIRECTIVE = /%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+))?(hh|h|I64|I32|I|ll|l|w)?([diouxXpcCsSZ%])/g

/** Formats as DbgPrint does: %d %i %u %o %x %X %p %c %C %s %S %Z %wZ %ws, flags, width, precision, I64. */
export function formatDebugText(k: Kernel, format: string, args: PrintArguments): string {
  const { space } = k
  let next = 0
  const wide = (address: number, limit: number): string => {
    let text = ''
    for (let at = address; text.length < limit; at += 2) {
      const unit = space.r16(at)
      if (unit === 0) break
      text += String.fromCharCode(unit)
    }
    return text
  }
  const counted = (address: number, isWide: boolean): string => {
    const length = space.r16(address)
    const buffer = space.r32(address + 4)
    if (isWide) return wide(buffer, Math.min(length >> 1, LONGEST_TEXT))
    return space.readAscii(buffer, Math.min(length, LONGEST_TEXT))
  }
  const take = (wide = false): number | bigint | string => {
    const value = typeof args === 'function' ? args(wide) : args[next++]
    if (typeof value === 'object' && value !== null) return Number(value.value)
    if (typeof value === 'boolean') return value ? 1 : 0
    return value ?? 0
  }
  const text = (value: number | bigint | string, isWide: boolean): string => {
    if (typeof value === 'string') return value
    const address = Number(value)
    if (address === 0) return '(null)'
    return isWide ? wide(address, LONGEST_TEXT) : space.readAscii(address, LONGEST_TEXT)
  }
  const integer = (value: number | bigint | string, signed: boolean, bits64: boolean): bigint => {
    const exact = typeof value === 'bigint' ? value : BigInt(Math.trunc(Number(value)) || 0)
    const bits = bits64 ? 64 : 32
    return signed ? BigInt.asIntN(bits, exact) : BigInt.asUintN(bits, exact)
  }
  const digits = (type: string, value: number | bigint | string, bits64: boolean, flags: string): string => {
    if (type === 'd' || type === 'i') {
      const number = integer(value, true, bits64)
      return number >= 0n && flags.includes('+') ? `+${number}` : `${number}`
    }
    const number = integer(value, false, bits64)
    if (type === 'u') return `${number}`
    if (type === 'o') return number.toString(8)
    const hex = number.toString(16)
    if (type === 'p') return hex.toUpperCase().padStart(8, '0')
    return (flags.includes('#') && number !== 0n ? '0x' : '') + (type === 'X' ? hex.toUpperCase() : hex)
  }

  return format.replace(
    DIRECTIVE,
    (_all, flags: string, width?: string, precision?: string, size?: string, type?: string) => {
      if (type === '%') return '%'
      const columns = width === '*' ? Number(take()) : Number(width ?? 0)
      const places = precision === '*' ? Number(take()) : precision === undefined ? undefined : Number(precision)
      const value = take(size === 'I64' || size === 'll')
      const isWide = size === 'w' || size === 'l' || type === 'S'
      let body: string
      if (type === 's' || type === 'S') body = text(value, isWide).slice(0, places)
      else if (type === 'Z') body = typeof value === 'string' ? value : counted(Number(value), size === 'w')
      else if (type === 'c' || type === 'C')
        body = typeof value === 'string' ? value : String.fromCharCode(Number(value))
      else {
        body = digits(type!, value, size === 'I64' || size === 'll', flags)
        if (places !== undefined) body = body.replace(/\d.*|[a-fA-F].*/, (part) => part.padStart(places, '0'))
      }
      if (flags.includes('-')) return body.padEnd(columns)
      const zero = flags.includes('0') && !'sScCZ'.includes(type!)
      return zero && body.startsWith('-')
        ? `-${body.slice(1).padStart(columns - 1, '0')}`
        : body.padStart(columns, zero ? '0' : ' ')
    },
  )
}

/** Debug output and assertions of the kernel (WDM pages). */
export function createDebugPrint(k: Kernel) {
  const print = (format: string | number, args: readonly PrintArgument[]): number => {
    const text = typeof format === 'string' ? format : k.space.readAscii(format, LONGEST_TEXT)
    k.output(formatDebugText(k, text, args))
    k.preempt()
    return 0
  }
  const assert =
    (fn: string) =>
    (condition: unknown): void => {
      k.preempt()
      if (!condition)
        k.verifier.violation('ASSERT', fn, `An assertion of the driver failed at ${irqlName(k.cpus.irql())}.`)
    }
  return {
    DbgPrint: (Format: string | number, ...Arguments: PrintArgument[]): number => print(Format, Arguments),
    DbgPrintEx: (
      _ComponentId: number,
      _Level: number,
      Format: string | number,
      ...Arguments: PrintArgument[]
    ): number => print(Format, Arguments),
    KdPrint: (Format: string | number, ...Arguments: PrintArgument[]): number => print(Format, Arguments),
    ASSERT: assert('ASSERT'),
    NT_ASSERT: assert('NT_ASSERT'),
  }
}
