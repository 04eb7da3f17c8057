/** What is wrong in an open configuration file is marked there, and so comes to the Problems panel. */
import { watch } from 'vue'
import { readConfiguration } from '../../src/shared/configuration-text'
import { isConfiguration } from '../model/configuration-uri'
import { useDocuments } from '../stores/documents'
import { modelOf } from './models'
import { monaco, type TextModel } from './monaco'

const OWNER = 'configuration'

function check(model: TextModel): void {
  const markers = readConfiguration(model.getValue()).problems.map(({ message, offset, length }) => {
    const start = model.getPositionAt(offset)
    const end = model.getPositionAt(offset + Math.max(1, length))
    return {
      message,
      severity: monaco.MarkerSeverity.Error,
      startLineNumber: start.lineNumber,
      startColumn: start.column,
      endLineNumber: end.lineNumber,
      endColumn: end.column,
    }
  })
  monaco.editor.setModelMarkers(model, OWNER, markers)
}

/** Returns what ends it. */
export function followConfigurations(): () => void {
  const documents = useDocuments()
  return watch(
    () => [...documents.open.values()].filter(({ uri }) => isConfiguration(uri)),
    (open) => {
      for (const { uri } of open) {
        const model = modelOf(uri)
        if (model) check(model)
      }
    },
    { immediate: true },
  )
}
