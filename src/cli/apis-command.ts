import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { findProduct } from '../host/product'
import { parseCommandLine } from './arguments'
import { UsageError, type CliIo, type ExitCode } from './io'

const HELP = `ndis-workbench apis [NAME]: the functions, macros and callbacks of the driver interface

  NAME            only those whose name contains it; '*' stands for anything
  --implemented   only what this version implements
  --missing       only what it does not implement yet
  --untested      only what it implements and no spec names
  --json          as JSON
`

/** What is read of an entry of out/data/api.json; the rest passes through. */
const entrySchema = z.looseObject({
  name: z.string(),
  kind: z.enum(['function', 'macro', 'callback']),
  category: z.string(),
  irql: z.string().nullable(),
  versions: z.object({ min: z.string(), max: z.string().optional() }),
  rules: z.array(z.string()),
  implemented: z.boolean(),
  spec: z.string().nullable(),
})
type Entry = z.infer<typeof entrySchema>

export async function apisCommand(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { values, positionals } = parseCommandLine('apis', args, {
    json: { type: 'boolean' },
    implemented: { type: 'boolean' },
    missing: { type: 'boolean' },
    untested: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  })
  if (values.help) {
    io.out(HELP)
    return 0
  }
  if (values.implemented && values.missing) throw new UsageError('--implemented and --missing exclude each other')
  const wanted = nameTest(positionals)
  const all = await readEntries(path.join(findProduct(import.meta.url).data, 'api.json'))
  const entries = all.filter(
    (entry) =>
      wanted(entry.name) &&
      !(values.implemented && !entry.implemented) &&
      !(values.missing && entry.implemented) &&
      !(values.untested && (!entry.implemented || entry.spec !== null)),
  )
  if (entries.length === 0 && values.untested && positionals.length === 0) {
    io.out(values.json ? '[]\n' : 'everything that is implemented is tested\n')
    return 0
  }
  if (entries.length === 0) throw new UsageError(`no entry of the interface is called ${positionals.join(' or ')}`)
  io.out(values.json ? `${JSON.stringify(entries, null, 2)}\n` : table(entries))
  return 0
}

async function readEntries(file: string): Promise<readonly Entry[]> {
  return z.array(entrySchema).parse(JSON.parse(await readFile(file, 'utf8')))
}

function nameTest(names: readonly string[]): (name: string) => boolean {
  if (names.length === 0) return () => true
  const escaped = names.map((name) => name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*'))
  const pattern = new RegExp(escaped.map((name, at) => (names[at]?.includes('*') ? `^${name}$` : name)).join('|'), 'i')
  return (name) => pattern.test(name)
}

const versionsText = ({ min, max }: Entry['versions']) => (max === undefined ? `${min}+` : `${min} to ${max}`)

/** Columns as wide as their widest cell. */
function table(entries: readonly Entry[]): string {
  const rows = [
    ['', 'NAME', 'KIND', 'CATEGORY', 'NDIS', 'IRQL', 'RULES', 'SPEC'],
    ...entries.map((entry) => [
      entry.implemented ? '✓' : '-',
      entry.name,
      entry.kind,
      entry.category,
      versionsText(entry.versions),
      entry.irql ?? 'not documented',
      entry.rules.join(' '),
      entry.spec ?? '-',
    ]),
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const done = entries.filter((entry) => entry.implemented).length
  return `${lines.join('\n')}\n\n${done} of ${entries.length} implemented\n`
}
