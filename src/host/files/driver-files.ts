/**
 * Collects the text of a driver: the entry file and every file that its relative imports reach, and nothing outside of
 * the driver's folder. Whether an import is allowed at all is the engine's to say; what is missing here it reports.
 */
import { readFile, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { configurationName, type Keyword } from '../../shared/configuration'
import type { Hardware } from '../../shared/hardware'
import type { RuleLevels } from '../../shared/rule-levels'
import { readConfiguration } from '../../shared/configuration-text'
import type { RunError } from '../../shared/report'

export interface DriverFiles {
  /** Absolute path of the folder that the keys of `files` are relative to. */
  readonly folder: string
  /** Key of `files`. */
  readonly entry: string
  /** Path with '/' relative to `folder` -> source text. */
  readonly files: Readonly<Record<string, string>>
  /** Of the configuration file beside the entry, if there is one. */
  readonly keywords: readonly Keyword[]
  readonly hardware: Hardware
  readonly levels: RuleLevels
}

export interface CollectOptions {
  /** Unsaved texts by path relative to the driver's folder; they win over the disk. */
  readonly overlays?: Readonly<Record<string, string>>
  /** What a relative `program` is relative to; the process's own by default. */
  readonly cwd?: string
}

/** A driver that cannot be read: `error.message` says what to do. */
export class DriverFilesError extends Error {
  /** @param source where `error.file` lies, and its text, for those who show the line. */
  constructor(
    readonly error: RunError,
    readonly source?: Pick<DriverFiles, 'folder' | 'files'>,
  ) {
    super(error.message)
  }
}

/** Bytes; a driver script is read by people, so a file beyond this was picked by mistake. */
const MAX_FILE_BYTES = 4 * 1024 * 1024
const MAX_FILES = 1_000
const ENTRY_NAMES = ['driver.ts', 'index.ts']

/**
 * Relative specifiers of imports and exports. Text in comments and strings may match too: then a file of the driver's
 * own folder is read in vain, which costs less than parsing everything twice.
 */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*(?:\(\s*)?(['"])(\.{1,2}\/[^'"\n]*)\1/g

/** What a specifier may stand for, in the order in which the engine's loader looks. */
function candidates(specifier: string): string[] {
  const withoutJs = specifier.replace(/\.js$/, '')
  return [specifier, `${withoutJs}.ts`, `${specifier}.ts`, `${specifier}/index.ts`]
}

/**
 * @param program a .ts file, or a folder with driver.ts, index.ts or exactly one .ts file.
 * @throws DriverFilesError
 */
export async function collectDriver(
  program: string,
  { overlays = {}, cwd = process.cwd() }: CollectOptions = {},
): Promise<DriverFiles> {
  const { folder, entry } = await findEntry(path.resolve(cwd, program), program, overlays)
  const files: Record<string, string> = {}
  const queue = [entry]
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (Object.hasOwn(files, name)) continue
    if (Object.keys(files).length >= MAX_FILES) throw refuse(`${program} imports more than ${MAX_FILES} files`)
    const text = Object.hasOwn(overlays, name) ? overlays[name] : await readInside(folder, name)
    if (text === undefined) continue
    files[name] = text
    queue.push(...importedFiles(name, text))
  }
  const name = configurationName(entry)
  const configuration = Object.hasOwn(overlays, name) ? overlays[name] : await readInside(folder, name)
  return { folder, entry, files, ...configurationOf(name, configuration, folder) }
}

/** What a configuration file says; nothing when there is none. @throws DriverFilesError with the place of the first thing that is wrong. */
export function configurationOf(
  file: string,
  text: string | undefined,
  folder: string,
): Pick<DriverFiles, 'keywords' | 'hardware' | 'levels'> {
  const { keywords, hardware, levels, problems } = text === undefined ? NO_CONFIGURATION : readConfiguration(text)
  const [first, ...more] = problems
  if (!first || text === undefined) return { keywords, hardware, levels }
  const { line, column } = first
  const others = more.length > 0 ? ` (and ${more.length} more in this file)` : ''
  const error = { code: 'configuration', message: `${first.message}${others}`, file, line, column } as const
  throw new DriverFilesError(error, { folder, files: { [file]: text } })
}

const NO_CONFIGURATION = { keywords: [], hardware: {}, levels: {}, problems: [] } as const

function importedFiles(importer: string, text: string): string[] {
  return [...text.matchAll(RELATIVE_IMPORT)]
    .flatMap((match) => candidates(path.posix.join(path.posix.dirname(importer), match[2] ?? '')))
    .filter((name) => !name.startsWith('../') && name.endsWith('.ts'))
}

async function findEntry(full: string, given: string, overlays: Readonly<Record<string, string>>) {
  const info = await stat(full).catch((error: NodeJS.ErrnoException) => error)
  if (info instanceof Error) {
    const name = path.basename(full)
    if (Object.hasOwn(overlays, name)) return { folder: path.dirname(full), entry: name }
    throw notFound(
      info.code === 'ENOENT' ? `${given}: no such file or folder` : `${given} cannot be read: ${info.code}`,
    )
  }
  if (info.isDirectory()) return { folder: full, entry: await entryOfFolder(full, given) }
  if (!full.endsWith('.ts')) throw refuse(`${given} is not a driver: give a .ts file, or a folder that holds one`)
  return { folder: path.dirname(full), entry: path.basename(full) }
}

async function entryOfFolder(folder: string, given: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  const known = ENTRY_NAMES.find((name) => names.includes(name))
  if (known) return known
  const [only] = names
  if (only !== undefined && names.length === 1) return only
  const found = names.length === 0 ? 'no .ts file' : `${names.length} .ts files (${names.slice(0, 3).join(', ')} ...)`
  throw notFound(`${given} has ${found} and neither driver.ts nor index.ts: name the file to run`)
}

/** undefined: not there, or a link that leads out of the driver's folder. */
async function readInside(folder: string, name: string): Promise<string | undefined> {
  const full = path.join(folder, name)
  try {
    const [real, realFolder, info] = await Promise.all([realpath(full), realpath(folder), stat(full)])
    if (!info.isFile() || !real.startsWith(realFolder.replace(/[\\/]?$/, path.sep))) return undefined
    if (info.size > MAX_FILE_BYTES) throw refuse(`${name} is larger than ${MAX_FILE_BYTES} bytes`)
    return await readFile(full, 'utf8')
  } catch (error) {
    if (error instanceof DriverFilesError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw notFound(`${full} cannot be read: ${code}`)
  }
}

const notFound = (message: string) => new DriverFilesError({ code: 'file-not-found', message })
const refuse = (message: string) => new DriverFilesError({ code: 'usage', message })
