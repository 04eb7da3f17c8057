/** Accepting a broken rule at one place: a comment in front of the line, as with a lint rule. */
import { documentOf } from '../debug/sources'
import { useSession } from '../debug/session'
import { useDocuments } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { visit } from './editors'
import { modelOf } from './models'
import { goTo } from './navigation'

/**
 * Puts the comment in front of the line and the cursor behind it, where the reason is to be written. One step of undo.
 *
 * @throws RpcError when there is no such file.
 */
export async function acceptAt(rule: string, site: { readonly file: string; readonly line: number }): Promise<void> {
  const { line } = site
  await goTo({ file: site.file, line })
  const documents = useDocuments()
  const uri = documentOf(site.file, documents.open.keys(), useSession().program)
  const model = uri === undefined ? undefined : modelOf(uri)
  if (uri === undefined || !model) return
  if (documents.open.get(uri)?.readOnly) {
    useNotices().trouble('This text cannot be edited: save a copy of it first.')
    return
  }
  const indent = /^\s*/.exec(model.getLineContent(line))![0]
  const comment = `${indent}// ndis-accept ${rule}: `
  const range = { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 1 }
  model.pushStackElement()
  model.pushEditOperations([], [{ range, text: `${comment}${model.getEOL()}` }], () => null)
  model.pushStackElement()
  visit(uri, { line, column: comment.length + 1 }, true)
}
