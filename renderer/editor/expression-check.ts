/** A bad condition says so while it is typed, not when the run comes by. Only the grammar is checked: scope is the run's. */
import { getTypeScriptWorker } from 'monaco-editor/languages/features/typescript/register'
import { LANGUAGE, monaco } from './monaco'

const textOf = (message: string | { readonly messageText: string }): string =>
  typeof message === 'string' ? message : message.messageText

/** The {expressions} of a logpoint's text. */
export const logExpressions = (message: string): string[] =>
  [...message.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? '')

/** First syntax error of an expression, undefined when it has none. */
export async function syntaxError(expression: string): Promise<string | undefined> {
  if (!expression.trim()) return undefined
  // Parentheses keep a statement from passing as an expression.
  const model = monaco.editor.createModel(`void (${expression}\n)`, LANGUAGE)
  try {
    const worker = await (await getTypeScriptWorker())(model.uri)
    const [first] = await worker.getSyntacticDiagnostics(model.uri.toString())
    return first && textOf(first.messageText)
  } finally {
    model.dispose()
  }
}

export const validHitCondition = (text: string): boolean => /^\s*(?:(?:==|>=|<=|>|<|%)\s*)?\d+\s*$/.test(text)
