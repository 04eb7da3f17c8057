/**
 * The conformance suite: small drivers, grouped by the page of the documentation that says what they must see. Each runs
 * in this process through the library and in the real engine worker; both must end with the same report.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { HELPER_NAMES } from '../../src/script/interface'
import { tables } from '../../src/script/tables'
import { typeNames } from '../../src/script/names'
import { findProduct } from '../../src/host/product'
import { runToReport } from '../../src/host/session/engine-host'
import { loadDriver } from '../../src/lib'
import { SCALARS } from '../../src/script/cells'
import { DEFAULT_RUN_CONFIG, type RunConfig } from '../../src/shared/engine'
import type { RunReport } from '../../src/shared/report'

export interface Case {
  /** What the page says, in our words. */
  readonly says: string
  /**
   * Statements of DriverEntry, or a whole module when it exports something. Names of 'ndis', of test/conformance/drivers and of examples/bugs/parts
   * need no import (a module with imports of its own has them all): one line in front brings them, so that the first line of the script is line 2 (statements: line 3).
   */
  readonly script: string
  readonly config?: Partial<RunConfig>
  /** Lines of debug output; none when left out. */
  readonly output?: readonly string[]
  /** Rules that are broken, in their order; none when left out. */
  readonly violations?: readonly string[]
  /** Name of the bugcheck that ends the run. */
  readonly bugcheck?: string
  /** 'kind xcount' of what is left; nothing when left out. */
  readonly leaks?: readonly string[]
}
/** A page, or a group of pages about one thing, by its key: PV, DDI, NET, NT4, CE, WDM. */
export interface Page {
  readonly page: string
  readonly cases: readonly Case[]
}

/** Enough for every script, and quick to make. */
const MEMORY_BYTES = 8 * 1024 * 1024
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

function filesOf({ script }: Case): Record<string, string> {
  return { 'driver.ts': driverText(script), ...MODULES }
}
const configOf = ({ config }: Case): Partial<RunConfig> => ({ memoryBytes: MEMORY_BYTES, ...config })

function inProcess(one: Case): RunReport {
  return loadDriver(filesOf(one), { ...configOf(one), entry: 'driver.ts' }).run()
}
function inWorker(one: Case): Promise<RunReport> {
  const worker = findProduct(import.meta.url).engineWorker
  if (!existsSync(fileURLToPath(worker))) throw new Error('the engine worker is not built: run npm run build first')
  return runToReport({
    worker,
    config: { ...DEFAULT_RUN_CONFIG, ...configOf(one) },
    files: filesOf(one),
    entry: 'driver.ts',
    timeoutMs: 60_000,
  })
}

/** What a case may expect of a report. */
const outcomeOf = (report: RunReport) => ({
  output: report.output,
  violations: report.violations.map(({ rule }) => rule),
  bugcheck: report.bugcheck?.name,
  leaks: report.leaks.map(({ kind, count }) => `${kind} x${count}`),
  error: report.error,
})

/** Real time differs from run to run; nothing else may. */
const withoutRealTime = (report: RunReport): RunReport => ({ ...report, wallMs: 0 })

/** Declares the tests of these pages. */
export function conform(pages: readonly Page[]): void {
  for (const { page, cases } of pages)
    describe(page, () => {
      for (const one of cases)
        test.concurrent(one.says, async () => {
          const working = inWorker(one)
          const report = inProcess(one)
          const { output = [], violations = [], bugcheck, leaks = [] } = one
          expect(outcomeOf(report)).toEqual({ output, violations, bugcheck, leaks, error: undefined })
          expect(withoutRealTime(await working)).toEqual(withoutRealTime(report))
        })
    })
}
