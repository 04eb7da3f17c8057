import type { Insertion } from './engine'

/** Column of the author's text (0-based) for a column of the loaded text; lines count from 1. */
export function authorColumn(insertions: readonly Insertion[], line: number, column: number): number {
  let shift = 0
  for (const insertion of insertions) {
    if (insertion.line !== line) continue
    const start = insertion.column + shift
    if (column < start) break
    if (column < start + insertion.length) return insertion.column
    shift += insertion.length
  }
  return column - shift
}

/** Column of the loaded text behind everything that was inserted at or before a column of the author's text. */
export function loadedColumn(insertions: readonly Insertion[], line: number, column: number): number {
  let shift = 0
  for (const insertion of insertions)
    if (insertion.line === line && insertion.column <= column) shift += insertion.length
  return column + shift
}

/** Is this place of the loaded text inside of an insertion? */
export const isInserted = (insertions: readonly Insertion[], line: number, column: number): boolean =>
  insertions.some((insertion) => insertion.line === line) &&
  loadedColumn(insertions, line, authorColumn(insertions, line, column)) > column
