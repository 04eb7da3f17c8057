/** Drivers of a few lines: what they import need not be written. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { SCALARS } from '../../src/script/cells'
import { HELPER_NAMES } from '../../src/script/interface'
import { typeNames } from '../../src/script/names'
import { tables } from '../../src/script/tables'

/** What cases need beside themselves; drivers that do nothing but what they must are those that the faulty examples stand on. */
const FOLDERS = ['drivers', '../../examples/bugs/parts'].map((folder) => path.join(import.meta.dirname, folder))
const MODULES = Object.fromEntries(
  FOLDERS.flatMap((folder) =>
    readdirSync(folder).map((file) => [file, readFileSync(path.join(folder, file), 'utf8')] as const),
  ),
)
/** Where each name that needs no import comes from. */
const SOURCES = new Map<string, string>([
  ...[
    ...Object.keys(tables.constants),
    ...Object.keys(SCALARS),
    ...tables.structs.keys(),
    ...HELPER_NAMES,
    ...tables.api.flatMap((entry) => (entry.kind === 'callback' ? [] : [entry.name])),
  ].map((name) => [name, 'ndis'] as const),
  ...Object.entries(MODULES).flatMap(([file, text]) =>
    [...text.matchAll(/^export (?:const|let|function) (\w+)/gm)].map(
      ([, name]) => [name!, `./${path.basename(file, '.ts')}`] as const,
    ),
  ),
])

/** The driver of a case: its imports in one line, then its text. */
function driverText(script: string): string {
  if (/^import /m.test(script)) return script
  const words = new Set(script.match(/\b[A-Za-z_]\w*\b/g))
  const from = new Map<string, string[]>()
  for (const word of words) {
    const source = SOURCES.get(word)
    const declared = new RegExp(`\\b(?:const|let|function) ${word}\\b`).test(script)
    if (source && !declared && !(source === 'ndis' && typeNames.has(word) && !isValue(word)))
      from.set(source, [...(from.get(source) ?? []), word])
  }
  const imports = [...from].map(([source, names]) => `import { ${names.join(', ')} } from '${source}'`).join('; ')
  const body = /^export /m.test(script) ? script : `export function DriverEntry() {\n${script}\nreturn 0\n}`
  return `${imports}\n${body}\n`
}
const isValue = (name: string): boolean => tables.structs.has(name) || Object.hasOwn(SCALARS, name)

/**
 * The files of a driver, 'driver.ts' the entry. `script`: statements of DriverEntry, or a whole module when it exports
 * something. Names of 'ndis', of test/conformance/drivers and of examples/bugs/parts need no import (a module with imports of
 * its own has them all): one line in front brings them, so that the first line of a module is line 2, of statements line 3.
 */
export const shortDriver = (script: string): Readonly<Record<string, string>> => ({
  'driver.ts': driverText(script),
  ...MODULES,
})
