import { watch, type FSWatcher } from 'chokidar'
import path from 'node:path'
import { readTextFile } from '../files/text-file'
import { isLeftOut } from './workspace'

/** Editors and checkouts change many files at once; one notice is enough. */
const QUIET_MS = 100

export interface WatcherEvents {
  readonly folderChanged: (root: string) => void
  readonly fileChanged: (file: string, etag: string) => void
}

/** Tells what other programs do to the opened folder and to the opened documents. Our own saves are not told. */
export class Watcher {
  readonly #events: WatcherEvents
  readonly #versions = new Map<string, string>()
  readonly #files: FSWatcher
  #folder: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(events: WatcherEvents) {
    this.#events = events
    this.#files = watch([], { ignoreInitial: true, atomic: true })
    this.#files.on('all', (_, file) => void this.#check(file))
    // Watching is a comfort: where the system has no watches left, saving still notices every conflict.
    this.#files.on('error', () => undefined)
  }

  /** @param etag the version that the editor has, which is no news. */
  watchFile(file: string, etag: string): void {
    if (!this.#versions.has(file)) this.#files.add(file)
    this.#versions.set(file, etag)
  }

  async watchFolder(root: string): Promise<void> {
    await this.#folder?.close()
    const ignored = (name: string) => name !== root && isLeftOut(path.basename(name))
    this.#folder = watch(root, { ignoreInitial: true, ignored, depth: 12, followSymlinks: false })
    const changed = () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(() => this.#events.folderChanged(root), QUIET_MS)
    }
    for (const event of ['add', 'addDir', 'unlink', 'unlinkDir'] as const) this.#folder.on(event, changed)
    this.#folder.on('error', () => undefined)
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await Promise.all([this.#files.close(), this.#folder?.close()])
  }

  async #check(file: string): Promise<void> {
    const etag = await readTextFile(file).then(
      (disk) => disk.etag,
      () => '',
    )
    if (this.#versions.get(file) === etag) return
    this.#versions.set(file, etag)
    this.#events.fileChanged(file, etag)
  }
}
