/** Where the cursor was in each document, over restarts. */
import { isNumber, isRecord, recall, remember } from '../stores/ui-state'
import type { CodeEditor } from './monaco'

const KEY = 'cursors'
const MOST = 50

const cursors = (): Record<string, unknown> => {
  const stored = recall(KEY)
  return isRecord(stored) ? stored : {}
}

export function restoreCursor(uri: string, editor: CodeEditor): void {
  const cursor = cursors()[uri]
  if (!isRecord(cursor) || !isNumber(cursor['line']) || !isNumber(cursor['column'])) return
  editor.setPosition({ lineNumber: cursor['line'], column: cursor['column'] })
  editor.revealLineInCenterIfOutsideViewport(cursor['line'])
}

export function rememberCursor(uri: string, editor: CodeEditor): () => void {
  const listener = editor.onDidChangeCursorPosition(({ position }) => {
    const { [uri]: _old, ...others } = cursors()
    const kept = Object.entries(others).slice(-MOST)
    remember(KEY, { ...Object.fromEntries(kept), [uri]: { line: position.lineNumber, column: position.column } })
  })
  return () => listener.dispose()
}
