/** Going to a line: whoever has a place in the source shows it through here. */
import { documentOf } from '../debug/sources'
import { useSession } from '../debug/session'
import { useDock } from '../dock/dock'
import { useDocuments } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { openPath } from '../stores/opening'
import type { CodeEditor } from './monaco'

export interface Place {
  /** Document URI, absolute path, or path relative to the driver's folder. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  readonly column?: number
}

const editors = new Map<string, CodeEditor>()
const pending = new Map<string, Place>()

function reveal(editor: CodeEditor, { line, column = 1 }: Place, focus: boolean): void {
  editor.setPosition({ lineNumber: line, column })
  editor.revealLineInCenterIfOutsideViewport(line)
  if (focus) editor.focus()
}

/** An editor came up: what waits for it is shown. Returns what takes it out again. */
export function registerEditor(uri: string, editor: CodeEditor): () => void {
  editors.set(uri, editor)
  const place = pending.get(uri)
  pending.delete(uri)
  if (place) reveal(editor, place, true)
  return () => {
    if (editors.get(uri) === editor) editors.delete(uri)
  }
}

export const editorOf = (uri: string): CodeEditor | undefined => editors.get(uri)

/** Opens the document when it is not open yet. `focus: false` leaves the keyboard where it is (stops while stepping). */
export async function goTo(place: Place, focus = true): Promise<void> {
  const documents = useDocuments()
  const uri = documentOf(place.file, documents.open.keys(), useSession().program) ?? (await openPath(place.file))
  const document = documents.open.get(uri)
  if (!document) return void useNotices().trouble(`${place.file} is not open and could not be found.`)
  const editor = editors.get(uri)
  if (!editor) pending.set(uri, place)
  useDock().openDocument(uri, document.name)
  if (editor) reveal(editor, place, focus)
}
