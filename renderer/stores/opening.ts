/** Ways a document gets opened: by path, as an example, new, restored. */
import type { DocumentInfo } from '../../src/shared/rpc'
import { host } from '../bridge/host'
import { useDock } from '../dock/dock'
import { useDocuments } from './documents'
import { isString, listOf, recall, remember } from './ui-state'

const RECENT = 'recent'
const RECENT_LENGTH = 12
const isStrings = listOf(isString)

export const recentFiles = (): readonly string[] => {
  const stored = recall(RECENT)
  return isStrings(stored) ? stored : []
}

function show(info: DocumentInfo): string {
  const document = useDocuments().add(info)
  useDock().openDocument(document.uri, document.name)
  remember(RECENT, [info.uri, ...recentFiles().filter((uri) => uri !== info.uri)].slice(0, RECENT_LENGTH))
  return document.uri
}

/** @param path absolute path, or the URI of an example. Already open documents come to the front with their edits. */
export async function openPath(path: string): Promise<string> {
  const known = useDocuments().open.get(path)
  if (known) {
    useDock().openDocument(known.uri, known.name)
    return known.uri
  }
  const example = /^example:(.*)$/.exec(path)?.[1]
  return show(
    example === undefined
      ? await host().request('document/open', { path })
      : await host().request('examples/open', { id: example }),
  )
}

export const openExample = (id: string): Promise<string> => openPath(`example:${id}`)
export const newDocument = async (): Promise<string> => show(await host().request('document/new', {}))

/** At start: what was being edited, as it was; then what else was open; on the very first start the first example. */
export async function restoreDocuments(firstExample: string | undefined): Promise<void> {
  const documents = useDocuments()
  const { documents: restored } = await host().request('document/restore', {})
  for (const info of restored) documents.add(info)
  const before = recall('open')
  const uris = isStrings(before) ? before : []
  for (const uri of uris) {
    if (documents.open.has(uri)) continue
    const example = /^example:(.*)$/.exec(uri)?.[1]
    const opened =
      example === undefined
        ? host().request('document/open', { path: uri })
        : host().request('examples/open', { id: example })
    // A file that was moved or deleted since is not worth a message at every start.
    await opened.then(documents.add, () => undefined)
  }
  if (!isStrings(before) && documents.open.size === 0 && firstExample !== undefined) {
    documents.add(await host().request('examples/open', { id: firstExample }))
  }
}
