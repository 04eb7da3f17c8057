/** F12 and Ctrl+click into another file open it as a document. */
import { useAppData } from '../stores/app-data'
import { INTERFACE_URI } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { openInterface } from '../stores/opening'
import { visit } from './editors'
import { documentOfModel } from './models'
import { modelUri } from './model-uri'
import { monaco } from './monaco'
import { goTo } from './navigation'

const spotOf = (target: monaco.IRange | monaco.IPosition | undefined): { line: number; column: number } => {
  if (!target) return { line: 1, column: 1 }
  return 'lineNumber' in target
    ? { line: target.lineNumber, column: target.column }
    : { line: target.startLineNumber, column: target.startColumn }
}

export function registerOpener(): () => void {
  const opener = monaco.editor.registerEditorOpener({
    openCodeEditor(_source, resource, target) {
      const spot = spotOf(target)
      if (resource.toString() === modelUri(INTERFACE_URI).toString()) {
        visit(openInterface(useAppData().dts), spot, true)
        return true
      }
      goTo({ file: documentOfModel(resource) ?? resource.fsPath, ...spot }).catch(useNotices().failed)
      return true
    },
  })
  return () => opener.dispose()
}
