import { describe, expect, test } from 'vitest'
import { DEFAULT_RUN_CONFIG, NO_STOPS } from '../shared/engine'
import type { RunReport } from '../shared/report'
import { Engine } from './engine'
import { tables } from './tables'
import { driverOf, runScript } from './test-driver'

const NAMES = 'NdisAllocateMemoryWithTag, NdisFreeMemory, NdisMSleep, out'
const ALLOCATE = `const p = out(0); NdisAllocateMemoryWithTag(p, 16, 0x31676154)`
/** The second call, in line 4, frees again. */
const doubleFree = (comment: string) =>
  driverOf(NAMES, `${ALLOCATE}; NdisFreeMemory(p.value, 16, 0)\nNdisFreeMemory(p.value, 16, 0) ${comment}`)

const accepted = ({ violations }: RunReport) => violations.map(({ rule, accepted: why }) => [rule, why])
const notes = (report: RunReport) => report.notes.map(({ code, line, message }) => `${line} ${code}: ${message}`)

describe('a place is accepted', () => {
  test('by a comment behind the code', () => {
    const report = runScript(doubleFree('// ndis-accept DV:DoubleFree: to see what comes of it'))
    expect(accepted(report)).toEqual([['DV:DoubleFree', 'to see what comes of it']])
    expect(report).toMatchObject({ outcome: 'clean', broken: 1, notes: [] })
  })

  test('by a comment alone above it, with others between them', () => {
    const report = runScript(
      driverOf(
        NAMES,
        `${ALLOCATE}; NdisFreeMemory(p.value, 16, 0)
        /* ndis-accept DV:DoubleFree: seen before */
        // and here it comes

        NdisFreeMemory(p.value, 16, 0)`,
      ),
    )
    expect(accepted(report)).toEqual([['DV:DoubleFree', 'seen before']])
    expect(report.outcome).toBe('clean')
  })

  test('for several rules, or all that a pattern fits', () => {
    const report = runScript(doubleFree('// ndis-accept SpinLock, DV:*: a lesson'))
    expect(accepted(report)).toEqual([['DV:DoubleFree', 'a lesson']])
    expect(notes(report)).toEqual([
      '4 accept-unused: SpinLock was not broken in line 4 in this run: if it never is, take this comment out',
    ])
  })

  test('where what leaks is allocated', () => {
    const report = runScript(driverOf(NAMES, `${ALLOCATE} // ndis-accept DV:LeakAtUnload: it is kept on purpose`))
    expect(report).toMatchObject({ outcome: 'clean', leaks: [{ accepted: 'it is kept on purpose' }], notes: [] })
  })

  test('for that line and rule only', () => {
    const report = runScript(
      driverOf(
        NAMES,
        `${ALLOCATE} // ndis-accept DV:DoubleFree: no\nNdisFreeMemory(p.value, 16, 0)\nNdisFreeMemory(p.value, 16, 0)`,
      ),
    )
    expect(report.outcome).toBe('violations')
    expect(accepted(report)).toEqual([['DV:DoubleFree', undefined]])
  })

  test('and stops nothing', () => {
    const engine = new Engine({
      config: DEFAULT_RUN_CONFIG,
      files: { 'driver.ts': doubleFree('// ndis-accept DV:DoubleFree: a lesson') },
      entry: 'driver.ts',
      tables,
      exceptionFilters: { ...NO_STOPS, breaks: true, violations: ['*'] },
    })
    expect(engine.run().outcome).toBe('clean')
    expect(engine.stopReason().kind).toBe('none')
  })

  test('with the same log as without', () => {
    const plain = runScript(doubleFree(''))
    expect(runScript(doubleFree('// ndis-accept DV:DoubleFree: a lesson')).traceHash).toBe(plain.traceHash)
  })
})

describe('a comment that accepts nothing is told about', () => {
  test('without a reason it does not hold', () => {
    const report = runScript(doubleFree('// ndis-accept DV:DoubleFree'))
    expect(report.outcome).toBe('violations')
    expect(notes(report)).toEqual([
      '4 accept-without-reason: DV:DoubleFree is not accepted here without a reason: write // ndis-accept RULE: why this is right here',
    ])
  })
  test('without a rule, or with one that there is not', () => {
    expect(notes(runScript(doubleFree('// ndis-accept: a lesson')))[0]).toMatch(/names no rule/)
    expect(notes(runScript(doubleFree('// ndis-accept DV:DoubelFree: a lesson')))[0]).toMatch(
      /there is no rule 'DV:DoubelFree'; did you mean DV:DoubleFree\?$/,
    )
  })
  test('unused, unless its rule is off or the run did not come to its end', () => {
    const unused = driverOf(NAMES, 'NdisMSleep(1) // ndis-accept SpinLock: never')
    expect(notes(runScript(unused))).toHaveLength(1)
    expect(notes(runScript(unused, { levels: { SpinLock: 'off' } }))).toEqual([])
    expect(notes(runScript(unused, { rules: false }))).toEqual([])
    const thrown = driverOf(NAMES, 'NdisMSleep(1) // ndis-accept SpinLock: never\nthrow new Error()')
    expect(runScript(thrown)).toMatchObject({ outcome: 'bugcheck', notes: [] })
  })
  test('and text that looks like one is none', () => {
    const report = runScript(
      driverOf(NAMES, `const text = '// ndis-accept SpinLock: x'; text.at(0)\nNdisMSleep(1) // see ndis-accept`),
    )
    expect(report.notes).toEqual([])
  })
})
