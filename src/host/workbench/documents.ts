import path from 'node:path'
import type { DocumentInfo, RpcRequests } from '../../shared/rpc'
import { writeAtomic } from '../files/atomic-write'
import { Serial } from '../files/serial'
import { etagOf, readTextFile } from '../files/text-file'
import { fileError, RpcError } from '../rpc-error'
import type { Backup, Backups } from './backups'
import type { Examples } from './examples'
import { NEW_DRIVER } from './new-driver'
import { fullPath, isInside, type Workspace } from './workspace'

const UNTITLED = /^untitled:(\d+)$/
const EXAMPLE = /^example:(.+)$/s

type Save = RpcRequests['document/save']

export interface DocumentsParts {
  readonly backups: Backups
  readonly examples: Examples
  readonly workspace: Workspace
  /** What a path without a folder is relative to while no folder is open. */
  readonly startFolder: string
  /** Called with each file that a person has opened or saved, and its version. */
  readonly onFile: (file: string, etag: string) => void
}

/**
 * Documents: files that a person opened, untitled texts and examples. Only a file that was opened here, lies in the opened
 * folder or was named for saving is ever written, and never over a content that the editor has not seen.
 */
export class Documents {
  readonly #parts: DocumentsParts
  readonly #serial = new Serial()
  readonly #opened = new Set<string>()
  readonly #confirmed = new Set<string>()
  #lastUntitled = 0

  constructor(parts: DocumentsParts) {
    this.#parts = parts
  }

  /** @throws RpcError when the file cannot be read, is no text or is too large. */
  async open(given: string): Promise<DocumentInfo> {
    const file = this.#absolute(given)
    const [disk, backup] = await Promise.all([readTextFile(file), this.#parts.backups.get(file)])
    this.#remember(file, disk.etag)
    const { readOnly } = disk
    const base = { uri: file, name: path.basename(file), readOnly }
    if (!backup || backup.text === disk.text) return { ...base, text: disk.text, dirty: false, etag: disk.etag }
    // The version that the edit started from: saving then notices what has changed on disk since.
    return { ...base, text: backup.text, dirty: true, etag: backup.etag }
  }

  async openExample(id: string): Promise<DocumentInfo> {
    const uri = `example:${id}`
    const [text, backup] = await Promise.all([this.#parts.examples.text(id), this.#parts.backups.get(uri)])
    const dirty = backup !== undefined && backup.text !== text
    return { uri, name: path.posix.basename(id), text: dirty ? backup.text : text, dirty, etag: '', readOnly: false }
  }

  async create(): Promise<DocumentInfo> {
    const taken = new Set((await this.#parts.backups.all()).map((backup) => backup.uri))
    do this.#lastUntitled += 1
    while (taken.has(`untitled:${this.#lastUntitled}`))
    const name = `Untitled-${this.#lastUntitled}.ts`
    return { uri: `untitled:${this.#lastUntitled}`, name, text: NEW_DRIVER, dirty: false, etag: '', readOnly: false }
  }

  /** @throws RpcError 'refused' for a file that nobody opened, 'disk' when it cannot be written. */
  async save({ uri, path: chosen, text, etag, force }: Save['params']): Promise<Save['result']> {
    const file = chosen === undefined ? this.#known(uri) : this.#absolute(chosen)
    const known = file === uri ? etag : ''
    const mayReplace = force || this.#confirmed.delete(file)
    const result = await this.#serial.run(file, () => this.#write(file, text, known, mayReplace))
    if (result.status === 'conflict') return result
    this.#remember(file, result.etag)
    await Promise.all([...new Set([uri, file])].map((each) => this.#parts.backups.discard(each)))
    return result
  }

  /** A person has chosen this file in a native dialog, which asks before it lets an existing one be replaced. */
  confirmReplacing(file: string): void {
    this.#confirmed.add(path.normalize(file))
  }

  /** What a person had not saved, newest content, as documents to show at start. */
  async restore(): Promise<readonly DocumentInfo[]> {
    const documents = await Promise.all((await this.#parts.backups.all()).map((backup) => this.#restored(backup)))
    return documents.filter((document) => document !== undefined)
  }

  async backup(params: Backup): Promise<void> {
    await this.#parts.backups.put(params)
  }

  async #restored(backup: Backup): Promise<DocumentInfo | undefined> {
    const { uri, name, text, etag } = backup
    if (!path.isAbsolute(uri)) return { uri, name, text, dirty: true, etag: '', readOnly: false }
    const disk = await readTextFile(uri).catch(() => undefined)
    this.#remember(uri, disk?.etag ?? etag)
    if (disk?.text === text) {
      await this.#parts.backups.discard(uri)
      return undefined
    }
    return { uri, name, text, dirty: true, etag, readOnly: disk?.readOnly ?? false }
  }

  async #write(file: string, text: string, etag: string, mayReplace: boolean): Promise<Save['result']> {
    try {
      const disk = await readTextFile(file).catch((error: unknown) => {
        if (error instanceof RpcError && error.code === 'not-found') return undefined
        throw error
      })
      if (disk && !mayReplace && disk.etag !== etag && disk.text !== text)
        return { status: 'conflict', diskText: disk.text, etag: disk.etag }
      await writeAtomic(file, text)
      return { status: 'saved', uri: file, name: path.basename(file), etag: etagOf(text) }
    } catch (error) {
      const refusal = fileError(error, `${file} cannot be saved`)
      if (refusal.code === 'not-found')
        throw new RpcError('disk', `${file} cannot be saved: its folder does not exist.`)
      throw refusal
    }
  }

  #known(uri: string): string {
    if (UNTITLED.test(uri) || EXAMPLE.test(uri))
      throw new RpcError('refused', 'This text has no file yet. Choose where to save it.')
    const file = path.normalize(uri)
    const { root } = this.#parts.workspace
    if (this.#opened.has(file) || (root && isInside(root, file))) return file
    throw new RpcError('refused', `${file} was not opened here. Use Save As to choose where to save the text.`)
  }

  #absolute(given: string): string {
    return fullPath(given, this.#parts.workspace.root || this.#parts.startFolder)
  }

  #remember(file: string, etag: string): void {
    this.#opened.add(file)
    this.#parts.onFile(file, etag)
  }
}
