import { randomBytes } from 'node:crypto'
import { open, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * Replaces the content of a file so that, whatever happens meanwhile, the disk holds the old content or the new one, whole.
 * A link is followed, the permissions of an existing file are kept.
 *
 * @throws the system's error; the file is then as it was.
 */
export async function writeAtomic(file: string, content: string | Iterable<Uint8Array>): Promise<void> {
  const target = await realpath(file).catch(() => file)
  const mode = await stat(target).then(
    (info) => info.mode & 0o777,
    () => 0o666,
  )
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await writeFile(handle, content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(target))
}

/** Makes the new name last through a power cut; Windows can neither do nor needs it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
