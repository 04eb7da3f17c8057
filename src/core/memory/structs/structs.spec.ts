import { describe, expect, it } from 'vitest'
import layout from '../../../../test/fixtures/layout-x86.json'
import { STRUCTS, structOfPointer } from './index'
import type { FieldTable, StructTable } from './types'

interface Layout {
  readonly size: number
  readonly fields: Readonly<Record<string, { readonly offset: number; readonly size: number }>>
}
const expected: readonly [string, Layout][] = Object.entries(layout as Record<string, Layout>)

const get = (name: string): StructTable => {
  const table = STRUCTS.get(name)
  if (!table) throw new Error(`no struct table ${name}`)
  return table
}
const extent = (field: FieldTable) => field.size * (field.count ?? 1)

/** The fixture counts one entry of NetBufferListInfo (its own note says so); the real array has one an NBL info value. */
const ONE_ENTRY = 'NET_BUFFER_LIST.NetBufferListInfo'

describe('layout of 32-bit Windows (test/fixtures/layout-x86.json)', () => {
  it.each(expected)('%s', (name, { size, fields }) => {
    const table = get(name)
    for (const [field, { offset, size: bytes }] of Object.entries(fields)) {
      const row = table.fields.find((candidate) => candidate.name === field)
      expect(row, `${name}.${field} is missing`).toBeDefined()
      if (!row) continue
      const path = `${name}.${field}`
      expect([path, row.offset, path === ONE_ENTRY ? row.size : extent(row)]).toEqual([path, offset, bytes])
    }
    const surplus = table.fields
      .filter((row) => `${name}.${row.name}` === ONE_ENTRY)
      .map((row) => extent(row) - row.size)
    const alignedTo8 = (bytes: number) => Math.ceil(bytes / 8) * 8
    expect(surplus.length > 0 ? alignedTo8(table.size - (surplus[0] ?? 0)) : table.size).toBe(size)
  })
})

/** Public symbols of 32-bit ndis.sys (Windows 10), where the fixture has no entry: [member, offset] and the size. */
const NDIS6: readonly [name: string, size: number, offsets: Readonly<Record<string, number>>][] = [
  [
    'NDIS_OID_REQUEST',
    0x8c,
    { Timeout: 0x0c, RequestHandle: 0x14, DATA: 0x18, NdisReserved: 0x38, SupportedRevision: 0x88 },
  ],
  ['NDIS_STATUS_INDICATION', 0x44, { StatusCode: 0x0c, StatusBuffer: 0x1c, Guid: 0x24, NdisReserved: 0x34 }],
  ['NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES', 0x14, { AttributeFlags: 0x08, InterfaceType: 0x10 }],
  [
    'NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES',
    0xd0,
    {
      MaxXmitLinkSpeed: 0x18,
      XmitLinkSpeed: 0x20,
      MacAddressLength: 0x54,
      CurrentMacAddress: 0x76,
      IfType: 0xa8,
      SupportedOidList: 0xbc,
      PowerManagementCapabilitiesEx: 0xc8,
    },
  ],
  ['NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES', 0x14, { TcpConnectionOffloadHardwareCapabilities: 0x10 }],
  ['NDIS_MINIPORT_ADAPTER_ATTRIBUTES', 0xd0, { Header: 0, GeneralAttributes: 0 }],
  [
    'IRP',
    0x70,
    {
      MdlAddress: 0x04,
      AssociatedIrp: 0x0c,
      IoStatus: 0x18,
      RequestorMode: 0x20,
      PendingReturned: 0x21,
      CurrentLocation: 0x23,
      Cancel: 0x24,
      CancelIrql: 0x25,
      UserIosb: 0x28,
      CancelRoutine: 0x38,
      UserBuffer: 0x3c,
      Tail: 0x40,
    },
  ],
  ['IO_STACK_LOCATION', 0x24, { Control: 3, Parameters: 4, DeviceObject: 0x14, FileObject: 0x18, Context: 0x20 }],
  ['FILE_OBJECT', 0x80, { DeviceObject: 4, FsContext: 0x0c, Flags: 0x2c, FileName: 0x30, Lock: 0x4c, Event: 0x5c }],
  ['IO_STATUS_BLOCK', 8, { Status: 0, Information: 4 }],
  ['NDIS_SG_DMA_DESCRIPTION', 0x18, { ProcessSGListHandler: 0x0c, ScatterGatherListSize: 0x14 }],
  ['NDIS_SHARED_MEMORY_PARAMETERS', 0x2c, { SharedMemoryHandle: 0x0c, VirtualAddress: 0x1c, VPortId: 0x28 }],
  ['NDIS_SCATTER_GATHER_LIST_PARAMETERS', 0x30, { Mdl: 0x10, ProcessSGListHandler: 0x1c, Context: 0x20 }],
]

describe('layout of NDIS 6 records', () => {
  it.each(NDIS6)('%s', (name, size, offsets) => {
    const table = get(name)
    expect(table.size).toBe(size)
    for (const [member, offset] of Object.entries(offsets))
      expect([member, table.fields.find((field) => field.name === member)?.offset]).toEqual([member, offset])
  })
})

const walk = (fields: readonly FieldTable[], size: number, path: string): string[] => {
  const faults: string[] = []
  const claims: { from: number; to: number; union: number | undefined; path: string }[] = []
  for (const field of fields) {
    const own = `${path}.${field.name}`
    const claim = { from: field.offset, to: field.offset + extent(field), union: field.union, path: own }
    if (claim.to > size) faults.push(`${own} ends at ${claim.to}, behind the struct's ${size}`)
    for (const other of claims)
      if (claim.from < other.to && other.from < claim.to && (claim.union === undefined || claim.union !== other.union))
        faults.push(`${own} overlaps ${other.path}`)
    claims.push(claim)
    if (field.fields) faults.push(...walk(field.fields, field.size, own))
    if (field.struct && get(field.struct).size !== field.size)
      faults.push(`${own}: ${field.struct} is not ${field.size} bytes`)
    if (field.target && field.type === 'ptr' && !field.functions) get(field.target)
  }
  return faults
}

describe('every table', () => {
  const tables = [...STRUCTS.values()]
  it.each(tables.map((table) => [table.name, table] as const))(
    '%s fits, overlaps only in unions, names its types',
    (_, table) => {
      expect(walk(table.fields, table.size, table.name)).toEqual([])
      expect(new Set(table.fields.map((field) => field.name)).size).toBe(table.fields.length)
    },
  )

  it('no two tables claim the same pointer name', () => {
    const names = tables.flatMap((table) => table.pointerNames)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('finds the struct of a pointer type', () => {
    expect(structOfPointer('PNDIS_PACKET')?.name).toBe('NDIS_PACKET')
    expect(structOfPointer('PNDIS_BUFFER')?.name).toBe('NDIS_BUFFER')
    expect(structOfPointer('PNOTHING')).toBeUndefined()
  })
})
