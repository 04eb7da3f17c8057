import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')

/** Every TypeScript file of the product but its specs, relative to the project. */
function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.ts$/.test(file) && !/\.(spec|d)\.ts$/.test(file))
    .map((file) => path.join(folder, file).split(path.sep).join('/'))
}

/** Modules that a file imports at run time, as files of the project; imports of types only do not count. */
function runtimeImports(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest)
  const found: string[] = []
  for (const statement of source.statements) {
    const specifier =
      ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : undefined
    if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) continue
    if (ts.isExportDeclaration(statement) && statement.isTypeOnly) continue
    if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause
      if (clause?.isTypeOnly) continue
      const named = clause?.namedBindings
      if (
        clause &&
        !clause.name &&
        named &&
        ts.isNamedImports(named) &&
        named.elements.every((element) => element.isTypeOnly)
      )
        continue
    }
    const base = path.join(path.dirname(file), specifier.text).split(path.sep).join('/')
    found.push(base)
  }
  return found
}

const FORMATS = /^src\/core\/wire\/formats\//
const all = ['src', 'main'].flatMap(sources)
const known = new Set(all)
const resolve = (base: string): string | undefined =>
  [base, `${base}.ts`, `${base}/index.ts`].find((file) => known.has(file))
const graph = new Map(all.map((file) => [file, runtimeImports(file).flatMap((base) => resolve(base) ?? [])]))

test('the graph covers the product', () => {
  expect(all.length).toBeGreaterThan(50)
  expect(graph.get('src/core/machine.ts')).toContain('src/core/kernel/kernel.ts')
})

test('no file imports itself around a corner', () => {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file)
    if (at >= 0) cycles.push([...trail.slice(at), file].join(' -> '))
    if (at >= 0 || done.has(file)) return
    for (const next of graph.get(file) ?? []) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of all) visit(file, [])
  expect(cycles).toEqual([])
})

test('core reaches nothing but core', () => {
  for (const [file, imports] of graph)
    if (file.startsWith('src/core/')) expect(imports.filter((target) => !target.startsWith('src/core/'))).toEqual([])
})

test('formats of the wire reach nothing but themselves: every side of the program reads them', () => {
  for (const [file, imports] of graph)
    if (FORMATS.test(file)) expect(imports.filter((target) => !FORMATS.test(target))).toEqual([])
})

test('the host reaches neither core nor scripts: it reads shared memory by data', () => {
  const outside = (file: string): string[] =>
    (graph.get(file) ?? []).filter((target) => /^src\/(core|script|worker)\//.test(target) && !FORMATS.test(target))
  for (const file of all)
    if (/^src\/(host|cli|debug|shared)\/|^main\//.test(file)) expect([file, outside(file)]).toEqual([file, []])
})
