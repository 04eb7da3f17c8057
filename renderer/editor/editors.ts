/** The editors that are on screen, by document; what is asked of one that is not there yet waits for it. */
import type { CodeEditor } from './monaco'

export interface Spot {
  /** 1-based. */
  readonly line: number
  readonly column?: number
}

interface Wish {
  readonly spot: Spot | undefined
  readonly focus: boolean
}

const editors = new Map<string, CodeEditor>()
const wishes = new Map<string, Wish>()

function fulfil(editor: CodeEditor, { spot, focus }: Wish): void {
  if (spot) {
    editor.setPosition({ lineNumber: spot.line, column: spot.column ?? 1 })
    editor.revealLineInCenterIfOutsideViewport(spot.line)
  }
  if (focus) editor.focus()
}

/** An editor came up. Returns what takes it out again. */
export function registerEditor(uri: string, editor: CodeEditor): () => void {
  editors.set(uri, editor)
  const wish = wishes.get(uri)
  wishes.delete(uri)
  if (wish) fulfil(editor, wish)
  return () => {
    if (editors.get(uri) === editor) editors.delete(uri)
  }
}

export const editorOf = (uri: string): CodeEditor | undefined => editors.get(uri)

/** Shows a spot of a document whose tab is, or is about to be, in front. */
export function visit(uri: string, spot: Spot | undefined, focus: boolean): void {
  const editor = editors.get(uri)
  if (editor) fulfil(editor, { spot, focus })
  else wishes.set(uri, { spot, focus })
}
