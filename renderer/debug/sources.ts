/** How documents are named in the debug protocol, and back. */
import { baseName } from '../model/format'

/** Path of a document as sources, breakpoints and `program` carry it: its URI, which for files is the path itself. */
export const debugPath = (uri: string): string => uri

const ABSOLUTE = /^(?:[\\/]|[A-Za-z][\w+-]*:)/

/** Where a file of a driver lies: reports name files relative to the driver's folder, those of examples to the folder of all. */
export function pathIn(program: string, file: string): string {
  if (ABSOLUTE.test(file) || program === '') return file
  const folder = program.startsWith('example:') ? 'example:' : program.replace(/[^\\/:]*$/, '')
  return folder + file.replace(/^\.?[\\/]/, '')
}

/**
 * The open document that a path of the adapter means: the same one, or the only one of that name (reports name files
 * relative to the driver's folder).
 */
export function documentOf(path: string, open: Iterable<string>, program = ''): string | undefined {
  const uris = [...open]
  if (uris.includes(path)) return path
  const inFolder = pathIn(program, path)
  if (uris.includes(inFolder)) return inFolder
  const named = uris.filter((uri) => baseName(uri) === baseName(path))
  return named.length === 1 ? named[0] : undefined
}
