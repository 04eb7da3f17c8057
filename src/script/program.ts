import type { CallSite, CompiledBreakpoint, LoadedModule } from '../shared/engine'
import { LoadError } from './errors'
import { DRIVER_URL, type ScriptLocator } from './locator'
import { readModuleOnce } from './module-cache'
import type { ModuleSource } from './module-source'
import type { Sandbox } from './sandbox'

/** Files of a driver: path relative to its folder -> text. */
export type DriverFiles = Readonly<Record<string, string>>

interface ReadFile {
  readonly path: string
  readonly source: ModuleSource
  /** Paths of the imports, in the order of source.imports. */
  readonly imports: readonly string[]
}

export interface ProgramOptions {
  readonly files: DriverFiles
  readonly entry: string
  readonly values: ReadonlySet<string>
  readonly types: ReadonlySet<string>
  readonly breakpoints: readonly CompiledBreakpoint[]
  readonly locator: ScriptLocator
}

function resolve(from: string, specifier: string, files: DriverFiles): string | undefined {
  const parts = from.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.length === 0) return undefined
      parts.pop()
    } else if (part !== '.') parts.push(part)
  }
  const base = parts.join('/')
  return [base, `${base}.ts`, base.replace(/\.js$/, '.ts'), `${base}/index.ts`].find((path) =>
    Object.hasOwn(files, path),
  )
}

/** Types leave nothing behind to export; importing one without the word `type` is no mistake. */
const declaresType = (source: string, name: string): boolean =>
  new RegExp(
    `\\bexport\\s+(declare\\s+)?(type|interface)\\s+${name.replaceAll('$', '\\$')}\\b|\\bexport\\s+type\\s*\\{[^}]*\\b${name.replaceAll('$', '\\$')}\\b`,
  ).test(source)

/** A driver whose files are read and ready to be evaluated. */
export interface Program {
  readonly modules: readonly LoadedModule[]
  /** Names of the interface that the modules import; undefined when one imports all of it as a namespace. */
  readonly uses: ReadonlySet<string> | undefined
  readonly sites: readonly CallSite[]
  /** Evaluates the modules and gives the entry's exports. `exports` is the interface; `rebind` is told of each module's rebinding. */
  evaluate(sandbox: Sandbox, context: EvaluationContext): Readonly<Record<string, unknown>>
}

export interface EvaluationContext {
  readonly exports: Readonly<Record<string, unknown>>
  readonly site: { s: number }
  readonly hit: (id: number, text?: () => string) => boolean
  readonly onRebind: (rebind: (name: string, bound: unknown) => void) => void
  /** Throws on after a bugcheck. */
  readonly halt: () => void
}

/** Reads the entry and everything it imports. Throws LoadError with file and line. */
export function readProgram(options: ProgramOptions): Program {
  const { files, locator } = options
  const read = new Map<string, ReadFile>()
  const visit = (path: string): void => {
    if (read.has(path)) return
    const source = readModuleOnce(files[path]!, {
      path,
      sites: locator.sites,
      values: options.values,
      types: options.types,
      breakpoints: options.breakpoints,
    })
    const imports = source.imports.map(({ specifier, line, column }) => {
      const target = resolve(path, specifier, files)
      if (target === undefined)
        throw new LoadError(
          'file-not-found',
          `'${specifier}' is imported here, and there is no such file in the driver's folder`,
          path,
          line,
          column,
        )
      return target
    })
    read.set(path, { path, source, imports })
    locator.insertions.set(path, source.insertions)
    locator.accepts.add(path, source.accepts)
    locator.texts.set(path, source.code)
    imports.forEach(visit)
  }
  if (!Object.hasOwn(files, options.entry))
    throw new LoadError('file-not-found', `there is no file ${options.entry}`, options.entry)
  visit(options.entry)
  for (const { path, source, imports } of read.values())
    source.imports.forEach(({ specifier, names }, index) => {
      const target = imports[index]!
      for (const { name, line, column } of names)
        if (!read.get(target)!.source.exported.has(name) && !declaresType(files[target]!, name))
          throw new LoadError('unknown-export', `'${specifier}' has no export named '${name}'`, path, line, column)
    })

  const all = [...read.values()].some(({ source }) => source.uses === 'all')
  return {
    uses: all ? undefined : new Set([...read.values()].flatMap(({ source }) => [...source.uses])),
    modules: [...read.values()].map(({ path, source }) => ({
      path,
      url: DRIVER_URL + encodeURI(path),
      insertions: source.insertions,
      imported: source.imported,
    })),
    sites: locator.sites,
    evaluate(sandbox, context) {
      const loaded = new Map<string, Record<string, unknown>>()
      /** Who imports an exported variable: told of each new value, so that bindings are live as in any module. */
      const followers = new Map<string, ((value: unknown) => void)[]>()
      const load = (path: string): Record<string, unknown> => {
        const known = loaded.get(path)
        if (known) return known
        const exports: Record<string, unknown> = {}
        loaded.set(path, exports)
        const file = read.get(path)!
        const body = sandbox.evaluate(file.source.code, DRIVER_URL + encodeURI(path)) as (...args: unknown[]) => void
        body(
          context.exports,
          context.site,
          (site: number, value: unknown) => {
            context.site.s = site
            return value
          },
          (index: number) => load(file.imports[index]!),
          exports,
          (index: number, name: string, set: (value: unknown) => void) => {
            const key = `${file.imports[index]!} ${name}`
            followers.set(key, [...(followers.get(key) ?? []), set])
          },
          (name: string, local: () => unknown, result: unknown) => {
            exports[name] = local()
            for (const set of followers.get(`${path} ${name}`) ?? []) set(exports[name])
            return result
          },
          context.onRebind,
          context.hit,
          showValue,
          context.halt,
        )
        return exports
      }
      return load(options.entry)
    },
  }
}

/** A value in the text of a logpoint. */
function showValue(value: unknown): string {
  if (typeof value === 'number')
    return Number.isInteger(value) && (value > 0xffff || value < -0xffff)
      ? `0x${(value >>> 0).toString(16)}`
      : String(value)
  if (typeof value === 'object' && value !== null && 'value' in value) return showValue(value.value)
  return String(value)
}
