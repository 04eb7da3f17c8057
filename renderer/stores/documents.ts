/** Open documents: their text as last edited, whether it is saved, and their way to disk and to the backup. */
import { defineStore } from 'pinia'
import { ref, shallowReactive } from 'vue'
import type { DocumentInfo } from '../../src/shared/rpc'
import { host } from '../bridge/host'
import { createBackupQueue } from '../model/backup-queue'

export interface OpenDocument {
  uri: string
  name: string
  etag: string
  readOnly: boolean
  dirty: boolean
  /** Text on disk as far as known; what `dirty` compares with. undefined: never saved, so any text is unsaved. */
  saved: string | undefined
  text: string
  /** The disk changed while this document has edits of its own. */
  diskChanged: boolean
}

export type SaveResult = 'saved' | 'conflict' | 'needs-path'

const BACKUP_DELAY_MS = 300

export const isUntitled = (uri: string): boolean => uri.startsWith('untitled:')
export const isExample = (uri: string): boolean => uri.startsWith('example:')
/** The declarations of the driver interface, shown read-only. */
export const INTERFACE_URI = 'ndis:ndis.d.ts'
export const hasFile = (uri: string): boolean => !isUntitled(uri) && !isExample(uri) && uri !== INTERFACE_URI

const toOpen = (info: DocumentInfo): OpenDocument => ({
  uri: info.uri,
  name: info.name,
  etag: info.etag,
  readOnly: info.readOnly,
  dirty: info.dirty,
  saved: info.dirty || isUntitled(info.uri) ? undefined : info.text,
  text: info.text,
  diskChanged: false,
})

export const useDocuments = defineStore('documents', () => {
  const open = shallowReactive(new Map<string, OpenDocument>())
  /** The document whose editor had the focus last. */
  const active = ref('')
  const backups = createBackupQueue(BACKUP_DELAY_MS, (uri, text) => {
    const { etag = '', name = uri } = open.get(uri) ?? {}
    return host().request('document/backup', { uri, text, etag, name })
  })

  /** Known documents keep their text: what a person typed wins over what is read again. */
  const add = (info: DocumentInfo): OpenDocument => {
    const known = open.get(info.uri)
    if (known) return known
    const document = toOpen(info)
    open.set(info.uri, document)
    return document
  }
  const put = (uri: string, change: Partial<OpenDocument>): void => {
    const document = open.get(uri)
    if (document) open.set(uri, { ...document, ...change })
  }
  /** Every keystroke comes through here. */
  const edited = (uri: string, text: string): void => {
    const document = open.get(uri)
    if (!document || document.text === text) return
    const dirty = document.saved !== text && !(document.saved === undefined && isUntitled(uri) && text === '')
    put(uri, { text, dirty })
    if (dirty) backups.edited(uri, () => open.get(uri)?.text ?? text)
    else void dropBackup(uri)
  }
  const dropBackup = async (uri: string): Promise<void> => {
    backups.forget(uri)
    await host().request('document/discardBackup', { uri })
  }
  /** Closing gives up unsaved text only when the caller asked the person. */
  const close = async (uri: string, discard: boolean): Promise<void> => {
    if (discard) await dropBackup(uri)
    else await backups.flush()
    open.delete(uri)
    if (active.value === uri) active.value = [...open.keys()].at(-1) ?? ''
  }
  /** After a lost connection: whatever was on its way is sent again. */
  const backUpAll = (): Promise<void> => {
    for (const { uri, dirty } of open.values()) if (dirty) backups.edited(uri, () => open.get(uri)?.text ?? '')
    return backups.flush()
  }
  return { open, active, add, put, edited, close, dropBackup, backUpAll, flush: () => backups.flush() }
})
