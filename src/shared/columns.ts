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

/** Does this place of the loaded text belong to statements that the loader put in? */
export function inOwnStatements(insertions: readonly Insertion[], line: number, column: number): boolean {
  let shift = 0
  for (const insertion of insertions) {
    if (insertion.line !== line) continue
    const start = insertion.column + shift
    if (column < start) return false
    if (column < start + insertion.length) return insertion.statements === true
    shift += insertion.length
  }
  return false
}
