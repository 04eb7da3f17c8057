/** While stopped, hovering over a name shows its value, above what TypeScript says about it. */
import { useSession } from '../debug/session'
import { LANGUAGE, monaco } from './monaco'

/** The dotted path that ends at the hovered word: `Pool.value` for `value`. */
export function expressionAt(line: string, startColumn: number, endColumn: number): string {
  const before = /[\w$]+(?:\??\.[\w$]+)*\??\.$/.exec(line.slice(0, startColumn - 1))?.[0] ?? ''
  return before + line.slice(startColumn - 1, endColumn - 1)
}

export function registerHoverValues(): () => void {
  const provider = monaco.languages.registerHoverProvider(LANGUAGE, {
    async provideHover(model, position) {
      const session = useSession()
      const word = model.getWordAtPosition(position)
      if (!word || session.phase !== 'stopped' || !session.frame) return null
      const expression = expressionAt(model.getLineContent(position.lineNumber), word.startColumn, word.endColumn)
      const value = await session
        .request('evaluate', { expression, frameId: session.frame.id, context: 'hover' })
        .catch(() => undefined)
      // What a function is, TypeScript tells better.
      if (!value || value.type === 'function') return null
      return {
        range: new monaco.Range(position.lineNumber, word.startColumn, position.lineNumber, word.endColumn),
        contents: [{ value: ['```', `${expression} = ${value.result}`, '```'].join('\n') }],
      }
    },
  })
  return () => provider.dispose()
}
