import { transformSync } from '@swc/wasm-typescript'
import { LoadError } from './errors'

interface SwcError {
  readonly message?: string
  readonly startLine?: number
  readonly startColumn?: number
}

/** Replaces types by blanks: the result has the author's lines and columns. Throws LoadError for what is not TypeScript. */
export function stripTypes(source: string, file: string): string {
  try {
    return transformSync(source, { mode: 'strip-only', filename: file }).code
  } catch (thrown) {
    const error = thrown as SwcError
    const message = (error.message ?? String(thrown)).split('\n')[0]!
    const unsupported = /not supported in (type )?strip/.test(message)
    const column = error.startColumn === undefined ? undefined : error.startColumn + 1
    throw new LoadError(unsupported ? 'unsupported-syntax' : 'syntax', message, file, error.startLine, column)
  }
}
