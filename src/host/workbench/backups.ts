import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { writeAtomic } from '../files/atomic-write'
import { Serial } from '../files/serial'
import { fileError } from '../rpc-error'

const backupSchema = z.object({
  uri: z.string(),
  name: z.string(),
  text: z.string(),
  /** Version of the disk content that the edit started from. */
  etag: z.string(),
})
export type Backup = z.infer<typeof backupSchema>

/** Unsaved texts on disk, one file a document (hot exit). A write replaces the whole file, so a kill leaves the last one. */
export class Backups {
  readonly #folder: string
  readonly #serial = new Serial()

  constructor(settings: string) {
    this.#folder = path.join(settings, 'backups')
  }

  /** @throws RpcError 'disk' */
  async put(backup: Backup): Promise<void> {
    await this.#serial.run(backup.uri, async () => {
      try {
        await mkdir(this.#folder, { recursive: true, mode: 0o700 })
        await writeAtomic(this.#fileOf(backup.uri), JSON.stringify(backup))
      } catch (error) {
        throw fileError(error, `${backup.name} cannot be backed up`)
      }
    })
  }

  /** @throws RpcError 'disk' */
  async discard(uri: string): Promise<void> {
    await this.#serial.run(uri, () =>
      rm(this.#fileOf(uri), { force: true }).catch((error: unknown) => {
        throw fileError(error, `The backup of ${uri} cannot be removed`)
      }),
    )
  }

  async get(uri: string): Promise<Backup | undefined> {
    return this.#serial.run(uri, () => this.#read(this.#fileOf(uri)))
  }

  /** Oldest name first, so that the order is the same at each start. */
  async all(): Promise<readonly Backup[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const files = names.filter((name) => name.endsWith('.json')).sort()
    const backups = await Promise.all(files.map((name) => this.#read(path.join(this.#folder, name))))
    return backups.filter((backup) => backup !== undefined)
  }

  #fileOf(uri: string): string {
    return path.join(this.#folder, `${createHash('sha256').update(uri).digest('hex').slice(0, 40)}.json`)
  }

  /** What cannot be understood is put aside, not thrown away: it may be the only copy of somebody's text. */
  async #read(file: string): Promise<Backup | undefined> {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text === undefined) return undefined
    try {
      return backupSchema.parse(JSON.parse(text))
    } catch {
      await rename(file, `${file}.damaged`).catch(() => undefined)
      return undefined
    }
  }
}
