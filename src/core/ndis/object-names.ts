/** Names in the object manager. They are compared without regard to case, and \DosDevices is another name of \??. */

const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^\\DOSDEVICES\\GLOBAL\\/, '\\??\\'],
  [/^\\DOSDEVICES\\/, '\\??\\'],
  [/^\\\?\?\\GLOBAL\\/, '\\??\\'],
  [/^\\GLOBAL\?\?\\/, '\\??\\'],
]
/** Directories in which drivers make names. */
const DIRECTORY = /^\\(\?\?|DEVICE)\\[^\\]/

/** The name under which an object is filed: equal for all spellings of one name. */
export function objectKey(name: string): string {
  let key = name.toUpperCase()
  for (const [alias, directory] of ALIASES) key = key.replace(alias, directory)
  return key
}

/** What is wrong with a name for a new object: no path from the root, or a directory that is not there. */
export const nameProblem = (name: string): 'syntax' | 'path' | undefined =>
  !name.startsWith('\\') ? 'syntax' : DIRECTORY.test(objectKey(name)) ? undefined : 'path'

/** A name as applications write it, '\\.\Name' or plain 'Name', as a name of the object manager. */
export const applicationName = (name: string): string => {
  const local = /^\\\\[.?]\\/.exec(name)
  if (local) return `\\??\\${name.slice(local[0].length)}`
  return name.startsWith('\\') ? name : `\\??\\${name}`
}
