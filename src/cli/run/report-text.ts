import {
  isOpen,
  type BugcheckReport,
  type LeakReport,
  type NoteReport,
  type RunReport,
  type SourceLocation,
  type ViolationReport,
} from '../../shared/report'
import { analysisLines, parameterLines } from '../../shared/bugcheck-text'
import { excerptLines } from '../../shared/memory-excerpt'
import { codeFrame } from './code-frame'
import { counted } from './counted'
import { faultLines } from './fault-lines'
import { lockLines } from './lock-text'
import type { RuleTexts } from './rule-texts'
import { printable, type Style } from './style'

export interface ReportContext {
  readonly style: Style
  /** Source text of a file of the driver. */
  text(file: string): string | undefined
  /** How a file of the driver is named from where the person stands, so that a terminal can open it. */
  name(file: string): string
  readonly rules: RuleTexts
  /** Show how the locks were used. */
  readonly locks?: boolean
}

type Place = Pick<SourceLocation, 'file' | 'line' | 'column'>

const IRQL_NAMES = new Map([
  [0, 'PASSIVE_LEVEL'],
  [1, 'APC_LEVEL'],
  [2, 'DISPATCH_LEVEL'],
])
const irqlName = (irql: number) => IRQL_NAMES.get(irql) ?? `DIRQL ${irql}`

/** A line of the driver's debug output, as it is printed while the driver runs. */
export const outputLine = (line: string): string => `  ${printable(line.trimEnd())}`

/** The report of one run for people, without its output, which was printed as it came; ends with one summary line. */
export function reportText(report: RunReport, context: ReportContext): string {
  const parts = [
    ...block(faultLines(report, context.name, context.style)),
    ...block(accepted(report).map((finding) => acceptedText(finding, context))),
    ...report.violations.filter(isOpen).map((violation) => violationText(violation, context)),
    ...(report.bugcheck ? [bugcheckText(report.bugcheck, context)] : []),
    ...report.leaks.filter(isOpen).map((leak) => leakText(leak, context)),
    ...(report.error ? [errorText(report.error, context)] : []),
    ...block(report.notes.map((note) => noteText(note, context))),
    ...block(context.locks ? lockLines(report, { name: context.name, time: virtualTime }) : []),
    summary(report, context.style),
  ]
  return `${report.output.length > 0 ? '\n' : ''}${parts.join('\n\n')}\n`
}

/** Lines that belong together; nothing when there are none. */
const block = (lines: readonly string[]): string[] => (lines.length > 0 ? [lines.join('\n')] : [])

interface Accepted {
  readonly what: string
  readonly place: Place
  readonly reason: string
}

/** What the script accepts, in the order of the report. */
const accepted = ({ violations, leaks }: RunReport): Accepted[] => [
  ...violations.flatMap(({ rule, count, accepted: reason, ...place }) =>
    reason === undefined ? [] : [{ what: `${rule}${times(count)}`, place, reason }],
  ),
  ...leaks.flatMap(({ kind, count, accepted: reason, file, line }) =>
    reason === undefined ? [] : [{ what: `leak of ${count} x ${kind}`, place: { file, line, column: 0 }, reason }],
  ),
]

/** One line: it is counted, and nobody need look at it. */
const acceptedText = ({ what, place, reason }: Accepted, context: ReportContext): string =>
  context.style.dim(`accepted  ${what} at ${placeName(place, context)}: ${printable(reason)}`)

const noteText = (note: NoteReport, context: ReportContext): string =>
  `${context.style.yellow('NOTE')}  ${placeText(note, context)}  ${printable(note.message)}`

const times = (count: number): string => (count > 1 ? `, ${count} times` : '')

function violationText(violation: ViolationReport, context: ReportContext): string {
  const { style } = context
  const lines = [
    `${style.red(style.bold(`VIOLATION ${violation.rule}`))}  ${style.dim(circumstances(violation) + times(violation.count))}`,
    `  ${printable(violation.message)}`,
    `  ${placeText(violation, context)}${violation.function ? ` in ${violation.function}` : ''}`,
    frameText(violation, context),
  ]
  lines.push(...callersOf(violation).map((place) => `  called from ${callerText(place, context)}`))
  if (violation.object) lines.push(`  ${objectText(violation.object)}`)
  const related = {
    'allocated at': violation.allocatedAt,
    'freed at': violation.freedAt,
    'acquired at': violation.acquiredAt,
  }
  for (const [what, where] of Object.entries(related))
    if (where) lines.push(`  ${what} ${placeText(where, context)}${where.function ? ` in ${where.function}` : ''}`)
  for (const { text, place } of violation.related ?? [])
    lines.push(`  ${printable(text)}: ${callerText(place, context)}`)
  if (violation.memory) lines.push(...excerptLines(violation.memory).map((line) => `    ${line}`))
  const mend = context.rules.get(violation.rule)?.mend
  if (mend) lines.push(`  mend: ${mend}`)
  return lines.filter(Boolean).join('\n')
}

/** How the driver came to the place that is blamed, where that is the innermost frame. */
function callersOf({ stack, file, line }: ViolationReport): readonly SourceLocation[] {
  const [first, ...callers] = stack
  return first?.file === file && first.line === line ? callers : []
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`

/** What the violation is about, and where in it. */
function objectText({ kind, address, size, offset }: NonNullable<ViolationReport['object']>): string {
  const past = offset - size
  const where =
    offset < 0
      ? `${counted(-offset, 'byte')} in front of it`
      : past > 0
        ? `${counted(past, 'byte')} behind its end`
        : past === 0
          ? 'right behind its end'
          : `at offset ${offset}`
  return `object ${kind} at ${hex(address)}, ${counted(size, 'byte')}: ${where}`
}

function bugcheckText(bugcheck: BugcheckReport, context: ReportContext): string {
  const { style } = context
  return [
    `${style.red(style.bold(`BUGCHECK ${hex(bugcheck.code)} ${bugcheck.name}`))}  ${style.dim(circumstances(bugcheck))}`,
    `  ${printable(bugcheck.message)}`,
    `  ${placeText(bugcheck, context)}`,
    frameText(bugcheck, context),
    '  parameters',
    ...parameterLines(bugcheck.analysis).map((line) => `    ${line}`),
    ...analysisLines(bugcheck.analysis, (place) => placeText(place, context)).map((line) => `  ${printable(line)}`),
  ]
    .filter(Boolean)
    .join('\n')
}

function leakText(leak: LeakReport, context: ReportContext): string {
  const { style } = context
  const tag = leak.tag ? `, tag '${printable(leak.tag)}'` : ''
  const frame = frameText({ ...leak, column: 0 }, context)
  return [
    `${style.yellow(style.bold(`LEAK ${leak.count} x ${leak.kind}`))}  ${leak.bytes} bytes${tag}, still allocated after unload`,
    `  allocated at ${placeText({ ...leak, column: 0 }, context)}`,
    frame,
    ...leak.stack.slice(1).map((place) => `  called from ${callerText(place, context)}`),
  ]
    .filter(Boolean)
    .join('\n')
}

function errorText(error: NonNullable<RunReport['error']>, context: ReportContext): string {
  const { style } = context
  const head = style.red(style.bold(`ERROR ${error.code}`))
  if (error.file === undefined || error.line === undefined) return `${head}  ${printable(error.message)}`
  const place = { file: error.file, line: error.line, column: error.column ?? 0 }
  return [`${head}  ${placeText(place, context)}`, `  ${printable(error.message)}`, frameText(place, context)]
    .filter(Boolean)
    .join('\n')
}

const frameText = (place: Place, { text, style }: ReportContext) =>
  codeFrame(text(place.file), place.line, place.column, style)
    .split('\n')
    .map((line) => (line ? `    ${line}` : line))
    .join('\n')

function placeName(place: Place, { name }: ReportContext): string {
  if (!place.file) return 'no single line of the driver'
  return [name(place.file), place.line, ...(place.column > 0 ? [place.column] : [])].join(':')
}
const placeText = (place: Place, context: ReportContext): string =>
  place.file ? context.style.bold(placeName(place, context)) : placeName(place, context)

const callerText = (place: SourceLocation, context: ReportContext) =>
  `${placeText(place, context)}${place.function ? ` in ${place.function}` : ''}`

const circumstances = ({ cpu, irql, timeNs }: { cpu: number; irql: number; timeNs: number }) =>
  `CPU ${cpu}, ${irqlName(irql)}, at ${virtualTime(timeNs)}`

function virtualTime(ns: number): string {
  if (ns < 1_000) return `${ns} ns`
  if (ns < 1_000_000) return `${(ns / 1_000).toFixed(1)} µs`
  return ns < 1_000_000_000 ? `${(ns / 1_000_000).toFixed(2)} ms` : `${(ns / 1_000_000_000).toFixed(3)} s`
}

function summary(report: RunReport, style: Style): string {
  const facts = [
    `seed ${report.seed}`,
    counted(report.calls, 'call'),
    counted(report.events, 'event'),
    ...framesOf(report),
    `${virtualTime(report.virtualTimeNs)} virtual`,
    ...(report.traceHash ? [`traceHash ${report.traceHash}`] : []),
    `${Math.round(report.wallMs)} ms`,
  ]
  return `${verdict(report, style)}  ${style.dim(facts.join(' · '))}`
}

function framesOf({ frames: { sent, received, dropped } }: RunReport): string[] {
  return sent + received + dropped === 0 ? [] : [`frames ${sent} sent, ${received} received, ${dropped} dropped`]
}

function verdict(report: RunReport, style: Style): string {
  if (report.outcome === 'error') return style.red('did not run to its end')
  const open = report.violations.filter(isOpen)
  const repeated = open.reduce((sum, { count }) => sum + count, 0)
  const leaked = report.leaks.filter(isOpen).reduce((sum, leak) => sum + leak.count, 0)
  const unlisted = report.broken - report.violations.reduce((sum, { count }) => sum + count, 0)
  const found = [
    ...(report.bugcheck ? ['bugcheck'] : []),
    ...(open.length > 0
      ? [counted(open.length, 'violation') + (repeated > open.length ? ` (${repeated} times)` : '')]
      : []),
    ...(unlisted > 0 ? [`${unlisted} more not listed`] : []),
    ...(leaked > 0 ? [counted(leaked, 'leak')] : []),
  ]
  const finding = found.length === 0 ? style.green('clean') : style.red(found.join(', '))
  const { length } = accepted(report)
  return length > 0 ? `${finding}, ${length} accepted` : finding
}
