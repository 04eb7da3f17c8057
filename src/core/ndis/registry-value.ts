import type { RegistryValue } from './registry'
import { constant } from './constants'

export interface ValueBytes {
  /** REG_* */
  readonly type: number
  readonly data: Uint8Array
}

const utf16 = (text: string): Uint8Array =>
  Uint8Array.from({ length: 2 * text.length }, (_unused, i) => (text.charCodeAt(i >> 1) >> (8 * (i & 1))) & 0xff)

/** A value as its bytes lie in the registry: text with its terminators, numbers with the low byte first. */
export function valueBytes(value: RegistryValue): ValueBytes {
  const type = constant(value.type)
  switch (value.type) {
    case 'REG_DWORD':
      return { type, data: Uint8Array.from([0, 8, 16, 24], (shift) => (value.data >>> shift) & 0xff) }
    case 'REG_SZ':
      return { type, data: utf16(`${value.data}\0`) }
    case 'REG_MULTI_SZ':
      return { type, data: utf16(`${value.data.map((text) => `${text}\0`).join('')}\0`) }
    case 'REG_BINARY':
      return { type, data: value.data }
  }
}
