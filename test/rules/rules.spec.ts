/** Every rule: a driver that breaks it is caught with the right name, function, file and line; its near miss is silent. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { RULES } from '../../src/core/verifier/rules/index'
import { shortDriver } from '../conformance/short-driver'
import { findings } from '../examples/matrix'
import type { RuleFixture } from './fixture'
import { runFixture } from './run'

const MARK = '// <- here'
const FOLDER = path.join(import.meta.dirname, 'fixtures')

const load = async (file: string): Promise<readonly RuleFixture[]> =>
  ((await import(path.join(FOLDER, file))) as { readonly FIXTURES: readonly RuleFixture[] }).FIXTURES
const fixtures = (await Promise.all(readdirSync(FOLDER).map(load))).flat()

/** Of what a scenario sees no line is to blame. */
const NOWHERE = ':0'
/** The one place that is marked, as the report names it. */
function marked(files: Readonly<Record<string, string>>): string {
  const lines = files['driver.ts']!.split('\n')
  const places = lines.flatMap((text, index) => (text.includes(MARK) ? [`driver.ts:${index + 1}`] : []))
  expect(places).toHaveLength(1)
  return places[0]!
}

test('every rule has its fixture', () => {
  const names = new Set(fixtures.map(({ rule }) => rule))
  expect([...RULES.keys()].filter((name) => !names.has(name))).toEqual([])
  expect([...names].filter((name) => !RULES.has(name))).toEqual([])
})

describe.each(fixtures)('$rule', (fixture) => {
  const { rule, breaks, fn, also = [], bugcheck, legal } = fixture
  test(`is found in ${fn || 'what came of it'}`, () => {
    const files = shortDriver(breaks)
    const { violations, error, ...report } = runFixture(files, fixture)
    expect(error).toBeUndefined()
    const found = violations.find((violation) => violation.rule === rule)
    expect(found && `${found.rule} ${found.function} ${found.file}:${found.line}`).toBe(
      `${rule} ${fn} ${fn === '' ? NOWHERE : marked(files)}`,
    )
    expect(new Set(violations.map((violation) => violation.rule))).toEqual(new Set([rule, ...also]))
    expect(report.bugcheck?.name).toBe(bugcheck)
  })
  test('is not found where it is not broken', () => {
    expect(findings(runFixture(shortDriver(legal), fixture))).toEqual([])
  })
})
