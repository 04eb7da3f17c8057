/**
 * Comments with which an author accepts that a rule is broken in one place, as with a lint rule:
 * `// ndis-accept SpinLockBalanced: the hardware wants it`, behind the code of the line or alone above it.
 */
import type { Comment } from 'acorn'

/** One rule of such a comment. Lines and columns count from 1. */
export interface AcceptComment {
  /** Name or pattern; '' when the comment gives none. */
  readonly rule: string
  /** '' when it gives none. */
  readonly reason: string
  /** Where the comment stands. */
  readonly line: number
  readonly column: number
  /** The line that it is about. */
  readonly about: number
}

const WORD = 'ndis-accept'
const NAME = String.raw`[\w*]+(?::[\w*]+)*`
/** A colon may be a part of a name, DV:DoubleFree: the one in front of the reason has a blank behind it. */
const FORM = new RegExp(String.raw`^\s*${WORD}\b\s*(${NAME}(?:\s*,\s*${NAME})*)?\s*(?::(?:\s+(.*))?)?$`, 's')

/** Nothing but blanks, or nothing but a line comment. */
const HAS_NO_CODE = /^\s*(\/\/.*)?$/

/** @param code text of the module in which the comments stand, with the lines of the author's text. */
export function readAcceptComments(comments: readonly Comment[], code: string): AcceptComment[] {
  const lines = code.split('\n')
  const nextCode = (from: number): number => {
    const index = lines.findIndex((text, at) => at >= from && !HAS_NO_CODE.test(text))
    return index < 0 ? from + 1 : index + 1
  }
  return comments.flatMap(({ value, loc }) => {
    if (!loc || !value.trimStart().startsWith(WORD)) return []
    const { line, column } = loc.start
    const isAlone =
      lines[line - 1]!.slice(0, column).trim() === '' && lines[loc.end.line - 1]!.slice(loc.end.column).trim() === ''
    const [, names = '', reason = ''] = FORM.exec(value.replace(/^\*/, '')) ?? []
    const about = isAlone ? nextCode(loc.end.line) : line
    return names
      .split(',')
      .map((name) => ({ rule: name.trim(), reason: reason.trim(), line, column: column + 1, about }))
  })
}
