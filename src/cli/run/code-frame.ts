import type { Style } from './style'
import { printable } from './style'

const CONTEXT_LINES = 2

/**
 * The lines around a place in a source text, with a mark under the column.
 *
 * @param line 1-based, as is `column`.
 * @returns '' when the text has no such line.
 */
export function codeFrame(text: string | undefined, line: number, column: number, style: Style): string {
  const lines = text?.split(/\r?\n/) ?? []
  if (line < 1 || line > lines.length) return ''
  const first = Math.max(1, line - CONTEXT_LINES)
  const last = Math.min(lines.length, line + CONTEXT_LINES)
  const width = String(last).length
  const rows: string[] = []
  for (let at = first; at <= last; at += 1) {
    const source = printable((lines[at - 1] ?? '').replaceAll('\t', '  '))
    const row = `${at === line ? '>' : ' '} ${String(at).padStart(width)} | ${source}`
    rows.push(at === line ? style.bold(row) : style.dim(row))
    if (at === line && column > 0)
      rows.push(`  ${' '.repeat(width)} | ${style.red(`${indent(lines[at - 1], column)}^`)}`)
  }
  return rows.map((row) => row.trimEnd()).join('\n')
}

/** As wide as the text before the column is printed above. */
function indent(source: string | undefined, column: number): string {
  const before = (source ?? '').slice(0, column - 1)
  return ' '.repeat(printable(before.replaceAll('\t', '  ')).length)
}
