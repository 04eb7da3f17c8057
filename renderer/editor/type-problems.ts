/** What the language service finds goes to the Problems panel. */
import { baseName } from '../model/format'
import type { TypeProblem } from '../model/problems'
import { useDocuments } from '../stores/documents'
import { useProblems } from '../stores/problems'
import { documentOfModel } from './models'
import { monaco } from './monaco'

export function followMarkers(): () => void {
  const read = (): void => {
    const documents = useDocuments()
    useProblems().types = monaco.editor.getModelMarkers({}).flatMap((marker): TypeProblem[] => {
      const uri = documentOfModel(marker.resource)
      if (uri === undefined || marker.severity < monaco.MarkerSeverity.Warning) return []
      const severity = marker.severity === monaco.MarkerSeverity.Error ? 'error' : 'warning'
      const name = documents.open.get(uri)?.name ?? baseName(uri)
      return [
        { uri, name, line: marker.startLineNumber, column: marker.startColumn, message: marker.message, severity },
      ]
    })
  }
  const listener = monaco.editor.onDidChangeMarkers(read)
  return () => listener.dispose()
}
