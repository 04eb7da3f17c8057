/** Ways a document gets opened: by path, as an example, new, restored. */
import type { DocumentInfo } from '../../src/shared/rpc'
import { host } from '../bridge/host'
import { useDock } from '../dock/dock'
import { visit } from '../editor/editors'
import { isCapturePath, useCaptures } from './captures'
import { INTERFACE_URI, useDocuments } from './documents'
import { isString, listOf, recall, remember } from './ui-state'

const RECENT = 'recent'
const RECENT_LENGTH = 12
const isStrings = listOf(isString)

export const recentFiles = (): readonly string[] => {
  const stored = recall(RECENT)
  return isStrings(stored) ? stored : []
}

export interface OpenOptions {
  /** false: the keyboard stays where it is. */
  readonly focus?: boolean
}

function show(uri: string, { focus = true }: OpenOptions = {}): string {
  const document = useDocuments().open.get(uri)
  useDock().openDocument(uri, document?.name ?? uri)
  if (focus) visit(uri, undefined, true)
  remember(RECENT, [uri, ...recentFiles().filter((other) => other !== uri)].slice(0, RECENT_LENGTH))
  return uri
}

async function load(uri: string): Promise<DocumentInfo> {
  const example = /^example:(.*)$/.exec(uri)?.[1]
  return example === undefined
    ? host().request('document/open', { path: uri })
    : host().request('examples/open', { id: example })
}

/** @param path absolute path, or the URI of an example. Already open documents come to the front with their edits; captures are shown in the packets panel. */
export async function openPath(path: string, options?: OpenOptions): Promise<string> {
  const documents = useDocuments()
  if (isCapturePath(path)) {
    await useCaptures().open(path)
    return path
  }
  const { uri } = documents.open.get(path) ?? documents.add(await load(path))
  return show(uri, options)
}

export const openExample = (id: string): Promise<string> => openPath(`example:${id}`)
export const newDocument = async (): Promise<string> =>
  show(useDocuments().add(await host().request('document/new', {})).uri)

/** The declarations of 'ndis', to read: where F12 on a function of the interface leads. */
export function openInterface(dts: string): string {
  const info = { uri: INTERFACE_URI, name: 'ndis.d.ts', text: dts, dirty: false, etag: '', readOnly: true }
  return show(useDocuments().add(info).uri)
}

/** At start: what was being edited, as it was; then what else was open; on the very first start the first example. */
export async function restoreDocuments(firstExample: string | undefined): Promise<void> {
  const documents = useDocuments()
  const { documents: restored } = await host().request('document/restore', {})
  for (const info of restored) documents.add(info)
  const before = recall('open')
  const uris = isStrings(before) ? before : []
  for (const uri of uris) {
    if (documents.open.has(uri)) continue
    // A file that was moved or deleted since is not worth a message at every start.
    await load(uri).then(documents.add, () => undefined)
  }
  if (!isStrings(before) && documents.open.size === 0 && firstExample !== undefined) {
    documents.add(await host().request('examples/open', { id: firstExample }))
  }
}
