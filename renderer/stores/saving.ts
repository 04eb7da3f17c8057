/** Saving a document, and what to do when the disk has moved on. */
import type { RpcRequests } from '../../src/shared/rpc'
import { host } from '../bridge/host'
import { hasFile, useDocuments } from './documents'

export type SaveOutcome =
  | { readonly status: 'saved'; readonly uri: string }
  | { readonly status: 'conflict'; readonly diskText: string; readonly etag: string }

export interface SaveOptions {
  /** Absolute path to write to; needed for documents without a file. */
  readonly path?: string
  /** Overwrite what the disk has. */
  readonly force?: boolean
}

export const needsPath = (uri: string): boolean => !hasFile(uri)

/** Text typed while the save was on its way stays, as unsaved text of the saved document. */
export async function saveDocument(uri: string, options: SaveOptions = {}): Promise<SaveOutcome> {
  const documents = useDocuments()
  const document = documents.open.get(uri)
  if (!document) throw new Error(`${uri} is not open`)
  const text = document.text
  const params: RpcRequests['document/save']['params'] = { uri, text, etag: document.etag, ...options }
  const result = await host().request('document/save', params)
  if (result.status === 'conflict') return result
  const now = documents.open.get(uri)?.text ?? text
  if (result.uri === uri) {
    documents.put(uri, { etag: result.etag, name: result.name, saved: text, dirty: now !== text, diskChanged: false })
  } else {
    documents.add({ uri: result.uri, name: result.name, text: now, dirty: false, etag: result.etag, readOnly: false })
    documents.put(result.uri, { saved: text, dirty: now !== text })
  }
  if (now === text) await documents.dropBackup(uri)
  return { status: 'saved', uri: result.uri }
}

/** The person chose the disk's version: ours is given up, undo brings it back. */
export async function takeDiskVersion(uri: string, diskText: string, etag: string): Promise<void> {
  const documents = useDocuments()
  documents.put(uri, { text: diskText, saved: diskText, dirty: false, etag, diskChanged: false })
  await documents.dropBackup(uri)
}
