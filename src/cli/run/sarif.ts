import { parameterLines } from '../../shared/bugcheck-text'
import type { BugcheckReport, NoteReport, RunReport, SourceLocation, ViolationReport } from '../../shared/report'
import type { RuleTexts } from './rule-texts'

type Place = Pick<SourceLocation, 'file' | 'line' | 'column'> & { readonly function?: string }

interface Finding {
  readonly rule: string
  readonly level: 'error' | 'warning'
  readonly message: string
  readonly place: Place
  readonly related: readonly { readonly what: string; readonly place: Place }[]
  readonly stack: readonly SourceLocation[]
  readonly count?: number
  /** The reason that stands in the script. */
  readonly accepted?: string | undefined
}

/** Rule ids for what is no rule of the driver interface. */
const LEAK = 'leak'
const RUN_ERROR = 'run-error'

/**
 * The findings of a run as SARIF 2.1.0 (OASIS, section numbers below are the standard's).
 *
 * @param uriOf turns a file of the driver into the URI to name in the result, relative to where the run was started.
 */
export function sarif(
  report: RunReport,
  { version, rules: texts }: { readonly version: string; readonly rules: RuleTexts },
  uriOf: (file: string) => string,
): string {
  const findings = [
    ...report.violations.map(violationFinding),
    ...(report.bugcheck ? [bugcheckFinding(report.bugcheck)] : []),
    ...leakFindings(report),
    ...errorFinding(report),
  ]
  const rules = [...new Set(findings.map((finding) => finding.rule))]
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'ndis-workbench', semanticVersion: version, rules: rules.map((id) => descriptor(id, texts)) },
        },
        // 3.20: a run that found violations executed successfully; one that could not load did not.
        invocations: [
          {
            executionSuccessful: report.outcome !== 'error',
            toolExecutionNotifications: report.notes.map((note) => notification(note, uriOf)),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => result(finding, rules.indexOf(finding.rule), uriOf)),
        properties: { seed: report.seed, traceHash: report.traceHash, outcome: report.outcome, broken: report.broken },
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** 3.49; findings that are no rules of the driver interface have a name only. */
function descriptor(id: string, texts: RuleTexts) {
  const text = texts.get(id)
  if (!text) return { id }
  return {
    id,
    shortDescription: { text: text.meaning },
    fullDescription: { text: `${text.meaning} ${text.why}` },
    help: { text: text.mend },
  }
}

/** 3.58: what a person should know and what is no result. */
const notification = (note: NoteReport, uriOf: (file: string) => string) => ({
  descriptor: { id: note.code },
  level: 'note',
  message: { text: note.message },
  locations: [location(note, uriOf)],
})

/** 3.35: an accepted finding is suppressed in the source; 3.27.23: what is not suppressed says so with an empty list. */
const suppressions = (accepted: string | undefined) =>
  accepted === undefined ? [] : [{ kind: 'inSource', status: 'accepted', justification: accepted }]

function result(finding: Finding, ruleIndex: number, uriOf: (file: string) => string) {
  const stack = finding.stack.filter((frame) => frame.file)
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: finding.level,
    message: { text: finding.message },
    ...(finding.count !== undefined && { occurrenceCount: finding.count }),
    suppressions: suppressions(finding.accepted),
    locations: finding.place.file ? [location(finding.place, uriOf)] : [],
    ...(finding.related.length > 0 && {
      relatedLocations: finding.related.map(({ what, place }, id) => ({
        id,
        ...location(place, uriOf),
        message: { text: what },
      })),
    }),
    ...(stack.length > 0 && {
      stacks: [
        { message: { text: 'call stack' }, frames: stack.map((frame) => ({ location: location(frame, uriOf) })) },
      ],
    }),
  }
}

/** 3.28; a region's lines and columns start at 1, so an unknown one is left out. */
function location(place: Place, uriOf: (file: string) => string) {
  const region = {
    ...(place.line > 0 && { startLine: place.line }),
    ...(place.column > 0 && { startColumn: place.column }),
  }
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(place.file) }, ...(place.line > 0 && { region }) },
    ...(place.function && { logicalLocations: [{ name: place.function, kind: 'function' }] }),
  }
}

function violationFinding(violation: ViolationReport): Finding {
  const related = [
    { what: 'allocated here', place: violation.allocatedAt },
    { what: 'freed here', place: violation.freedAt },
    { what: 'acquired here', place: violation.acquiredAt },
    ...(violation.related ?? []).map(({ text, place }) => ({ what: text, place })),
  ].flatMap(({ what, place }) => (place?.file ? [{ what, place }] : []))
  const { rule, message, stack, count, accepted } = violation
  return { rule, level: 'error', message, place: violation, related, stack, count, accepted }
}

function bugcheckFinding(bugcheck: BugcheckReport): Finding {
  const { name, stack, analysis } = bugcheck
  const next = analysis.sections.find(({ id }) => id === 'next')?.lines.map(({ text }) => text) ?? []
  const message = [bugcheck.message, ...parameterLines(analysis), ...next].join('\n')
  return { rule: name, level: 'error', message, place: bugcheck, related: [], stack }
}

function leakFindings(report: RunReport): Finding[] {
  return report.leaks.map((leak) => ({
    rule: LEAK,
    level: 'error',
    message: `${leak.count} x ${leak.kind} (${leak.bytes} bytes) allocated here and not freed when the driver was unloaded`,
    place: { file: leak.file, line: leak.line, column: 0 },
    related: [],
    stack: leak.stack,
    accepted: leak.accepted,
  }))
}

function errorFinding({ error }: RunReport): Finding[] {
  if (!error) return []
  const place = { file: error.file ?? '', line: error.line ?? 0, column: error.column ?? 0 }
  return [{ rule: RUN_ERROR, level: 'error', message: error.message, place, related: [], stack: [] }]
}
