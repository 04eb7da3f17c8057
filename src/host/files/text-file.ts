import { createHash } from 'node:crypto'
import { access, constants, readFile, stat } from 'node:fs/promises'
import { RpcError, fileError } from '../rpc-error'

/** Bytes. The same bound as for a text that a front end may send. */
export const MAX_TEXT_BYTES = 16 * 1024 * 1024

export interface TextFile {
  readonly text: string
  readonly etag: string
  readonly readOnly: boolean
}

/** The version of a content on disk. Documents without a file have '' instead. */
export function etagOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/**
 * Reads a file that a person wants to edit. What could not be written back unchanged is refused.
 *
 * @throws RpcError 'not-found', 'refused' or 'disk'.
 */
export async function readTextFile(file: string): Promise<TextFile> {
  try {
    const info = await stat(file)
    if (!info.isFile()) throw new RpcError('refused', `${file} is not a file.`)
    if (info.size > MAX_TEXT_BYTES)
      throw new RpcError('refused', `${file} is larger than 16 MiB, too large to edit here.`)
    const text = decode(await readFile(file), file)
    const readOnly = await access(file, constants.W_OK).then(
      () => false,
      () => true,
    )
    return { text, etag: etagOf(text), readOnly }
  } catch (error) {
    throw fileError(error, `${file} cannot be opened`)
  }
}

/** A byte order mark stays part of the text, so that saving gives the same bytes. */
function decode(bytes: Buffer, file: string): string {
  if (bytes.includes(0)) throw new RpcError('refused', `${file} is not a text file.`)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new RpcError('refused', `${file} is not encoded in UTF-8. Convert it first, so that nothing in it gets lost.`)
  }
}
