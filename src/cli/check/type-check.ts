import { readFile } from 'node:fs/promises'
import path from 'node:path'
import ts from 'typescript'

export interface TypeProblem {
  /** Relative to the driver's folder; '' when it belongs to no file. */
  readonly file: string
  /** 1-based; 0 without a file. */
  readonly line: number
  readonly column: number
  /** 'TS2345'. */
  readonly code: string
  readonly message: string
}

const FOLDER = '/driver'
const NDIS = '/ndis.d.ts'

/** The rules that the editor uses too: strict, the language's library and 'ndis', nothing else. */
const COMPILER_OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  allowImportingTsExtensions: true,
  lib: ['lib.es2023.d.ts'],
  types: [],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

/**
 * Type-checks a driver against the declarations of the driver interface.
 *
 * @param files path relative to the driver's folder -> text.
 * @param declarations path of ndis.d.ts.
 * @returns sorted by file and line; empty when the types are right.
 */
export async function typeCheck(
  files: Readonly<Record<string, string>>,
  declarations: string,
): Promise<readonly TypeProblem[]> {
  const texts = new Map(Object.entries(files).map(([name, text]) => [`${FOLDER}/${name}`, text]))
  texts.set(NDIS, await readFile(declarations, 'utf8'))
  const program = ts.createProgram([...texts.keys()], COMPILER_OPTIONS, hostOf(texts))
  return ts.sortAndDeduplicateDiagnostics(ts.getPreEmitDiagnostics(program)).map(problemOf)
}

/** Sees the given texts and TypeScript's own library, and nothing of the disk besides. */
function hostOf(texts: ReadonlyMap<string, string>): ts.CompilerHost {
  const libraries = path.dirname(ts.getDefaultLibFilePath(COMPILER_OPTIONS)).replaceAll('\\', '/')
  const read = (name: string) =>
    texts.get(name) ?? (name.startsWith(`${libraries}/lib.`) ? ts.sys.readFile(name) : undefined)
  return {
    fileExists: (name) => read(name) !== undefined,
    readFile: read,
    getSourceFile: (name, version) => {
      const text = read(name)
      return text === undefined ? undefined : ts.createSourceFile(name, text, version)
    },
    directoryExists: (name) => [...texts.keys()].some((file) => file.startsWith(`${name}/`)),
    getDirectories: () => [],
    getDefaultLibFileName: () => `${libraries}/lib.es2023.d.ts`,
    getDefaultLibLocation: () => libraries,
    getCurrentDirectory: () => FOLDER,
    getCanonicalFileName: (name) => name,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    writeFile: () => undefined,
  }
}

function problemOf(diagnostic: ts.Diagnostic): TypeProblem {
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
  const code = `TS${diagnostic.code}`
  if (!diagnostic.file || diagnostic.start === undefined) return { file: '', line: 0, column: 0, code, message }
  const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start)
  const file = path.posix.relative(FOLDER, diagnostic.file.fileName)
  return { file, line: line + 1, column: character + 1, code, message }
}
