import { describe, expect, test } from 'vitest'
import { NET_BUFFER_LIST } from '../ndis/net-buffer-layout'
import { createNetBufferGuest, NBL } from '../test-net-buffer'
import { listPool, listPoolParameters, netBufferPool, poolParameters } from '../test-net-buffer-pool'

describe('pools', () => {
  test('DDI ndisallocatenetbufferpool: DataSize decides which call takes from it', () => {
    const guest = createNetBufferGuest()
    guest.call('NdisAllocateNetBuffer', netBufferPool(guest, 64), 0, 0, 0)
    guest.call('NdisAllocateNetBufferMdlAndData', netBufferPool(guest, 0))
    guest.call('NdisAllocateNetBufferAndNetBufferList', listPool(guest), 0, 0, 0, 0, 0)
    const withData = listPool(guest, { netBuffer: true, dataSize: 64 })
    guest.call('NdisAllocateNetBufferAndNetBufferList', withData, 0, 0, 0, 0, 0)
    expect(guest.broken()).toEqual(Array(4).fill('NetBufferPoolDataSize'))
  })
  test('DDI ndisallocatereassemblednetbufferlist: its pool has NET_BUFFERs, and those no data', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 0, 0)
    const reassemble = (pool: number): number =>
      guest.call('NdisAllocateReassembledNetBufferList', list, pool, 0, 0, 0, 0)
    expect(reassemble(listPool(guest))).toBe(0)
    expect(reassemble(listPool(guest, { netBuffer: true, dataSize: 64 }))).toBe(0)
    expect(reassemble(netBufferPool(guest))).toBe(0)
    expect(guest.broken()).toEqual(['NetBufferPoolDataSize', 'NetBufferPoolDataSize', 'InvalidPoolHandle'])
    expect(reassemble(listPool(guest, { netBuffer: true }))).not.toBe(0)
    expect(reassemble(0)).not.toBe(0)
    expect(guest.broken()).toHaveLength(3)
  })
  test('parameters that contradict each other', () => {
    const guest = createNetBufferGuest()
    guest.call('NdisAllocateNetBufferListPool', 0, listPoolParameters(guest, { dataSize: 64 }))
    guest.call('NdisAllocateNetBufferListPool', 0, listPoolParameters(guest, { contextSize: 12 }))
    const short = poolParameters(guest)
    guest.machine.kernel.space.w16(short + 2, 4)
    guest.call('NdisAllocateNetBufferPool', 0, short)
    expect(guest.broken()).toEqual(['NetBufferPoolParameters', 'NetBufferListContextSize', 'NetBufferPoolParameters'])
  })
  test('handles: of the wrong kind, of a pool that is gone', () => {
    const guest = createNetBufferGuest()
    const pool = netBufferPool(guest)
    guest.call('NdisAllocateNetBufferList', pool, 0, 0)
    guest.call('NdisFreeNetBufferPool', pool)
    guest.call('NdisAllocateNetBuffer', pool, 0, 0, 0)
    guest.call('NdisFreeNetBufferListPool', 0x1230)
    expect(guest.broken()).toEqual(['InvalidPoolHandle', 'DeadPoolHandle', 'InvalidPoolHandle'])
  })
  test('DDI ndisfreenetbufferlistpool: all lists are back first', () => {
    const guest = createNetBufferGuest()
    const [netBuffers, lists] = [netBufferPool(guest), listPool(guest)]
    guest.call('NdisAllocateNetBuffer', netBuffers, 0, 0, 0)
    guest.call('NdisAllocateNetBufferList', lists, 0, 0)
    guest.call('NdisFreeNetBufferPool', netBuffers)
    guest.call('NdisFreeNetBufferListPool', lists)
    expect(guest.broken()).toEqual(['FreePoolWithDescriptorsOut', 'FreePoolWithDescriptorsOut'])
  })
  test('DDI ndisallocatenetbuffer: without an MDL chain there is neither offset nor length', () => {
    const guest = createNetBufferGuest()
    guest.call('NdisAllocateNetBuffer', netBufferPool(guest), 0, 14, 60)
    expect(guest.broken()).toEqual(['NetBufferWithoutMdl'])
  })
})

describe('freeing', () => {
  test('twice, or what is none', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.call('NdisAllocateNetBuffer', netBufferPool(guest), 0, 0, 0)
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 0, 0)
    for (let twice = 0; twice < 2; twice++) {
      guest.call('NdisFreeNetBuffer', netBuffer)
      guest.call('NdisFreeNetBufferList', list)
    }
    guest.call('NdisFreeNetBuffer', guest.memory(96))
    guest.call('NdisFreeNetBufferList', 3)
    expect(guest.broken()).toEqual(['DV:DoubleFree', 'DV:DoubleFree', 'DV:FreeUnallocated', 'DV:FreeUnallocated'])
    expect(guest.machine.kernel.verifier.violations[0]).toMatchObject({ function: 'NdisFreeNetBuffer' })
  })
  test('the NET_BUFFER that came with a list, by itself', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest, { netBuffer: true }), 0, 0)
    guest.call('NdisFreeNetBuffer', guest.machine.kernel.space.r32(list + NBL.FirstNetBuffer))
    expect(guest.broken()).toEqual(['NetBufferOfList'])
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.broken()).toHaveLength(1)
  })
  test('through the wrong function, with other flags or another delta', () => {
    const guest = createNetBufferGuest()
    const list = guest.call(
      'NdisAllocateNetBufferAndNetBufferList',
      listPool(guest, { netBuffer: true }),
      0,
      0,
      guest.chain(40),
      0,
      40,
    )
    const clone = (): number => guest.call('NdisAllocateCloneNetBufferList', list, 0, 0, 0)
    guest.call('NdisFreeNetBufferList', clone())
    guest.call('NdisFreeCloneNetBufferList', clone(), 2)
    const fragments = guest.call('NdisAllocateFragmentNetBufferList', list, 0, 0, 0, 20, 8, 8, 0)
    guest.call('NdisFreeFragmentNetBufferList', fragments, 4, 0)
    expect(guest.broken()).toEqual(['NetBufferListPairing', 'NetBufferListFreeArguments', 'NetBufferListFreeArguments'])
  })
  test('a parent before its children, a list before its context', () => {
    const guest = createNetBufferGuest()
    const pool = listPool(guest)
    const [parent, list] = [
      guest.call('NdisAllocateNetBufferList', pool, 0, 0),
      guest.call('NdisAllocateNetBufferList', pool, 0, 0),
    ]
    guest.machine.kernel.space.w32(parent + NET_BUFFER_LIST.ChildRefCount, 1)
    guest.call('NdisFreeNetBufferList', parent)
    guest.call('NdisAllocateNetBufferListContext', list, 16, 0, 0x31786354)
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.broken()).toEqual(['ParentFreedBeforeChildren', 'NetBufferListContext'])
  })
  test('more context than is in use', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 8, 0)
    guest.call('NdisFreeNetBufferListContext', list, 16)
    guest.call('NdisAllocateNetBufferListContext', list, 6, 0, 0x31786354)
    expect(guest.broken()).toEqual(['NetBufferListContext', 'NetBufferListContextSize'])
  })
})

test('what is touched after it was freed is seen', () => {
  const guest = createNetBufferGuest()
  const netBuffer = guest.call('NdisAllocateNetBufferMdlAndData', netBufferPool(guest, 64))
  guest.call('NdisFreeNetBuffer', netBuffer)
  guest.call('NdisRetreatNetBufferDataStart', netBuffer, 8, 0, 0)
  expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
})
