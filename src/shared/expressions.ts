/** What the loader and the debugger must agree on about the texts of breakpoints. */
import { parseExpressionAt } from 'acorn'

/** Is this text one JavaScript expression? */
export function isExpression(text: string): boolean {
  try {
    const node = parseExpressionAt(text, 0, { ecmaVersion: 'latest' })
    return text.slice(node.end).trim() === ''
  } catch {
    return false
  }
}

export interface LogPart {
  readonly text: string
  /** `text` stood in braces: an expression. */
  readonly expression: boolean
}

/** The parts of a log message: 'a {b} c'. */
export const logParts = (message: string): LogPart[] =>
  message.split(/\{([^{}]*)\}/).map((text, index) => ({ text, expression: index % 2 === 1 }))
