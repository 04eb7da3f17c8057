import type { RpcErrorCode } from '../shared/rpc'

/** A request that cannot be answered; `message` is for a person and says what to do. */
export class RpcError extends Error {
  constructor(
    readonly code: RpcErrorCode,
    message: string,
  ) {
    super(message)
  }
}

/** What people can do about the errors of a disk that they meet. */
const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free some space and save again; the text is kept open until then.',
  EDQUOT: 'Your disk quota is used up. Free some space and save again; the text is kept open until then.',
  EACCES: 'Permission denied. Save it under another name, or change the permissions of the file.',
  EPERM: 'The system does not permit it. Save it under another name, or close the program that uses the file.',
  EROFS: 'The disk is read-only. Save it in another place.',
  EBUSY: 'Another program uses the file. Close it there and try again.',
  EISDIR: 'There is a folder of that name. Choose another name.',
  ENOTDIR: 'A part of the path is a file, not a folder. Choose another place.',
  ENAMETOOLONG: 'The name is too long. Choose a shorter one.',
  EMFILE: 'Too many files are open. Close some programs and try again.',
  EIO: 'The disk reports a fault. Save it in another place.',
}

/**
 * The error of a file operation as an answer.
 *
 * @param doing what failed, as the start of a sentence: 'a.ts cannot be saved'.
 */
export function fileError(error: unknown, doing: string): RpcError {
  if (error instanceof RpcError) return error
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error'
  if (code === 'ENOENT') return new RpcError('not-found', `${doing}: there is no such file or folder.`)
  return new RpcError('disk', `${doing}: ${ADVICE[code] ?? `the system answered ${code}.`}`)
}
