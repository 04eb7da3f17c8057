/** Pools of NET_BUFFERs and NET_BUFFER_LISTs through the checked bindings: IRQL, leaks at unload, use after free. */
import { describe, expect, test } from 'vitest'
import { driverOf, runScript } from './test-driver'

const NAMES = [
  'KeLowerIrql', 'KeRaiseIrql', 'NDIS_OBJECT_TYPE_DEFAULT', 'NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1',
  'NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1', 'NdisAllocateCloneNetBufferList', 'NdisAllocateNetBuffer', 'NdisAllocateNetBufferList',
  'NdisAllocateNetBufferListPool', 'NdisAllocateNetBufferPool', 'NdisFreeCloneNetBufferList', 'NdisFreeNetBuffer', 'NdisFreeNetBufferList',
  'NdisFreeNetBufferListPool', 'NdisFreeNetBufferPool', 'NET_BUFFER', 'NET_BUFFER_LIST_POOL_PARAMETERS', 'NET_BUFFER_POOL_PARAMETERS', 'out', 'storage',
].join(', ') // prettier-ignore

/** A pool of each kind on one line, so that the statements of a test begin on line 4. */
const POOLS = `
const header = (Size) => ({ Type: NDIS_OBJECT_TYPE_DEFAULT, Revision: 1, Size }); const [A, B] = [storage(NET_BUFFER_POOL_PARAMETERS), storage(NET_BUFFER_LIST_POOL_PARAMETERS)]; Object.assign(NET_BUFFER_POOL_PARAMETERS.at(A).Header, header(NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1)); Object.assign(NET_BUFFER_LIST_POOL_PARAMETERS.at(B).Header, header(NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1)); NET_BUFFER_POOL_PARAMETERS.at(A).PoolTag = 0x31544e42; NET_BUFFER_LIST_POOL_PARAMETERS.at(B).PoolTag = 0x324c424e; const Pool = NdisAllocateNetBufferPool(0, A), Lists = NdisAllocateNetBufferListPool(0, B)
`
const FREE_POOLS = '\nNdisFreeNetBufferPool(Pool); NdisFreeNetBufferListPool(Lists)'
const run = (statements: string) => runScript(driverOf(NAMES, POOLS + statements))
const rules = (statements: string) => run(statements + FREE_POOLS).violations.map(({ rule, line }) => [rule, line])
const FIRST_LINE = 5

describe('pools of NET_BUFFERs as scripts use them', () => {
  test('are clean when all comes back', () => {
    expect(
      rules(`const List = NdisAllocateNetBufferList(Lists, 0, 0)
const Clone = NdisAllocateCloneNetBufferList(List, Lists, Pool, 0)
NdisFreeCloneNetBufferList(Clone, 0)
NdisFreeNetBufferList(List)
NdisFreeNetBuffer(NdisAllocateNetBuffer(Pool, 0, 0, 0))`),
    ).toEqual([])
  })
  test('what is never freed is a leak with its kind, tag and line, the pools too', () => {
    const { leaks, violations } = run(`NdisAllocateNetBuffer(Pool, 0, 0, 0)
NdisAllocateNetBufferList(Lists, 0, 0)`)
    expect(leaks).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'NET_BUFFER', tag: 'BNT1', count: 1, line: FIRST_LINE }),
        expect.objectContaining({ kind: 'NET_BUFFER_LIST', tag: 'NBL2', count: 1, line: FIRST_LINE + 1 }),
        expect.objectContaining({ kind: 'NET_BUFFER pool', tag: 'BNT1' }),
        expect.objectContaining({ kind: 'NET_BUFFER_LIST pool', tag: 'NBL2' }),
      ]),
    )
    expect(violations.map(({ rule }) => rule)).toEqual(Array(4).fill('DV:LeakAtUnload'))
  })
  test('a member of a NET_BUFFER that was freed is a use after free, at its line', () => {
    expect(
      rules(`const view = NET_BUFFER.at(NdisAllocateNetBuffer(Pool, 0, 0, 0))
const address = NdisAllocateNetBuffer(Pool, 0, 0, 0)
const gone = NET_BUFFER.at(address)
NdisFreeNetBuffer(address)
gone.DataLength = 1
view.DataLength = 0`).slice(0, 1),
    ).toEqual([['DV:SpecialPoolUseAfterFree', FIRST_LINE + 4]])
  })
})
