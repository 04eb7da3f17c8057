/** How frames are written: times, rows as text, bytes as hex. */
import type { PacketRow } from '../../src/shared/packets'

export type TimeColumn = 'absolute' | 'delta'

const NS = 9

/** Seconds with all digits of the nanoseconds: '0.001234500'. */
export const seconds = (ns: number): string => (ns / 1e9).toFixed(NS)

export const timeText = (row: PacketRow, column: TimeColumn): string =>
  column === 'absolute' ? seconds(row.timeNs) : row.deltaNs === undefined ? '' : seconds(row.deltaNs)

/** One line for the clipboard. */
export const rowText = (row: PacketRow): string =>
  [row.index + 1, seconds(row.timeNs), row.source, row.destination, row.protocol, row.length, row.info].join('\t')

/** Two digits a byte, one space between them. */
export const hexText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')

/** Puts a condition behind a filter that is there. */
export function combined(filter: string, condition: string, how: 'replace' | 'and' | 'not'): string {
  const before = filter.trim()
  if (how === 'replace' || before === '') return how === 'not' ? `!(${condition})` : condition
  const bracketed = /\b(or|xor)\b|\|\|/.test(before) ? `(${before})` : before
  return how === 'and' ? `${bracketed} and ${condition}` : `${bracketed} and !(${condition})`
}
