import { mkdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { writeTrouble } from '../../host/files/file-trouble'
import { CaptureStore } from '../../host/session/capture-store'
import { UsageError, type CliIo } from '../io'

/** A capture that a run writes. */
export interface CaptureOut {
  readonly store: CaptureStore
  /** Gives the file its name. What went wrong, in a sentence, or undefined. */
  finish(): string | undefined
}

/** The file behind links, and what it is now; only its name where there is none. */
function existing(file: string) {
  try {
    const target = realpathSync(file)
    return { target, now: statSync(target) }
  } catch {
    return { target: file, now: undefined }
  }
}

/**
 * Begins a capture. It grows as FILE.partial beside its place and gets its name at the end, so that FILE is never half of one; a run that is
 * killed leaves the other, which can be read. A pipe or a device is written to as it is.
 *
 * @throws UsageError when its folder cannot be made.
 */
export function beginCapture(name: string, io: CliIo): CaptureOut {
  const { target, now } = existing(path.resolve(io.cwd, name))
  if (now?.isDirectory()) throw new UsageError(`--out: ${name} is a folder; name a file in it`)
  try {
    mkdirSync(path.dirname(target), { recursive: true })
  } catch (error) {
    throw new UsageError(`--out: ${name} cannot be written: ${writeTrouble(error)}`)
  }
  const store = new CaptureStore(now && !now.isFile() ? target : `${target}.partial`)
  return {
    store,
    finish() {
      store.keepAs(target)
      store.close()
      return store.problem && `--out: ${name}: ${store.problem}`
    },
  }
}
