/** The parts of the API and struct tables ('app/data') that pickers show. The tables themselves are the host's. */

/** One thing that a call breakpoint can name. */
export interface Callable {
  readonly name: string
  readonly category: string
  readonly params: readonly string[]
  readonly summary: string
  readonly irql: string
  /** false: named for its types and documentation, but a run cannot call it yet. */
  readonly implemented: boolean
}

export interface StructName {
  readonly name: string
  readonly size: number
  /** Names of the types of its pointers, e.g. PNDIS_PACKET. */
  readonly pointerNames: readonly string[]
  readonly system: boolean
}

type Row = Readonly<Record<string, unknown>>

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Tables arrive as a list, or as an object keyed by name; what has no name is left out. */
const rows = (table: unknown): Row[] =>
  (Array.isArray(table) ? table : isRow(table) ? Object.values(table) : [])
    .filter(isRow)
    .filter((row) => text(row['name']))

const names = (value: unknown): string[] =>
  Array.isArray(value) ? value.map((entry: unknown) => (isRow(entry) ? text(entry['name']) : text(entry))) : []

export const callables = (api: unknown): Callable[] =>
  rows(api)
    .filter((row) => row['kind'] !== 'callback')
    .map((row) => ({
      name: text(row['name']),
      category: text(row['category']),
      params: names(row['params']),
      summary: text(row['summary']),
      irql: text(row['irql']),
      implemented: row['implemented'] !== false,
    }))

export const structNames = (structs: unknown): StructName[] =>
  rows(structs).map((row) => ({
    name: text(row['name']),
    size: Number(row['size']),
    pointerNames: names(row['pointerNames']),
    system: row['visibility'] === 'system',
  }))
