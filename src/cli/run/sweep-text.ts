import type { SweepOutcome, SweepRating, SweepReport, SweepRow } from '../../shared/sweep'
import { counted } from './counted'
import { printable, type Style } from './style'

/** Columns of a row: readable on a terminal of 120. */
const WIDTH = { outcome: 8, function: 38, place: 42 } as const
const INDENT = ' '.repeat(WIDTH.outcome + 1)
const LONGEST_LINE = 120

/** How a file of the driver is named from where the person stands. */
type NameOf = (file: string) => string

const pad = (text: string, width: number): string => text.padEnd(width)
/** The end says more than the beginning. */
const tail = (text: string, width: number): string =>
  text.length <= width ? text : `…${text.slice(text.length - width + 1)}`

function placeOf({ place, stack }: SweepRow, name: NameOf): string {
  if (place.line === 0) return place.function
  const at = `${name(place.file)}:${place.line}`
  const fn = stack[0]?.function ?? place.function
  return fn && fn.length + at.length + 1 <= WIDTH.place ? `${fn} ${at}` : at
}

const painted = (outcome: SweepOutcome, { green, yellow, red }: Style): string => {
  const text = pad(outcome, WIDTH.outcome)
  return outcome === 'handled' ? green(text) : outcome === 'leaked' ? yellow(text) : red(text)
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  let line = INDENT
  for (const word of printable(text).split(' ')) {
    if (line.length + word.length + 1 > LONGEST_LINE && line.trim() !== '') {
      lines.push(line.trimEnd())
      line = INDENT
    }
    line += `${word} `
  }
  return [...lines, line.trimEnd()]
}

const findingLines = ({ rules, message }: SweepRating): string[] =>
  wrapped(`${rules.length > 0 ? `${rules.join(', ')}: ` : ''}${message}`)

function rowLines(row: SweepRow, name: NameOf, style: Style): string[] {
  const columns = `${pad(tail(row.function, WIDTH.function), WIDTH.function)} ${pad(tail(placeOf(row, name), WIDTH.place), WIDTH.place)}`
  const fits = INDENT.length + columns.length + 1 + row.option.length <= LONGEST_LINE
  const first = `${painted(row.outcome, style)} ${columns}${fits ? ` ${style.dim(row.option)}` : ''}`.trimEnd()
  const option = fits ? [] : [`${INDENT}${style.dim(row.option)}`]
  if (row.outcome === 'handled') return [first, ...option]
  const callers = row.stack.slice(1).map(({ function: fn, file, line }) => `${fn} ${name(file)}:${line}`)
  return [
    first,
    ...option,
    ...(callers.length > 0 ? wrapped(`called from ${callers.join(', ')}`) : []),
    ...findingLines(row),
  ]
}

/** What the driver does anyway, which the rows below do not repeat. */
const plainLines = (plain: SweepRating, style: Style): string[] => [
  `${painted(plain.outcome, style)} without any fault; what this run shows the rows below leave out`,
  ...findingLines(plain),
]

const WHAT = { allocations: 'call stacks that allocate', removal: 'points at which the hardware can go' } as const

/** The table of a sweep; ends with one line that sums it up. */
export function sweepText(report: SweepReport, name: NameOf, style: Style): string {
  if (report.error !== undefined) return `${style.red('nothing was swept')}: ${printable(report.error)}\n`
  const { rows, handled, plain } = report
  const facts = [
    `seed ${report.seed}`,
    `scenario ${report.scenario}`,
    counted(report.runs, 'run'),
    `${(report.wallMs / 1000).toFixed(1)} s`,
    ...(report.cancelled ? ['broken off'] : []),
  ]
  const counts = `${handled} of ${rows.length} ${WHAT[report.kind]} handled`
  const good = handled === rows.length && plain.outcome === 'handled' && !report.cancelled
  return [
    ...(plain.outcome === 'handled' ? [] : plainLines(plain, style)),
    ...rows.flatMap((row) => rowLines(row, name, style)),
    '',
    `${good ? style.green(counts) : style.red(counts)}  ${style.dim(facts.join(' · '))}`,
    '',
  ].join('\n')
}
