/** Files that open documents import get models too, so that the language service knows their types. */
import { watch } from 'vue'
import { host } from '../bridge/host'
import { importCandidates } from '../model/imports'
import { hasFile, isExample, useDocuments } from '../stores/documents'
import { LANGUAGE, monaco, recheckTypes, type TextModel } from './monaco'
import { modelUri } from './model-uri'

const DELAY_MS = 400
const EXAMPLE = 'example:'

/** Models that belong to no open document, by path. null: looked for, not there. */
const imported = new Map<string, TextModel | null>()

async function load(path: string): Promise<TextModel | null> {
  try {
    const { text } = isExample(path)
      ? await host().request('examples/open', { id: path.slice(EXAMPLE.length) })
      : await host().request('document/open', { path })
    // A person may have opened it meanwhile.
    if (monaco.editor.getModel(modelUri(path))) return null
    return monaco.editor.createModel(text, LANGUAGE, modelUri(path))
  } catch {
    return null
  }
}

/** Examples lie in one folder, which has no path here. */
const candidatesOf = (path: string, text: string): string[][] =>
  isExample(path)
    ? importCandidates(path.replace(EXAMPLE, '/'), text).map((list) => list.map((file) => EXAMPLE + file.slice(1)))
    : importCandidates(path, text)

async function follow(path: string, text: string): Promise<boolean> {
  let found = false
  for (const candidates of candidatesOf(path, text)) {
    for (const candidate of candidates) {
      if (monaco.editor.getModel(modelUri(candidate))) break
      if (imported.has(candidate)) continue
      imported.set(candidate, null)
      const model = await load(candidate)
      imported.set(candidate, model)
      if (!model) continue
      found = true
      await follow(candidate, model.getValue())
      break
    }
  }
  return found
}

/** The document takes over: its model is made from the same text, or from the backup of it. */
export function releaseImported(path: string): void {
  imported.get(path)?.dispose()
  imported.delete(path)
}

/** A file changed on disk. */
export async function refreshImported(path: string): Promise<void> {
  const model = imported.get(path)
  if (!model) return
  const { text } = await host().request('document/open', { path })
  if (model.getValue() !== text) model.setValue(text)
  recheckTypes()
}

export function followImports(): () => void {
  const documents = useDocuments()
  let timer: ReturnType<typeof setTimeout> | undefined
  const scan = async (): Promise<void> => {
    // What was not there may be by now.
    for (const [path, model] of imported) if (!model) imported.delete(path)
    const found = await Promise.all(
      [...documents.open.values()]
        .filter(({ uri }) => hasFile(uri) || isExample(uri))
        .map(({ uri, text }) => follow(uri, text)),
    )
    if (found.some(Boolean)) recheckTypes()
  }
  return watch(
    () => [...documents.open.values()].map((document) => document.text),
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void scan(), DELAY_MS)
    },
    { immediate: true },
  )
}
