/** Values beside the lines that mention them, from the start of the function down to the stopped line. */

export interface NamedValue {
  readonly name: string
  readonly value: string
}

export interface InlineValue {
  /** 1-based. */
  readonly line: number
  readonly text: string
}

const LONGEST_VALUE = 48
const LINES_ABOVE = 40
const IDENTIFIER = /(?<![.\w$])[A-Za-z_$][\w$]*/g
const STRINGS_AND_COMMENTS = /(['"`])(?:\\.|(?!\1).)*\1|\/\/.*$/g

/** A cell of an out parameter is read as what it holds. */
const plain = (value: string): string => /^\{ value: (.*) \}$/.exec(value)?.[1] ?? value
/** Not assigned yet, or a function: nothing that a person steps for. */
const isShown = ({ value }: NamedValue): boolean => value !== 'undefined' && !value.startsWith('ƒ')
const shorten = (value: string): string =>
  value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE - 1)}…` : value

/**
 * @param lines text of the document, one entry a line
 * @param stopped 1-based line of the frame; the values as of before that line ran
 */
export function inlineValues(
  lines: readonly string[],
  stopped: number,
  variables: readonly NamedValue[],
): InlineValue[] {
  const known = new Map(variables.filter(isShown).map((variable) => [variable.name, plain(variable.value)]))
  const result: InlineValue[] = []
  for (let line = stopped; line >= Math.max(1, stopped - LINES_ABOVE); line -= 1) {
    const code = (lines[line - 1] ?? '').replace(STRINGS_AND_COMMENTS, '')
    const names = [...new Set(code.match(IDENTIFIER) ?? [])].filter((name) => known.has(name))
    if (names.length)
      result.unshift({ line, text: names.map((name) => `${name} = ${shorten(known.get(name) ?? '')}`).join(', ') })
    // The function's own first line: what is above belongs to other scopes.
    if (line < stopped && /^(export\s+)?(async\s+)?function\b/.test(code)) break
  }
  return result
}
