import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { ByteSource } from '../../core/wire/formats/capture'

/** Bytes in memory at a time, unless one read wants more. */
const WINDOW_BYTES = 1024 * 1024

export interface FileBytes extends ByteSource {
  close(): void
}

/**
 * A file to be read from its beginning to its end, or anywhere, without being in memory as a whole.
 *
 * @throws the system's error, ENOTSUP for what is no file; read() too, and when the file has become shorter.
 */
export function openBytes(name: string): FileBytes {
  const file = openSync(name, 'r')
  const info = fstatSync(file)
  if (!info.isFile()) {
    closeSync(file)
    throw Object.assign(new Error(`${name} is not a file`), { code: info.isDirectory() ? 'EISDIR' : 'ENOTSUP' })
  }
  let window = new Uint8Array()
  let start = 0

  function fill(from: number, to: number): void {
    window = new Uint8Array(Math.min(info.size - from, Math.max(WINDOW_BYTES, to - from)))
    start = from
    for (let done = 0; done < window.length;) {
      const more = readSync(file, window, done, window.length - done, from + done)
      if (more === 0) throw Object.assign(new Error(`${name} became shorter while it was read`), { code: 'EIO' })
      done += more
    }
  }
  return {
    length: info.size,
    read(from, to) {
      if (from < start || to > start + window.length) fill(from, to)
      return window.subarray(from - start, to - start)
    },
    close: () => closeSync(file),
  }
}
