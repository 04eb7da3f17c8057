/** One Monaco model a document; the documents store and the models never disagree about a text. */
import { watch } from 'vue'
import { useDocuments, type OpenDocument } from '../stores/documents'
import { releaseImported } from './imported-models'
import { modelUri } from './model-uri'
import { languageOf, monaco, type TextModel } from './monaco'

const models = new Map<string, TextModel>()
const documentsByModel = new Map<string, string>()

export const modelOf = (uri: string): TextModel | undefined => models.get(uri)
/** The document that a model (a marker, a definition) belongs to. */
export const documentOfModel = (uri: monaco.Uri): string | undefined => documentsByModel.get(uri.toString())

function createModel(document: OpenDocument): void {
  const documents = useDocuments()
  releaseImported(document.uri)
  const uri = modelUri(document.uri)
  // The language service may have made one, to peek into a declaration.
  const language = languageOf(document.uri)
  const model = monaco.editor.getModel(uri) ?? monaco.editor.createModel(document.text, language, uri)
  if (model.getLanguageId() !== language) monaco.editor.setModelLanguage(model, language)
  models.set(document.uri, model)
  documentsByModel.set(model.uri.toString(), document.uri)
  model.onDidChangeContent(() => documents.edited(document.uri, model.getValue()))
}

/** A text that did not come from typing (the disk's version): one undo step back to what was there. */
function adopt(model: TextModel, text: string): void {
  if (model.getValue() === text) return
  model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null)
}

function disposeModel(uri: string): void {
  const model = models.get(uri)
  models.delete(uri)
  if (!model) return
  documentsByModel.delete(model.uri.toString())
  model.dispose()
}

/** Keeps models in step with the open documents. Returns what ends it. */
export function followDocuments(): () => void {
  const documents = useDocuments()
  return watch(
    () => [...documents.open.values()],
    (open) => {
      const uris = new Set(open.map((document) => document.uri))
      for (const uri of [...models.keys()]) if (!uris.has(uri)) disposeModel(uri)
      for (const document of open) {
        const model = models.get(document.uri)
        if (model) adopt(model, document.text)
        else createModel(document)
      }
    },
    { immediate: true, flush: 'sync' },
  )
}
