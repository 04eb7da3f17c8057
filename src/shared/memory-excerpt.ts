/** The bytes around what a violation touched, as they were then; and how they are shown. */
import type { MemoryExcerpt } from '../core/verifier/story'
import type { ByteKind } from './views'

export type { MemoryExcerpt, MemoryTouch } from '../core/verifier/story'

/** Bytes in a row. */
export const EXCERPT_ROW = 16

/** What the letters of MemoryExcerpt.kinds stand for. */
export const BYTE_KIND_NAMES: Readonly<Record<ByteKind, string>> = {
  '.': 'live',
  f: 'allocated, never written',
  x: 'freed',
  g: 'guard',
  h: 'record of NDIS',
  n: 'NULL page',
  u: 'not mapped',
}

export interface ExcerptRow {
  readonly address: number
  /** 16 each. */
  readonly bytes: readonly string[]
  readonly kinds: readonly ByteKind[]
  readonly touched: readonly boolean[]
}

/** The rows of an excerpt, for any front end. */
export function excerptRows({ start, hex, kinds, touched }: MemoryExcerpt): readonly ExcerptRow[] {
  const byte = (at: number): string => hex.slice(2 * at, 2 * at + 2)
  const rows = Math.floor(kinds.length / EXCERPT_ROW)
  return Array.from({ length: rows }, (_row, row) => {
    const offsets = Array.from({ length: EXCERPT_ROW }, (_byte, i) => row * EXCERPT_ROW + i)
    return {
      address: start + row * EXCERPT_ROW,
      bytes: offsets.map(byte),
      kinds: offsets.map((at) => kinds[at] as ByteKind),
      touched: offsets.map((at) => start + at >= touched.address && start + at < touched.address + touched.size),
    }
  })
}

const addressText = (address: number): string => address.toString(16).padStart(8, '0')

/**
 * The excerpt as lines of text: each row has its address, its bytes, [those] that were touched in brackets, and what kind of
 * byte each is; the last line says what the letters mean that occur.
 */
export function excerptLines(excerpt: MemoryExcerpt): string[] {
  const rows = excerptRows(excerpt).map(({ address, bytes, kinds, touched }) => {
    const mark = touched.includes(true) ? '>' : ' '
    const cells = bytes.map((byte, i) => {
      const opens = touched[i] && !touched[i - 1] ? '[' : touched[i - 1] && !touched[i] ? ']' : ' '
      return opens + byte
    })
    const end = touched.at(-1) ? ']' : ' '
    return `${mark} ${addressText(address)} ${cells.join('')}${end} ${kinds.join('')}`
  })
  const used = (Object.keys(BYTE_KIND_NAMES) as ByteKind[]).filter((kind) => excerpt.kinds.includes(kind))
  return [...rows, `  ${used.map((kind) => `${kind} ${BYTE_KIND_NAMES[kind]}`).join(', ')}`]
}
