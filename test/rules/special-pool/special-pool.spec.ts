/** Every kind of object against every fault: caught, by which rule, where, and who allocated and freed it. */
import { describe, expect, test } from 'vitest'
import { shortDriver } from '../../conformance/short-driver'
import { runFixture } from '../run'
import { driverOf, FAULTS, type Cell } from './faults'
import { KINDS, type Kind } from './kinds.table'
import { createProbeDevice } from './probe-device'

const lineOf = (text: string, mark: string): number => text.split('\n').findIndex((line) => line.includes(mark)) + 1

function run(kind: Kind, cell: Cell) {
  const files = shortDriver(driverOf(kind, cell))
  const report = runFixture(files, {
    ...{ rule: cell.rule, fn: cell.fn, breaks: '', legal: '' },
    devices: [createProbeDevice],
  })
  return { text: files['driver.ts']!, report }
}

describe.each(KINDS)('$name', (kind) => {
  test.each(Object.entries(FAULTS))('%s', (_name, fault) => {
    const cell = fault(kind)
    if ('not' in cell) return void expect(cell.not.length).toBeGreaterThan(10)
    const { text, report } = run(kind, cell)
    expect(report.error).toBeUndefined()
    const like = report.violations.filter(({ rule, function: fn }) => rule === cell.rule && fn === cell.fn)
    const found = like.find(({ line }) => line === lineOf(text, '// <- here')) ?? like[0]
    const all = report.violations.map(({ rule, function: fn, line, message }) => `${rule} ${fn} ${line}: ${message}`)
    expect(found ? `${found.file}:${found.line}` : ['nothing but', report.bugcheck?.message, ...all].join('\n')).toBe(
      `driver.ts:${lineOf(text, '// <- here')}`,
    )
    const allowed = [cell.rule, ...(cell.also ?? [])]
    expect(
      report.violations.filter(({ rule }) => !allowed.includes(rule)).map(({ rule, message }) => `${rule} ${message}`),
    ).toEqual([])
    if (!found) return
    expect(found.allocatedAt?.line, found.message).toBe(lineOf(text, '// <- made'))
    expect(found.freedAt?.line, found.message).toBe(cell.freed ? lineOf(text, '// <- freed') : undefined)
    if (cell.offset === undefined) return
    const { kind: what, offset, size } = found.object ?? {}
    expect(`${what}, ${offset} of ${size}`).toBe(`${kind.object}, ${cell.offset} of ${kind.size}`)
    expect(found.memory?.kinds).toBeDefined()
  })
})
