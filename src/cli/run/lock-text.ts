import type { LockReport, RunReport, SourceLocation } from '../../shared/report'
import { printable } from './style'

interface Names {
  /** How a file of the driver is named from where the person stands. */
  readonly name: (file: string) => string
  readonly time: (ns: number) => string
}
type Row = readonly [name: string, acquired: string, refused: string, held: string, longestWait: string]

const HEAD: Row = ['lock', 'acquired', 'found held', 'longest hold', 'longest wait']
const NUMBERS = new Set([1, 2])
const NONE = '-'

function row(lock: LockReport, { name, time }: Names): Row {
  const { kind, file, line, locks, acquisitions, contentions, longestHoldNs, longestWaitNs } = lock
  const since = (ns: number, at: SourceLocation | undefined): string =>
    at ? `${time(ns)} from ${name(at.file)}:${at.line}` : NONE
  const number = locks > 1 ? `${locks} x ` : ''
  return [
    printable(number + (file ? `${kind} ${name(file)}:${line}` : lock.name)),
    String(acquisitions),
    String(contentions),
    printable(since(longestHoldNs, lock.longestHoldAt)),
    printable(since(longestWaitNs, lock.longestWaitAt)),
  ]
}

/** The table that --locks asks for, a line a class of locks. */
export function lockLines({ locks }: RunReport, names: Names): string[] {
  if (locks.length === 0) return ['no lock was acquired, or the rules about locks are off']
  const rows = [HEAD, ...locks.map((lock) => row(lock, names))]
  const widths = HEAD.map((_head, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => (NUMBERS.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}
