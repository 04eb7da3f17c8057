import type { LeakReport, RunReport } from '../../shared/report'

interface Case {
  readonly name: string
  readonly failure?: { readonly type: string; readonly message: string; readonly place: string }
  /** What a passed case has to say. */
  readonly out?: string
}

/** The run as JUnit XML: one suite a driver, one case each for loading, rules, bugchecks and leaks, more where one fails often. */
export function junit(report: RunReport): string {
  const cases = casesOf(report)
  const failures = cases.filter((entry) => entry.failure).length
  const seconds = (report.wallMs / 1000).toFixed(3)
  const totals = `tests="${cases.length}" failures="${failures}" errors="0" time="${seconds}"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${totals}>
  <testsuite name="${escape(report.driver)}" ${totals} skipped="0">
    <properties>
      <property name="seed" value="${report.seed}"/>
      <property name="traceHash" value="${escape(report.traceHash)}"/>
    </properties>
${cases.map((entry) => caseXml(report.driver, entry)).join('\n')}
    <system-out>${escape(report.output.join('\n'))}</system-out>
  </testsuite>
</testsuites>
`
}

function casesOf(report: RunReport): Case[] {
  const { error, bugcheck } = report
  if (error) return [{ name: 'runs', failure: { type: error.code, message: error.message, place: placeOf(error) } }]
  const broken = report.violations.map((violation) => {
    const { rule, message, count, accepted } = violation
    const place = placeOf(violation)
    return verdict(`rule ${rule} at ${place}`, { type: rule, message: `${message}${times(count)}`, place }, accepted)
  })
  const leaked = report.leaks.map((leak) => {
    const place = placeOf(leak)
    const message = `${leak.count} x ${leak.kind}, ${leak.bytes} bytes`
    return verdict(`leak at ${place}`, { type: 'leak', message, place: stackOf(leak) }, leak.accepted)
  })
  const crash = bugcheck && { type: bugcheck.name, message: bugcheck.message, place: placeOf(bugcheck) }
  return [
    { name: 'runs' },
    ...(broken.length > 0 ? broken : [{ name: 'keeps the rules' }]),
    { name: 'no bugcheck', ...(crash && { failure: crash }) },
    ...(leaked.length > 0 ? leaked : [{ name: 'no leaks' }]),
  ]
}

const times = (count: number): string => (count > 1 ? ` (${count} times)` : '')

/** What the script accepts passes, and says why. */
const verdict = (name: string, failure: NonNullable<Case['failure']>, accepted: string | undefined): Case =>
  accepted === undefined ? { name, failure } : { name, out: `accepted: ${accepted}\n${failure.message}` }

const placeOf = ({ file, line }: { file?: string; line?: number }) => (file ? `${file}:${line ?? 0}` : 'unknown place')

/** Where it was allocated, and the callers, one a line. */
const stackOf = (leak: LeakReport): string => [placeOf(leak), ...leak.stack.slice(1).map(placeOf)].join('\n')

function caseXml(driver: string, { name, failure, out }: Case): string {
  const open = `    <testcase classname="${escape(driver)}" name="${escape(name)}"`
  if (out !== undefined)
    return `${open}>
      <system-out>${escape(out)}</system-out>
    </testcase>`
  if (!failure) return `${open}/>`
  const { type, message, place } = failure
  return `${open}>
      <failure type="${escape(type)}" message="${escape(message)}">${escape(`${place}\n${message}`)}</failure>
    </testcase>`
}

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
  "'": '&apos;',
}

/** XML 1.0 has no way to write most control characters, not even escaped; they become U+FFFD. */
function escape(text: string): string {
  return text
    .replace(/[<>&"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/\p{Surrogate}/gu, '\ufffd')
}
