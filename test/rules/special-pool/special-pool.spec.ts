/** Every kind of object against every fault: caught, by which rule, where, and who allocated and freed it. */
import { describe, expect, test } from 'vitest'
import { reportText } from '../../../src/cli/run/report-text'
import { PLAIN } from '../../../src/cli/run/style'
import { excerptLines, excerptRows } from '../../../src/shared/memory-excerpt'
import type { RunReport } from '../../../src/shared/report'
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

/** The report of the violation alone, as the command line prints it. */
const printed = (report: RunReport, text: string, found: RunReport['violations'][number]): string =>
  reportText(
    { ...report, violations: [found], leaks: [], bugcheck: null },
    { style: PLAIN, text: () => text, name: (file) => file, rules: new Map() },
  )

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
    const lines = printed(report, text, found)
    expect(lines).toContain(`object ${kind.object} at 0x`)
    expect(lines).toContain(`allocated at driver.ts:${lineOf(text, '// <- made')}:`)
    if (cell.freed) expect(lines).toContain(`freed at driver.ts:${lineOf(text, '// <- freed')}:`)
    expect(lines).toMatch(/^ {4}> [0-9a-f]{8} .*\[[0-9a-f? ]+/m)
  })
})

/** What only some kinds have, and what more than one object is in. */
describe('beside the table', () => {
  const [, memory] = KINDS
  const cell = (body: string, more: Partial<Cell> = {}): Cell => ({
    ...{ body, blames: 'nothing', rule: '', fn: '' },
    ...more,
  })
  const found = (body: string, rule: string) => {
    const { text, report } = run(memory!, cell(body))
    const violation = report.violations.find((one) => one.rule === rule)
    expect(violation, report.violations.map(({ message }) => message).join('\n')).toBeDefined()
    return { text, report, violation: violation! }
  }
  const MAPPED = `NdisMAllocateMapRegisters(adapter, 0, NDIS_DMA_32BITS, 4, 1514)
const mdl = NdisAllocateMdl(adapter, at, size), Units = storage(NDIS_PHYSICAL_ADDRESS_UNIT, 4), Size = out()
NdisMStartBufferPhysicalMapping(adapter, mdl, 0, false, Units, Size)`

  test('a device writes to memory that is mapped for it and freed', () => {
    const { violation, text } = found(
      `${MAPPED}
NdisFreeMemory(at, size, 0) // <- freed
aim(at, 4)
WRITE_REGISTER_ULONG(Registers.value + 8, 2) // <- here`,
      'DV:SpecialPoolUseAfterFree',
    )
    expect(violation.message).toMatch(/^A write of 4 bytes by the device at .* at the start of the 24-byte block/)
    expect(violation).toMatchObject({ function: 'WRITE_REGISTER_ULONG', line: lineOf(text, '// <- here') })
    expect(violation.freedAt?.line).toBe(lineOf(text, '// <- freed'))
  })
  test('what was written after the free is found when the block is allocated again', () => {
    const { violation, text } = found(
      `NdisFreeMemory(at, size, 0) // <- freed
aim(at + 8, 4)
WRITE_REGISTER_ULONG(Registers.value + 8, 3)
for (let i = 0; i < 40; i++) {
NdisAllocateMemoryWithTag(Address, 0x10000, TAG)
NdisFreeMemory(Address.value, 0x10000, 0)
}
NdisAllocateMemoryWithTag(Address, size, TAG)
NdisFreeMemory(Address.value, size, 0)`,
      'DV:SpecialPoolUseAfterFree',
    )
    expect(violation.message).toMatch(/: 4 bytes of it .* the first one at offset 8\. .* when it is allocated again\.$/)
    expect(violation).toMatchObject({ function: 'NdisAllocateMemoryWithTag', line: lineOf(text, '// <- made') })
    expect(violation.freedAt?.line).toBe(lineOf(text, '// <- freed'))
  })
  test.each(['from', 'to'])('NdisCopyFromNetBufferToNetBuffer %s data that is freed', (way) => {
    const { violation, text } = found(
      `const pool = netBufferPool(0), Copied = out()
const mdl = NdisAllocateMdl(adapter, at, size), other = NdisAllocateMdl(adapter, Data, size)
const freed = NdisAllocateNetBuffer(pool, mdl, 0, size), live = NdisAllocateNetBuffer(pool, other, 0, size)
NdisFreeMemory(at, size, 0) // <- freed
NdisCopyFromNetBufferToNetBuffer(${way === 'to' ? 'freed, 0, 8, live' : 'live, 0, 8, freed'}, 0, Copied) // <- here`,
      'DV:SpecialPoolUseAfterFree',
    )
    expect(violation).toMatchObject({ function: 'NdisCopyFromNetBufferToNetBuffer', line: lineOf(text, '// <- here') })
    expect(violation.object).toMatchObject({ kind: 'pool memory', offset: 0, size: 24 })
    expect(violation.freedAt?.line).toBe(lineOf(text, '// <- freed'))
  })
  test('what is left at halt is told by the stacks that allocated it', () => {
    const { violation, text, report } = found(
      `function make() { NdisAllocateMdl(adapter, Data, 64) } // <- here
function often() { make(); make() } // <- often
function once() { make() } // <- once
often()
once()`,
      'NdisAllocateMdl',
    )
    expect(violation.message).toMatch(/^3 MDLs that NdisAllocateMdl gave for this adapter are still there/)
    expect(violation.line).toBe(lineOf(text, '// <- here'))
    expect(violation.related?.map((related) => [related.text, related.place.function])).toEqual([
      ['1 of them comes from here', 'often'],
      ['1 of them comes from here', 'often'],
      ['1 of them comes from here', 'once'],
    ])
    expect(printed(report, text, violation)).toContain(
      `1 of them comes from here: driver.ts:${lineOf(text, '// <- once')}:`,
    )
  })
  test('the bytes around an overrun show the guard', () => {
    const { violation } = found('bytes(at, 40)[28] = 1', 'DV:SpecialPoolOverrun')
    expect(violation.message).toMatch(/4 bytes past the end of the 24-byte block tagged 'DCBA'\.$/)
    const touched = excerptRows(violation.memory!).flatMap((row) => row.kinds.filter((_kind, i) => row.touched[i]))
    expect(touched).toEqual(['g'])
    expect(excerptLines(violation.memory!).at(-1)).toContain('g guard')
  })
  test('a range that runs out of a block is caught where it leaves', () => {
    const { violation } = found('NdisZeroMemory(at, 30)', 'DV:SpecialPoolOverrun')
    expect(violation.message).toMatch(/A write of 30 bytes .* which reaches right behind the end of /)
  })
  test('one allocating line through two callers is two leaks', () => {
    const { report } = found(
      `function make() { return NdisAllocateMemoryWithTagPriority(0, 8, 0x41424344, 0) }
function one() { make() }
function other() { make(); }
one(); one()
other()`,
      'DV:LeakAtUnload',
    )
    expect(report.leaks.map(({ count, stack }) => [count, stack[1]?.function])).toEqual([
      [1, 'InitializeHandler'],
      [1, 'one'],
      [1, 'one'],
      [1, 'other'],
    ])
  })
})
