type Reasons = Readonly<Record<string, string>>

/** What the system's errors mean to a person, with what to do. */
const READING: Reasons = {
  ENOENT: 'it is not there',
  ENOTDIR: 'it is not there',
  EACCES: 'it may not be read; change its permissions',
  EPERM: 'it may not be read; change its permissions',
  EISDIR: 'it is a folder; name a file in it',
  ENOTSUP: 'it is no file; copy what comes out of it to one',
}
const WRITING: Reasons = {
  ENOSPC: 'the disk is full; make room',
  EDQUOT: 'the quota of the disk is used up; make room',
  ENOENT: 'the folder is not there; make it',
  ENOTDIR: 'a part of its path is a file; choose another place',
  EEXIST: 'a part of its path is a file; choose another place',
  EACCES: 'it may not be written there; choose another place',
  EPERM: 'it may not be written there; choose another place',
  EROFS: 'the disk is read-only; choose another place',
  EISDIR: 'there is a folder of that name; choose another name',
  EFBIG: 'it is as long as the system allows; capture less',
}

function words(reasons: Reasons, error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return Object.hasOwn(reasons, code) ? `${reasons[code]} (${code})` : message
}
/** The system's error about a file that is read. */
export const readTrouble = (error: unknown): string => words(READING, error)
/** The system's error about a file that is written. */
export const writeTrouble = (error: unknown): string => words(WRITING, error)
