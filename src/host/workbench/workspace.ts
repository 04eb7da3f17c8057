import { readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { FileEntry } from '../../shared/rpc'
import { writeAtomic } from '../files/atomic-write'
import { fileError, RpcError } from '../rpc-error'

const MAX_ENTRIES = 10_000
const LEFT_OUT = new Set(['node_modules'])

export const isLeftOut = (name: string) => name.startsWith('.') || LEFT_OUT.has(name)

/** true for the folder itself and everything below it; both paths absolute. */
export function isInside(folder: string, file: string): boolean {
  const relative = path.relative(folder, file)
  return relative !== '..' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative)
}

/** A path as a person types it: absolute, relative to `base`, or below their home with '~'. */
export function fullPath(given: string, base: string): string {
  return path.resolve(
    base,
    given.replace(/^~(?=$|[\\/])/, () => homedir()),
  )
}

/** The folder that a person works in. Remembered in the settings, so that the next start opens it again. */
export class Workspace {
  readonly #memory: string
  readonly #startFolder: string
  #root = ''

  constructor(settings: string, startFolder: string) {
    this.#startFolder = startFolder
    this.#memory = path.join(settings, 'workspace')
  }

  /** Absolute path, '' while no folder is open. */
  get root(): string {
    return this.#root
  }

  /** Opens the folder of the last time, if it is still there. */
  async restore(): Promise<void> {
    const last = await readFile(this.#memory, 'utf8').catch(() => '')
    const info = last ? await stat(last).catch(() => undefined) : undefined
    if (info?.isDirectory()) this.#root = last
  }

  /** @throws RpcError */
  async open(folder: string): Promise<{ root: string; files: readonly FileEntry[] }> {
    const root = fullPath(folder, this.#startFolder).replace(/(.)[\\/]+$/, '$1')
    const info = await stat(root).catch((error: unknown) => {
      throw fileError(error, `${root} cannot be opened`)
    })
    if (!info.isDirectory())
      throw new RpcError('refused', `${root} is a file. Open it with Open File, or name a folder.`)
    this.#root = root
    // A convenience: that it cannot be remembered is no reason not to open it.
    await writeAtomic(this.#memory, root).catch(() => undefined)
    return this.list()
  }

  /** Folders before their content, names sorted; at most 10,000 entries. Hidden folders and node_modules are left out. */
  async list(): Promise<{ root: string; files: readonly FileEntry[] }> {
    const files: FileEntry[] = []
    if (this.#root) await collect(this.#root, '', files)
    return { root: this.#root, files }
  }
}

async function collect(root: string, below: string, files: FileEntry[]): Promise<void> {
  const entries = await readdir(path.join(root, below), { withFileTypes: true }).catch((error: unknown) => {
    // A folder inside that may not be read is shown empty; the opened one itself is an error.
    if (below) return []
    throw fileError(error, `${root} cannot be read`)
  })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (isLeftOut(entry.name) || files.length >= MAX_ENTRIES) continue
    const name = below ? `${below}/${entry.name}` : entry.name
    // Links are not followed: they may lead in a circle.
    if (entry.isDirectory()) {
      files.push({ path: name, kind: 'folder' })
      await collect(root, name, files)
    } else if (entry.isFile()) files.push({ path: name, kind: 'file' })
  }
}
