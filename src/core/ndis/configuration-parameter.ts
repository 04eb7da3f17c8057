import type { Kernel } from '../kernel/kernel'
import { layout } from '../memory/layout'
import { OWNER_NDIS } from '../memory/tagged-pool'
import { constant } from './constants'
import type { RegistryValue } from './registry'

const PARAMETER = layout('NDIS_CONFIGURATION_PARAMETER', 'ParameterType', 'ParameterData')
const STRING = layout('UNICODE_STRING', 'Length', 'MaximumLength', 'Buffer')
const BINARY = layout('BINARY_DATA', 'Length', 'Buffer')
/** 'NDcp' */
const PARAMETER_TAG = 0x7063444e
/** What a USHORT can count. */
const MOST_BYTES = 0xffff

const INTEGER = constant('NdisParameterInteger')
const HEX_INTEGER = constant('NdisParameterHexInteger')
const STRING_TYPE = constant('NdisParameterString')
const MULTI_STRING = constant('NdisParameterMultiString')
const BINARY_TYPE = constant('NdisParameterBinary')

/** Bytes of the text as UTF-16, low byte first. */
export const utf16 = (text: string): Uint8Array =>
  Uint8Array.from({ length: 2 * text.length }, (_unused, i) => (text.charCodeAt(i >> 1) >> (8 * (i & 1))) & 0xff)

/** Text of a number, as INF files write them: '100', or 'c000' where hexadecimal is asked for. */
function integer(text: string, radix: 10 | 16): number | undefined {
  const digits = radix === 16 ? /^\s*(?:0x)?([0-9a-f]{1,8})\s*$/i : /^\s*(-?\d{1,10})\s*$/
  const found = digits.exec(text)?.[1]
  const value = found === undefined ? NaN : parseInt(found, radix)
  return value >= -0x8000_0000 && value <= 0xffff_ffff ? value >>> 0 : undefined
}

interface Converted {
  readonly type: number
  /** A number, or the bytes behind a string or binary value. */
  readonly data: number | Uint8Array
  /** Terminating bytes that Length leaves out. */
  readonly terminator: number
}

/** The value as the ParameterType asks for it; undefined when it is of another type (DDI ndisreadconfiguration). */
function convert(value: RegistryValue, ParameterType: number): Converted | undefined {
  const whole = ParameterType === INTEGER || ParameterType === HEX_INTEGER
  // Whatever the notation asked for, the result says NdisParameterInteger (DDI ndis_configuration_parameter).
  if (value.type === 'REG_DWORD') return whole ? { type: INTEGER, data: value.data, terminator: 0 } : undefined
  if (value.type === 'REG_SZ') {
    if (ParameterType === STRING_TYPE) return { type: STRING_TYPE, data: utf16(`${value.data}\0`), terminator: 2 }
    const number = whole ? integer(value.data, ParameterType === INTEGER ? 10 : 16) : undefined
    return number === undefined ? undefined : { type: INTEGER, data: number, terminator: 0 }
  }
  if (value.type === 'REG_MULTI_SZ' && ParameterType === MULTI_STRING)
    return { type: MULTI_STRING, data: utf16(`${value.data.map((text) => `${text}\0`).join('')}\0`), terminator: 0 }
  if (value.type === 'REG_BINARY' && ParameterType === BINARY_TYPE)
    return { type: BINARY_TYPE, data: value.data, terminator: 0 }
  return undefined
}

/** 'type': the value is of another type than the one asked for. 'memory': there is none left. */
export type Placed = { readonly address: number } | 'type' | 'memory'

/** NDIS_CONFIGURATION_PARAMETER: registry values as drivers see and give them. */
export function createConfigurationParameters(k: Kernel) {
  const { space, pool, site, log } = k
  const { r8, r16, r32, w16, w32 } = space

  /** Length bytes of UTF-16 text at Buffer. */
  const unicode = (counted: number): string => {
    const buffer = r32(counted + STRING.Buffer)
    const units = Math.min(r16(counted + STRING.Length) >> 1, Math.max(0, (k.shadow.base - buffer) >> 1))
    return Array.from({ length: units }, (_unused, i) => String.fromCharCode(r16(buffer + 2 * i))).join('')
  }
  /** A copy of the bytes in NDIS's own memory, or 0. */
  function place(bytes: Uint8Array): number {
    const address = pool.allocate(Math.max(1, bytes.length), PARAMETER_TAG, OWNER_NDIS, site.s, log.count())
    if (address !== 0) space.u8.set(bytes, address)
    return address
  }
  return {
    unicode,
    place,
    /** Writes the record and what it points at in one block. */
    put(value: RegistryValue, ParameterType: number): Placed {
      const converted = convert(value, ParameterType)
      if (!converted || (typeof converted.data !== 'number' && converted.data.length > MOST_BYTES)) return 'type'
      const { type, data, terminator } = converted
      const behind = typeof data === 'number' ? new Uint8Array() : data
      const address = place(new Uint8Array(PARAMETER.SIZE + behind.length))
      if (address === 0) return 'memory'
      const record = address + PARAMETER.ParameterData
      const buffer = address + PARAMETER.SIZE
      w32(address + PARAMETER.ParameterType, type)
      space.u8.set(behind, buffer)
      if (typeof data === 'number') w32(record, data)
      else if (type === BINARY_TYPE) {
        w16(record + BINARY.Length, behind.length)
        w32(record + BINARY.Buffer, buffer)
      } else {
        w16(record + STRING.Length, behind.length - terminator)
        w16(record + STRING.MaximumLength, behind.length)
        w32(record + STRING.Buffer, buffer)
      }
      return { address }
    },
    /** The value that a driver's record holds, or undefined for a ParameterType that there is not. */
    take(parameter: number): RegistryValue | undefined {
      const record = parameter + PARAMETER.ParameterData
      const type = r32(parameter + PARAMETER.ParameterType)
      if (type === INTEGER || type === HEX_INTEGER) return { type: 'REG_DWORD', data: r32(record) >>> 0 }
      if (type === STRING_TYPE) return { type: 'REG_SZ', data: unicode(record) }
      // The list ends with an empty string of its own.
      if (type === MULTI_STRING)
        return {
          type: 'REG_MULTI_SZ',
          data: unicode(record)
            .replace(/\0{1,2}$/, '')
            .split('\0'),
        }
      if (type !== BINARY_TYPE) return undefined
      const buffer = r32(record + BINARY.Buffer)
      const length = r16(record + BINARY.Length)
      return { type: 'REG_BINARY', data: Uint8Array.from({ length }, (_unused, i) => r8(buffer + i)) }
    },
  }
}
