/** Values of keywords as people type and read them: in a table, or behind --keyword. */
import { KEYWORD_TYPES, readKeyword, TAKES, valuesOf, type KeywordType, type KeywordValue } from './configuration'

/** A value, or what the type takes instead of the text. */
export type KeywordTyping = { readonly value: KeywordValue } | { readonly takes: string }

const WHOLE = /^[+-]?(?:\d+|0x[0-9a-f]+)$/i

/** A value as the file has it: bytes stand there as text. */
export type EntryValue = number | string | readonly string[]

/** `value` as it is written into the file. */
export const entryValue = (value: KeywordValue): EntryValue =>
  typeof value === 'object' && 'binary' in value ? hexadecimal(value.binary) : value

const hexadecimal = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** A list in one line: `one; two`, and as JSON where that would not come back the same. */
function listText(texts: readonly string[]): string {
  const simple = texts.every((text) => text !== '' && !text.includes(';') && text.trim() === text)
  return simple && !texts[0]?.startsWith('[') ? texts.join('; ') : JSON.stringify(texts)
}

export function keywordText(value: KeywordValue | undefined): string {
  if (value === undefined) return ''
  const entry = entryValue(value)
  return typeof entry === 'object' ? listText(entry) : String(entry)
}

export const typeOf = (value: KeywordValue): KeywordType =>
  typeof value === 'number'
    ? 'dword'
    : typeof value === 'string'
      ? 'string'
      : 'binary' in value
        ? 'binary'
        : 'multi-string'

function listOf(text: string): unknown {
  const trimmed = text.trim()
  if (trimmed === '') return []
  if (!trimmed.startsWith('[')) return trimmed.split(';').map((each) => each.trim())
  try {
    return JSON.parse(trimmed)
  } catch {
    return text
  }
}

/** Takes decimal and 0x numbers, `one; two` or ["one", "two"] for lists, pairs of hexadecimal digits for bytes. */
export function typedKeyword(type: KeywordType, text: string): KeywordTyping {
  const number = text.trim()
  const sign = number.startsWith('-') ? -1 : 1
  const given =
    type === 'dword'
      ? WHOLE.test(number)
        ? sign * Number(number.replace(/^[+-]/, ''))
        : text
      : type === 'multi-string'
        ? listOf(text)
        : text
  const keyword = readKeyword('keyword', { type, value: given })
  if ('length' in keyword) return { takes: keyword[0]?.takes ?? TAKES[type] }
  return { value: valuesOf([keyword])['keyword']! }
}

/** What a text without a type says: a whole number of 32 bits is a dword, unless it has zeros in front as addresses do. */
export function guessType(text: string): KeywordType {
  const number = /^-?(?:0|[1-9]\d*|0x[0-9a-f]+)$/i.test(text)
  return number && 'value' in typedKeyword('dword', text) ? 'dword' : 'string'
}

export interface GivenKeyword {
  readonly name: string
  /** undefined: as the file says, else as the text looks. */
  readonly type?: KeywordType
  readonly text: string
}

/** NAME=VALUE or NAME:TYPE=VALUE; undefined for anything else. */
export function parseGiven(given: string): GivenKeyword | undefined {
  const match = new RegExp(`^\\s*([^=]*?)(?::(${KEYWORD_TYPES.join('|')}))?\\s*=(.*)$`, 's').exec(given)
  const [, name = '', type, text = ''] = match ?? []
  if (name === '') return undefined
  return { name, text, ...(type !== undefined && { type: type as KeywordType }) }
}
