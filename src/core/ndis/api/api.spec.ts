import { describe, expect, it } from 'vitest'
import facts from '../../../../test/fixtures/api-facts.json'
import ruleNames from '../../../../test/fixtures/rule-names.json'
import { STRUCTS } from '../../memory/structs'
import { callback, fn } from './entry'
import { API, apiByName, apiNumber, callbackType, cellType } from './index'

/** Where the reference page's header line and its text disagree, the text (semantics of the call) decides. */
const IRQL_FROM_TEXT = [
  'NdisMSynchronizeWithInterruptEx',
  'KeSynchronizeExecution',
  'KeSetEvent',
  'NdisFreeMemoryWithTag',
  'KeReleaseSpinLockFromDpcLevel',
  'NdisMResetComplete',
  // The header line is that of serialized miniports.
  'NdisMIndicateStatus',
]
/** Parameter counts of ndis.h, where the collected page text lost or kept a parameter of another version. */
const PARAMS_FROM_HEADER = ['NdisMWanIndicateReceiveComplete', 'MINIPORT_MESSAGE_INTERRUPT_DPC']
/** The pages of some functions carry an overload mark. */
const plain = (name: string) => name.replace('~r1', '')

describe('the API table', () => {
  it('has every name once', () => {
    const names = API.map((entry) => entry.name)
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(apiByName.size).toBe(API.length)
  })

  it('has every function, macro and callback that the reference pages describe', () => {
    expect(facts.map(({ name }) => plain(name)).filter((name) => !apiByName.has(name))).toEqual([])
    expect(facts.length).toBe(857)
  })

  it('agrees with the reference pages on IRQL and parameter count', () => {
    const differences = facts.flatMap(({ name, irql, params }) => {
      const entry = apiByName.get(plain(name))
      const found: string[] = []
      if (irql !== null && entry?.irql !== irql && !IRQL_FROM_TEXT.includes(plain(name)))
        found.push(`${name} IRQL ${entry?.irql}, page ${irql}`)
      if (entry?.params.length !== params && !PARAMS_FROM_HEADER.includes(plain(name)))
        found.push(`${name} has ${entry?.params.length} parameters, page ${params}`)
      return found
    })
    expect(differences).toEqual([])
  })

  it('is in one order, and numbers follow it', () => {
    const names = API.map((entry) => entry.name)
    expect([...names].sort()).toEqual(names)
    expect(names.map(apiNumber)).toEqual(names.map((_, number) => number))
    expect(() => apiNumber('NdisNoSuchThing')).toThrow(/not in the API table/)
  })

  it('says something about every entry, and where it comes from', () => {
    for (const entry of API) {
      expect(entry.summary, entry.name).toMatch(/^[A-Z'].{8,110}\.$/)
      expect(entry.source, entry.name).toMatch(/^(DDI|PV|CE|NT4|W2K|XP|WDM|NET)\b/)
      expect(entry.versions.min, entry.name).toMatch(/^\d\.\d+$/)
    }
  })

  it('names only rules that exist', () => {
    const known = new Set(ruleNames)
    expect(
      API.flatMap((entry) => entry.rules.filter((rule) => !known.has(rule)).map((rule) => `${entry.name}: ${rule}`)),
    ).toEqual([])
  })

  it('gives a cell only to scalars and pointers', () => {
    const wrong = API.flatMap((entry) =>
      entry.params.flatMap((param) => {
        const cell = cellType(param)
        if (cell === undefined) return []
        if (param.type.endsWith('*'))
          return cell.startsWith('P') || cell.endsWith('*') ? [] : [`${entry.name}.${param.name}: ${param.type}`]
        return param.type.startsWith('P') && !STRUCTS.has(cell) && cell !== 'VOID'
          ? []
          : [`${entry.name}.${param.name}: ${param.type}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  it('every function member of a struct names its callback', () => {
    const targets = [...STRUCTS.values()].flatMap((table) =>
      table.fields.flatMap((field) =>
        field.type === 'fn' && field.target ? [`${table.name}.${field.name} -> ${field.target}`] : [],
      ),
    )
    expect(targets.length).toBeGreaterThan(80)
    expect(targets.filter((target) => apiByName.get(target.split(' -> ')[1] ?? '')?.kind !== 'callback')).toEqual([])
  })
})

describe('the functions of the founding pages', () => {
  it('are described as documented', () => {
    expect(apiByName.get('NdisDprAllocatePacketNonInterlocked')).toMatchObject({
      kind: 'function',
      category: 'allocate',
      irql: 'DISPATCH_LEVEL',
    })
    expect(
      apiByName.get('NdisAllocatePacket')?.params.map((param) => [param.name, param.type, param.direction]),
    ).toEqual([
      ['Status', 'PNDIS_STATUS', 'out'],
      ['Packet', 'PNDIS_PACKET *', 'out'],
      ['PoolHandle', 'NDIS_HANDLE', 'in'],
    ])
    expect(apiByName.get('NdisFreePacket')?.noSpinLock).toBe('always')
    expect(apiByName.get('NdisAllocateBuffer')?.noSpinLock).toBe('ce')
    expect(apiByName.get('NdisAcquireSpinLock')).toMatchObject({ category: 'lock', irql: '<=DISPATCH_LEVEL' })
    expect(apiByName.get('NdisReleaseSpinLock')?.rules).toContain('SpinLockRelease')
    expect(apiByName.get('NdisMIndicateReceivePacket')?.reenters).toBe(true)
  })
})

describe('a row', () => {
  it('reads a prototype', () => {
    expect(
      fn('PVOID *F(out PVOID *A?, inout PULONG B, UINT C, ...)', 'query', 'any', '6.0-6.1', 'S.', 'DDI'),
    ).toMatchObject({
      name: 'F',
      returns: 'PVOID *',
      versions: { min: '6.0', max: '6.1' },
      params: [
        { name: 'A', type: 'PVOID *', direction: 'out', optional: true },
        { name: 'B', type: 'PULONG', direction: 'inout' },
        { name: 'C', type: 'UINT', direction: 'in' },
        { name: '...', type: '...', optional: true },
      ],
    })
    expect(callback('VOID G()', 'other', null, '3.0', 'S.', 'PV').params).toEqual([])
  })

  it('refuses what is none', () => {
    expect(() => fn('NdisOops', 'query', 'any', '6.0', 'S.', 'DDI')).toThrow(/not a prototype/)
    expect(() => fn('VOID F(int)', 'query', 'any', '6.0', 'S.', 'DDI')).toThrow(/not a parameter/)
  })
})

describe('cell types', () => {
  it('strip one level of pointer', () => {
    expect(cellType({ direction: 'out', type: 'PNDIS_STATUS' })).toBe('NDIS_STATUS')
    expect(cellType({ direction: 'inout', type: 'PVOID *' })).toBe('PVOID')
    expect(cellType({ direction: 'in', type: 'PNDIS_STATUS' })).toBeUndefined()
  })
})

describe('function pointer types', () => {
  it.each([
    ['MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER', 'MINIPORT_SYNCHRONIZE_INTERRUPT'],
    ['MiniportSynchronizeISR', 'MiniportSynchronizeISR'],
    ['PNDIS_TIMER_FUNCTION', 'NDIS_TIMER_FUNCTION'],
    ['PKDEFERRED_ROUTINE', 'KDEFERRED_ROUTINE'],
    ['PDRIVER_UNLOAD', 'DriverUnload'],
    ['NDIS_PROC', 'NdisWorkItemRoutine'],
  ])('%s is a %s', (ctype, name) => expect(callbackType(ctype, apiByName)?.name).toBe(name))

  it('no other type is one', () => {
    expect(
      ['PVOID', 'NDIS_HANDLE', 'PNDIS_PACKET', 'NdisFreePacket'].filter((ctype) => callbackType(ctype, apiByName)),
    ).toEqual([])
  })
})
