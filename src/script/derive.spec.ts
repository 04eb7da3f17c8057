import { describe, expect, it } from 'vitest'
import { API } from '../core/ndis/api'
import { STRUCTS } from '../core/memory/structs'
import { NIC_TABLES } from '../core/nic/nic-tables'
import { apiJson, coverageMarkdown, derive, implementedNames, nicsJson, structsJson } from './derive'
import { nicMarkdown } from './nic-page'

describe('api.json', () => {
  it('is the table in number order, and says what is emulated', () => {
    const tested = new Map([['NdisFreePacket', 'src/packet.spec.ts']])
    const entries = JSON.parse(apiJson(new Set(['NdisFreePacket', 'MiniportHalt']), tested)) as {
      name: string
      implemented: boolean
      spec: string | null
    }[]
    expect(entries.map((entry) => entry.name)).toEqual(API.map((entry) => entry.name))
    expect(entries.filter((entry) => entry.implemented).map((entry) => entry.name)).toEqual(['NdisFreePacket'])
    expect(entries.filter((entry) => entry.spec !== null)).toMatchObject([
      { name: 'NdisFreePacket', spec: 'src/packet.spec.ts' },
    ])
  })
})

describe('structs.json', () => {
  it('is every table, those of the system area too', () => {
    const tables = JSON.parse(structsJson()) as { name: string; size: number }[]
    expect(tables.length).toBe(STRUCTS.size)
    expect(tables.find((table) => table.name === 'NDIS_PACKET')?.size).toBe(60)
    expect(tables.some((table) => table.name === 'SYS_MACHINE')).toBe(true)
  })
})

describe('the coverage page', () => {
  it('counts and names', () => {
    const text = coverageMarkdown(
      new Set(['NdisFreePacket', 'NdisFreePacketPool']),
      new Map([['NdisFreePacket', 'src/packet.spec.ts']]),
    )
    const calls = API.filter((entry) => entry.kind !== 'callback')
    expect(text).toContain(`2 of ${calls.length} functions and macros are emulated (0 %)`)
    expect(text).toMatch(/\| `NdisFreePacket` \| .* \| src\/packet\.spec\.ts \|\n\| `NdisFreePacketPool` \| .* \|  \|/)
    expect(text).toContain(`| free | 2 | ${calls.filter((entry) => entry.category === 'free').length} |`)
    expect(text.split('## Not emulated yet')[1]).toContain('`NdisAllocatePacket`')
  })
})

describe('nics.json', () => {
  it('is the register map of every model', () => {
    expect(JSON.parse(nicsJson())).toEqual(JSON.parse(JSON.stringify(Object.values(NIC_TABLES))))
  })
})

describe('the reference page of a NIC', () => {
  const text = nicMarkdown(NIC_TABLES['82540EM'])
  it('has every register with its offset, and the bits of those that have some', () => {
    for (const { name } of NIC_TABLES['82540EM'].registers) expect(text).toContain(`| \`${name}\` |`)
    expect(text).toMatch(/\| `MTA` \| 0x5200 \+ 4n, n < 128 \| RW \|/)
    expect(text).toMatch(/#### RCTL\n\n\| field \| bits \|  \|\n\| --- \| --- \| --- \|\n\| `EN` \| 1 \|/)
  })
  it('has every ring with the bytes of its descriptors', () => {
    for (const ring of NIC_TABLES['82540EM'].rings) expect(text).toContain(`### ${ring.name}\n`)
    expect(text).toMatch(/descriptor, 16 bytes\n/)
  })
})

describe('what this product emulates', () => {
  it('is in the API table or a helper of the module', () => {
    const implemented = implementedNames()
    expect(implemented.has('NdisDprAllocatePacketNonInterlocked')).toBe(true)
    expect(implemented.has('storage')).toBe(true)
  })

  it('goes into every derived file', () => {
    expect(Object.keys(derive({ specs: new Map(), core: new Map(), fixtures: new Map() })).sort()).toEqual([
      'api.json',
      'bugchecks.md',
      'coverage.md',
      'ndis.d.ts',
      'nic-82540em.md',
      'nics.json',
      'platforms.md',
      'rules.json',
      'rules.md',
      'structs.json',
    ])
  })
})
