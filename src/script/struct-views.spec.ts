import { describe, expect, test } from 'vitest'
import { driverOf, runScript } from './test-driver'

const NAMES =
  'DbgPrint, KSPIN_LOCK, LIST_ENTRY, NDIS_OID_REQUEST, NDIS_PARAMETER_TYPE, NDIS_PORT_NUMBER, NET_IFTYPE, sizeof, storage'
const said = (body: string): readonly string[] => {
  const report = runScript(driverOf(NAMES, body))
  expect([report.error, report.bugcheck, report.violations]).toEqual([undefined, null, []])
  return report.output
}

describe('a nested struct', () => {
  test('is copied byte by byte from the view of another', () => {
    const output = said(`
      const a = NDIS_OID_REQUEST.at(storage(NDIS_OID_REQUEST)), b = NDIS_OID_REQUEST.at(storage(NDIS_OID_REQUEST))
      a.Header.Type = 0x96; a.Header.Size = 100; a.Header.Revision = 1
      b.Header = a.Header
      a.Header.Size = 7
      DbgPrint('%x %d %d\\n', b.Header.Type, b.Header.Size, b.Header.Revision)`)
    expect(output).toEqual(['96 100 1'])
  })
  test('is set member by member from an object', () => {
    const output = said(`
      const a = NDIS_OID_REQUEST.at(storage(NDIS_OID_REQUEST))
      a.Header = { Type: 0x96, Size: 12 }
      DbgPrint('%x %d %d\\n', a.Header.Type, a.Header.Size, a.Header.Revision)`)
    expect(output).toEqual(['96 12 0'])
  })
  test('of another type is refused, as a compiler would', () => {
    const report = runScript(
      driverOf(
        NAMES,
        `
      const a = NDIS_OID_REQUEST.at(storage(NDIS_OID_REQUEST)), list = LIST_ENTRY.at(storage(LIST_ENTRY))
      a.Header = list`,
      ),
    )
    expect(report.bugcheck).toMatchObject({ name: 'KMODE_EXCEPTION_NOT_HANDLED' })
    expect(report.bugcheck!.message).toMatch(/LIST_ENTRY cannot be assigned to a NDIS_OBJECT_HEADER/)
  })
})

test('typedefs and enumerations are scalars of their size', () => {
  const output = said(`
    const lock = storage(KSPIN_LOCK)
    const cell = NDIS_PARAMETER_TYPE.at(storage(NDIS_PARAMETER_TYPE))
    cell.value = -1
    DbgPrint('%d %d %d %d %d\\n', sizeof(KSPIN_LOCK), sizeof(NET_IFTYPE), sizeof(NDIS_PORT_NUMBER), cell.value, lock === 0)`)
  expect(output).toEqual(['4 2 4 -1 0'])
})
