/** SARIF and JUnit of whole runs, against the schemas: SARIF 2.1.0 as Microsoft ships it, JUnit XML as Jenkins takes it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import Ajv from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { howToGetXmllint, xmllint } from '../../scripts/xmllint.mjs'
import { junit } from '../../src/cli/run/junit'
import { sarif } from '../../src/cli/run/sarif'
import { RULES } from '../../src/core/verifier/rules/index'
import { loadDriver, LoadError } from '../../src/lib'
import { driverOf } from '../../src/script/test-driver'
import { emptyReport } from '../../src/shared/empty-report'
import type { RunReport } from '../../src/shared/report'

const NAMES =
  'NdisAllocateMemoryWithTag, NdisFreeMemory, NdisAllocateSpinLock, NdisAcquireSpinLock, NdisMSleep, NDIS_SPIN_LOCK, DbgPrint, bytes, storage, out'
const ALLOCATE = 'const p = out(0); NdisAllocateMemoryWithTag(p, 16, 0x31676154);'
const FREE = 'NdisFreeMemory(p.value, 16, 0)'

function run(statements: string): RunReport {
  try {
    return loadDriver(driverOf(NAMES, statements), { memoryBytes: 4 * 1024 * 1024 }).run()
  } catch (thrown) {
    if (thrown instanceof LoadError) return emptyReport('driver.ts', 1, thrown.toRunError())
    throw thrown
  }
}

/** Each kind of thing that a report can hold, made by a driver that does it. */
const REPORTS = {
  clean: run(`${ALLOCATE} ${FREE}; DbgPrint('done\\n')`),
  violations: run(`${ALLOCATE}
    const lock = storage(NDIS_SPIN_LOCK); NdisAllocateSpinLock(lock); NdisAcquireSpinLock(lock)
    bytes(p.value, 17)[16] = 1
    ${FREE}; for (let i = 0; i < 3; i++) ${FREE}
    DbgPrint('\\x1b[31m<&>"\\'\\u0000\\ud800\\n')`),
  bugcheck: run(`throw new Error('<out of "ideas" & time>')`),
  leaks: run(ALLOCATE),
  error: run('this is no driver'),
  accepted: run(`${ALLOCATE} // ndis-accept DV:LeakAtUnload: it "stays" <on purpose>
    const q = out(0); NdisAllocateMemoryWithTag(q, 16, 0x31676154); NdisFreeMemory(q.value, 16, 0)
    NdisFreeMemory(q.value, 16, 0) // ndis-accept DV:DoubleFree: a lesson
    NdisMSleep(1) // ndis-accept SpinLock: unused`),
} as const
type Kind = keyof typeof REPORTS
const KINDS = Object.keys(REPORTS) as Kind[]

interface Result {
  readonly ruleId: string
  readonly message: { readonly text: string }
  readonly occurrenceCount?: number
  readonly suppressions: readonly { readonly kind: string; readonly justification: string }[]
  readonly relatedLocations?: readonly unknown[]
}
interface Log {
  readonly runs: readonly [
    {
      readonly results: readonly Result[]
      readonly invocations: readonly {
        readonly executionSuccessful: boolean
        readonly toolExecutionNotifications: readonly { readonly descriptor: { readonly id: string } }[]
      }[]
    },
  ]
}

const SCHEMA = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json')
const sarifText = (kind: Kind): string =>
  sarif(REPORTS[kind], { version: '0.1.0', rules: RULES }, (file) => `drivers/${file}`)
const logOf = (kind: Kind) => JSON.parse(sarifText(kind)) as Log

describe('SARIF', () => {
  const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false })
  addFormats(ajv)
  const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, 'utf8')) as object)

  test('that is wrong is found by the schema', () => {
    const log = logOf('clean') as unknown as { runs: [{ results: unknown[] }] }
    log.runs[0].results.push({ ruleId: 7 })
    expect(validate(log)).toBe(false)
  })

  test.each(KINDS)('of a run with %s is valid', (kind) => {
    const isValid = validate(logOf(kind))
    expect(validate.errors ?? []).toEqual([])
    expect(isValid).toBe(true)
  })

  test('counts repetitions and names the other places', () => {
    const { results } = logOf('violations').runs[0]
    const doubleFree = results.find(({ ruleId }) => ruleId === 'DV:DoubleFree')
    expect(doubleFree).toMatchObject({ occurrenceCount: 3, suppressions: [] })
    expect(doubleFree?.relatedLocations).toHaveLength(2)
  })

  test('suppresses what the script accepts, with the reason; a note is no result', () => {
    const { results, invocations } = logOf('accepted').runs[0]
    const reasons = results.map(
      ({ ruleId, suppressions }) =>
        `${ruleId}: ${suppressions.map((one) => `${one.kind}, ${one.justification}`).join()}`,
    )
    expect(reasons.sort()).toEqual([
      'DV:DoubleFree: inSource, a lesson',
      'DV:LeakAtUnload: inSource, it "stays" <on purpose>',
      'leak: inSource, it "stays" <on purpose>',
    ])
    expect(invocations[0]).toMatchObject({
      executionSuccessful: true,
      toolExecutionNotifications: [{ descriptor: { id: 'accept-unused' } }],
    })
  })

  test('says that a run which could not begin was not successful', () => {
    expect(logOf('error').runs[0]).toMatchObject({
      invocations: [{ executionSuccessful: false }],
      results: [{ ruleId: 'run-error' }],
    })
  })
})

describe('JUnit', () => {
  const xsd = path.join(import.meta.dirname, 'junit.xsd')
  /** What xmllint has against a text; '' for nothing. */
  function faults(xml: string): string {
    const done = spawnSync(xmllint, ['--noout', '--schema', xsd, '-'], {
      input: xml,
      encoding: 'utf8',
      timeout: 30_000,
    })
    if (done.error) throw new Error(howToGetXmllint(), { cause: done.error })
    return done.status === 0 ? '' : done.stderr
  }
  const count = (xml: string, what: RegExp): number => [...xml.matchAll(what)].length

  test('that is wrong is found by the schema', () => {
    expect(faults(junit(REPORTS.clean).replace('<testcase ', '<testcase colour="red" '))).toMatch(/colour.*not allowed/)
  })

  test.each(KINDS)('of a run with %s is valid, and its totals are right', (kind) => {
    const xml = junit(REPORTS[kind])
    expect(faults(xml)).toBe('')
    const totals = `tests="${count(xml, /<testcase /g)}" failures="${count(xml, /<failure /g)}"`
    expect(count(xml, new RegExp(totals, 'g'))).toBe(2)
    expect(count(xml, /<failure /g) > 0).toBe(REPORTS[kind].outcome !== 'clean')
  })

  test('passes what the script accepts, and says why', () => {
    const xml = junit(REPORTS.accepted)
    expect(xml).toContain('failures="0"')
    expect(xml).toMatch(/name="rule DV:DoubleFree at driver.ts:\d+">\s*<system-out>accepted: a lesson\n/)
    expect(xml).toMatch(/name="leak at driver.ts:3">\s*<system-out>accepted: it &quot;stays&quot; &lt;on purpose&gt;\n/)
  })
})

test('the reports are what they are called', () => {
  const outcomes = Object.fromEntries(KINDS.map((kind) => [kind, REPORTS[kind].outcome]))
  expect(outcomes).toEqual({
    clean: 'clean',
    violations: 'violations',
    bugcheck: 'bugcheck',
    leaks: 'violations',
    error: 'error',
    accepted: 'clean',
  })
  const rules = REPORTS.violations.violations
  expect(rules.some(({ acquiredAt }) => acquiredAt)).toBe(true)
  expect(rules.some(({ object }) => object)).toBe(true)
})
