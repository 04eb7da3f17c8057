import type { FieldType } from '../dissect/field'
import { encodeUtf8 } from '../utf8'
import { FilterError } from './problem'
import type { Token } from './tokens'

/** Bytes to compare with; `bits`: of a prefix, the others are free. */
export interface BytesLiteral {
  readonly bytes: Uint8Array
  readonly bits: number
}

const TIME_UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 }
const ADDRESS_BYTES = { mac: 6, ipv4: 4, ipv6: 16 } as const

const refuse = (token: Token, what: string): FilterError =>
  new FilterError(token.at, token.length, `'${token.text}' is not ${what}.`)

/** A whole number, a name of a value, true or false, a time: by the kind of the field. */
export function numberLiteral(type: FieldType, token: Token): number {
  if (type.kind === 'time') return timeLiteral(token)
  const text = token.text.toLowerCase()
  if (type.kind === 'bool') {
    if (text === 'true' || text === '1' || text === 'set') return 1
    if (text === 'false' || text === '0' || text === 'not set') return 0
    throw refuse(token, 'true or false')
  }
  if (token.kind === 'word' && /^(0x[0-9a-f]{1,8}|0b[01]{1,32}|\d{1,15})$/.test(text)) return Number(text)
  const named = Object.entries(type.names ?? {}).find(([, name]) => name.toLowerCase() === text)
  if (named) return Number(named[0])
  const some = Object.values(type.names ?? {})
    .slice(0, 3)
    .map((name) => `"${name}"`)
    .join(', ')
  throw refuse(token, some ? `a number, nor a name such as ${some}` : 'a number')
}

/** Nanoseconds; without a unit it is seconds. */
function timeLiteral(token: Token): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d*)?)(ns|us|µs|ms|s)?$/.exec(token.text) ?? []
  const scale = TIME_UNITS[unit]
  if (digits === undefined || scale === undefined) throw refuse(token, 'a time: 0.5, 20us, 1.5ms, 3s')
  return Math.round(Number(digits) * scale)
}

/** An address, or any bytes: 'aa:bb:cc', or a quoted text for what is no address. */
export function bytesLiteral({ kind }: FieldType, token: Token): BytesLiteral {
  if (kind === 'mac' || kind === 'ipv4' || kind === 'ipv6') return addressLiteral(kind, token)
  if (token.kind === 'string') return whole(encodeUtf8(token.text))
  const bytes = hexBytes(token.text)
  if (!bytes) throw refuse(token, 'a row of bytes, as in 0a:1b:2c, nor a quoted text')
  return whole(bytes)
}

/** Bytes of any number, for parts of fields and for `contains`. */
export function freeBytes(token: Token): BytesLiteral {
  return bytesLiteral({ label: '', kind: 'bytes' }, token)
}

const whole = (bytes: Uint8Array): BytesLiteral => ({ bytes, bits: bytes.length * 8 })

function addressLiteral(kind: 'mac' | 'ipv4' | 'ipv6', token: Token): BytesLiteral {
  const [address = '', prefix] = token.text.split('/')
  const bytes = kind === 'mac' ? macBytes(address) : kind === 'ipv4' ? ipv4Bytes(address) : ipv6Bytes(address)
  const length = ADDRESS_BYTES[kind]
  const example = {
    mac: 'a MAC address, as in 02:00:00:00:00:01',
    ipv4: 'an IPv4 address, as in 10.0.0.1 or 10.0.0.0/8',
  }
  if (bytes?.length !== length || token.text.split('/').length > 2)
    throw refuse(token, kind === 'ipv6' ? 'an IPv6 address, as in fe80::1 or fe80::/10' : example[kind])
  if (prefix === undefined) return whole(bytes)
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > length * 8)
    throw refuse(token, `an address with a prefix of 0 to ${length * 8} bits`)
  return { bytes, bits: Number(prefix) }
}

function hexBytes(text: string): Uint8Array | undefined {
  if (/^([0-9a-f]{2})([:.-][0-9a-f]{2})*$/i.test(text)) return fromHex(text)
  return /^0x([0-9a-f]{2})+$/i.test(text) ? fromHex(text.slice(2)) : undefined
}
const fromHex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (digits) => Number.parseInt(digits, 16))

function macBytes(text: string): Uint8Array | undefined {
  if (/^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i.test(text)) return fromHex(text)
  return hexBytes(text)
}

function ipv4Bytes(text: string): Uint8Array | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined
  const numbers = text.split('.').map(Number)
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined
}

/** RFC 4291 section 2.2, the last two groups also as an IPv4 address. */
function ipv6Bytes(text: string): Uint8Array | undefined {
  const embedded = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const tail = embedded ? ipv4Bytes(embedded[2]!) : undefined
  if (embedded && !tail) return undefined
  const groups = tail ? `${embedded![1]}${hexGroup(tail, 0)}:${hexGroup(tail, 2)}` : text
  const halves = groups.split('::')
  if (halves.length > 2) return undefined
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - rest.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  const all = [...head, ...Array.from({ length: missing }, () => '0'), ...rest]
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined
  return fromHex(all.map((group) => group.padStart(4, '0')).join(''))
}
const hexGroup = (bytes: Uint8Array, at: number): string => ((bytes[at]! << 8) | bytes[at + 1]!).toString(16)
