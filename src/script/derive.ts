/** What is derived from the tables: declarations for TypeScript, data for hosts and front ends, the coverage page. */
import { DIFFERENCES } from '../core/kernel/platform.table'
import { STRUCTS } from '../core/memory/structs'
import { API, type ApiEntry } from '../core/ndis/api'
import { createMachine } from '../core/machine'
import { NIC_TABLES } from '../core/nic/nic-tables'
import { HELPER_NAMES } from './interface'
import { dts } from './dts'
import { bugchecksMarkdown } from './bugchecks-page'
import { nicPages } from './nic-page'
import { rulesJson, rulesMarkdown } from './rules-page'
import { testedBy } from './tested-by'
import { watchedBy } from './watched'

export { dts }

const isCallable = (entry: ApiEntry): boolean => entry.kind !== 'callback'

/** Names of everything callable that this product emulates. */
export function implementedNames(): ReadonlySet<string> {
  return new Set([...Object.keys(createMachine({ log: false, rules: false }).functions), ...HELPER_NAMES])
}

/**
 * The API table as JSON: an array in API number order, each entry with `implemented` (callbacks are not calls: false) and
 * `spec`, the path of the spec that tests it, null when none names it.
 */
export const apiJson = (implemented: ReadonlySet<string>, tested: ReadonlyMap<string, string>): string =>
  JSON.stringify(
    API.map((entry) => ({
      ...entry,
      implemented: isCallable(entry) && implemented.has(entry.name),
      spec: tested.get(entry.name) ?? null,
    })),
  )

/** The struct tables as JSON: an array, NDIS's own records included. */
export const structsJson = (): string => JSON.stringify([...STRUCTS.values()])

/** The register maps of the NICs as JSON: an array of NicTable. */
export const nicsJson = (): string => JSON.stringify(Object.values(NIC_TABLES))

const percent = (part: number, whole: number): string => `${whole === 0 ? 0 : Math.floor((100 * part) / whole)} %`

/** The coverage page of docs: by category, what is emulated and what is not, by name. */
export function coverageMarkdown(implemented: ReadonlySet<string>, tested: ReadonlyMap<string, string>): string {
  const calls = API.filter(isCallable)
  const done = calls.filter((entry) => implemented.has(entry.name))
  const categories = [...new Set(calls.map((entry) => entry.category))].sort()
  const rows = categories.map((category) => {
    const all = calls.filter((entry) => entry.category === category)
    const part = all.filter((entry) => implemented.has(entry.name)).length
    return `| ${category} | ${part} | ${all.length} | ${percent(part, all.length)} |`
  })
  const list = (entries: readonly ApiEntry[]): string =>
    entries.map((entry) => `- \`${entry.name}\`: ${entry.summary}`).join('\n')
  const emulated = done.map(
    ({ name, summary }) => `| \`${name}\` | ${summary.replaceAll('|', '\\|')} | ${tested.get(name) ?? ''} |`,
  )
  const missing = calls.filter((entry) => !implemented.has(entry.name))
  return [
    '# Coverage of the driver interface',
    `${done.length} of ${calls.length} functions and macros are emulated (${percent(done.length, calls.length)}). A call of any other stops the run and names it.`,
    ['| category | emulated | all | |', '| --- | ---: | ---: | ---: |', ...rows].join('\n'),
    '## Emulated',
    ['| function | what it does | spec |', '| --- | --- | --- |', ...emulated].join('\n'),
    '## Not emulated yet',
    list(missing),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The page of docs about the platforms: what `--platform ce` changes. */
export function platformsMarkdown(): string {
  const show = (value: number | boolean): string =>
    typeof value === 'boolean' ? (value ? 'yes' : 'no') : `0x${value.toString(16).padStart(8, '0')}`
  const rows = Object.values(DIFFERENCES).map(
    ({ about, nt, ce, source }) => `| ${about} | ${show(nt)} | ${show(ce)} | ${source} |`,
  )
  const marked = API.filter((entry) => entry.noSpinLock === 'ce').map((entry) => `\`${entry.name}\``)
  return [
    '# Windows NT and Windows CE',
    '`--platform nt` (the default) or `ce`, and the same choice in the run configuration, decide what follows.',
    ['| | nt | ce | documented in |', '| --- | --- | --- | --- |', ...rows].join('\n'),
    `Calls that demand on CE that no spin lock is held: ${marked.join(', ')}.`,
  ]
    .join('\n\n')
    .concat('\n')
}

/** Texts by path, from the folder of the project. */
export interface DeriveSources {
  readonly specs: ReadonlyMap<string, string>
  /** src/core without its specs. */
  readonly core: ReadonlyMap<string, string>
  /** test/rules/fixtures. */
  readonly fixtures: ReadonlyMap<string, string>
}

/** All derived files by name. */
export function derive({ specs, core, fixtures }: DeriveSources): Readonly<Record<string, string>> {
  const implemented = implementedNames()
  const tested = testedBy(specs)
  const watched = watchedBy(core, fixtures.values())
  return {
    'ndis.d.ts': dts(implemented),
    'api.json': apiJson(implemented, tested),
    'structs.json': structsJson(),
    'coverage.md': coverageMarkdown(implemented, tested),
    'platforms.md': platformsMarkdown(),
    'nics.json': nicsJson(),
    'rules.json': rulesJson(watched),
    'bugchecks.md': bugchecksMarkdown(),
    'rules.md': rulesMarkdown(watched),
    ...nicPages(),
  }
}
