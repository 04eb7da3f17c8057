/** docs/teaching-nic.md says what the table of registers says: each table row there is one of these. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { NIC_RULES } from '../rules.table'
import type { BitField } from '../register-table'
import { DESCRIPTOR, FLAG_FIELDS, REGISTERS, TEACHING_NIC } from './registers.table'

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../../../docs/teaching-nic.md'), 'utf8')

/** Rows of the table whose second column has this heading; cells trimmed. */
function table(heading: string): string[][] {
  const lines = PAGE.split('\n')
  const cells = (line: string): string[] =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  const start = lines.findIndex((line, index) => cells(line)[1] === heading && lines[index + 1]!.startsWith('| --'))
  expect(start, `a table with the heading ${heading}`).toBeGreaterThan(0)
  const rest = lines.slice(start + 2)
  const end = rest.findIndex((line) => !line.startsWith('|'))
  return rest.slice(0, end).map(cells)
}
const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0')
const span = ({ shift, width }: BitField): string => (width === 1 ? `${shift}` : `${shift} to ${shift + width - 1}`)
const bitRows = (fields: readonly BitField[]): string[][] => fields.map((field) => [span(field), field.name, field.doc])
const fieldsOf = (name: string): readonly BitField[] =>
  TEACHING_NIC.registers.find((register) => register.name === name)?.fields ?? []

describe('docs/teaching-nic.md', () => {
  test('has every register with its offset, access and value after reset (2)', () => {
    expect(table('register')).toEqual(
      REGISTERS.map(({ name, offset, access, reset, doc }) => [hex(offset, 3), name, access, hex(reset, 8), doc]),
    )
  })
  test.each(['CONTROL', 'STATUS', 'FILTER'])('has the bits of %s', (name) => {
    expect(table(name)).toEqual(bitRows(fieldsOf(name)))
  })
  test('has the causes (5)', () => {
    expect(table('CAUSE and MASK')).toEqual(bitRows(fieldsOf('CAUSE')))
    expect(fieldsOf('MASK')).toEqual(fieldsOf('CAUSE'))
  })
  test('has the counters (2.6)', () => {
    const counters = TEACHING_NIC.registers.filter(({ counter }) => counter)
    expect(table('counts')).toEqual(counters.map(({ name, doc }) => [name, doc]))
  })
  test('has the words of a descriptor and the bits of FLAGS (3.2)', () => {
    expect(table('word')).toEqual(DESCRIPTOR.fields.map(({ name, offset, doc }) => [`${offset}`, name, doc]))
    expect(table('FLAGS')).toEqual(bitRows(FLAG_FIELDS))
  })
  test('has each section that the register map names, and only rules that there are', () => {
    const sections = new Set([...PAGE.matchAll(/^#+ (\d(?:\.\d)?)\.? /gm)].map((match) => match[1]))
    for (const { section } of TEACHING_NIC.registers) expect(sections).toContain(section)
    const rules: readonly string[] = NIC_RULES.map(({ name }) => name)
    const named = [...PAGE.matchAll(/`(Nic\w+)`/g)].map((match) => match[1]!)
    expect(named.length).toBeGreaterThan(0)
    for (const name of named) expect(rules).toContain(name)
  })
})
