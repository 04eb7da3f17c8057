import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { SYS_POOL } from '../memory/records'
import { createNetBufferGuest, NB, NBL } from '../test-net-buffer'
import { listPool, listPoolParameters, netBufferPool, poolParameters } from '../test-net-buffer-pool'
import { CONTEXT, NET_BUFFER, NET_BUFFER_LIST } from './net-buffer-layout'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const small = () => ({ memory: createSharedMemory(4 * 1024 * 1024) })

describe('NET_BUFFER pools (DDI ndisallocatenetbufferpool)', () => {
  test('have the size and tag of their parameters', () => {
    const guest = createNetBufferGuest()
    const pool = netBufferPool(guest, 100)
    const { pools } = guest.machine
    expect(pools.get(pool, SYS_POOL.Tag)).toBe(0x74736554)
    expect(pools.get(pool, SYS_POOL.DataSize)).toBe(100)
    guest.call('NdisFreeNetBufferPool', pool)
    expect(guest.broken()).toEqual([])
  })

  test("DDI ndisallocatenetbuffer: a NET_BUFFER over the driver's chain, its current MDL found", () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.call('NdisAllocateNetBuffer', netBufferPool(guest), guest.chain(10, 20), 14, 9)
    expect(guest.state(netBuffer)).toEqual({ offset: 14, length: 9, currentMdl: 1, currentOffset: 4, mdls: [10, 20] })
    expect(guest.data(netBuffer)).toEqual([14, 15, 16, 17, 18, 19, 20, 21, 22])
    expect(guest.broken()).toEqual([])
  })
  test('without a chain it has no data', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.call('NdisAllocateNetBuffer', netBufferPool(guest), 0, 0, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 0, length: 0, currentMdl: -1, currentOffset: 0, mdls: [] })
  })
  test('DDI ndisallocatenetbuffermdlanddata: MDL and data come with it, all of it unused; freed at once', () => {
    const guest = createNetBufferGuest()
    const pool = netBufferPool(guest, 128)
    const netBuffer = guest.call('NdisAllocateNetBufferMdlAndData', pool)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 128, length: 0, mdls: [128] })
    expect(guest.call('NdisRetreatNetBufferDataStart', netBuffer, 64, 0, 0)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.data(netBuffer)).toHaveLength(64)
    const { pools } = guest.machine
    expect(pools.inUse(pool)).toBe(1)
    guest.call('NdisFreeNetBuffer', netBuffer)
    expect(pools.inUse(pool)).toBe(0)
    guest.call('NdisFreeNetBufferPool', pool)
    expect(guest.broken()).toEqual([])
  })
  test('NdisGetPoolFromNetBuffer tells where one came from', () => {
    const guest = createNetBufferGuest()
    const pool = netBufferPool(guest)
    expect(guest.call('NdisGetPoolFromNetBuffer', guest.call('NdisAllocateNetBuffer', pool, 0, 0, 0))).toBe(pool)
  })
  test('give NULL when memory is short, and go on when some came back', () => {
    const guest = createNetBufferGuest(small())
    const pool = netBufferPool(guest, 60_000)
    const all: number[] = []
    for (let next = guest.call('NdisAllocateNetBufferMdlAndData', pool); next !== 0;) {
      all.push(next)
      next = guest.call('NdisAllocateNetBufferMdlAndData', pool)
    }
    expect(all.length).toBeGreaterThan(10)
    expect(guest.machine.pools.inUse(pool)).toBe(all.length)
    for (const netBuffer of all) guest.call('NdisFreeNetBuffer', netBuffer)
    expect(guest.call('NdisAllocateNetBufferMdlAndData', pool)).not.toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('a DataSize that no MDL can say gives NULL', () => {
    const guest = createNetBufferGuest()
    expect(netBufferPool(guest, 0xffff_fff0)).toBe(0)
  })
})

describe('NET_BUFFER_LIST pools (DDI ndisallocatenetbufferlistpool)', () => {
  test('fAllocateNetBuffer FALSE: a bare list, zeroed', () => {
    const guest = createNetBufferGuest()
    const pool = listPool(guest)
    const list = guest.call('NdisAllocateNetBufferList', pool, 0, 0)
    const { r32 } = guest.machine.kernel.space
    expect([r32(list + NBL.Next), r32(list + NBL.FirstNetBuffer), r32(list + NBL.Context)]).toEqual([0, 0, 0])
    expect(guest.call('NdisGetPoolFromNetBufferList', list)).toBe(pool)
    guest.call('NdisFreeNetBufferList', list)
    guest.call('NdisFreeNetBufferListPool', pool)
    expect(guest.broken()).toEqual([])
  })
  test('TRUE and DataSize: the list comes with NET_BUFFER, MDL and data', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest, { netBuffer: true, dataSize: 256 }), 8, 8)
    const netBuffer = guest.machine.kernel.space.r32(list + NBL.FirstNetBuffer)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 256, length: 0, mdls: [256] })
    expect(netBuffer % 8).toBe(0)
  })
  test('DDI ndisallocatenetbufferandnetbufferlist: one NET_BUFFER over the chain', () => {
    const guest = createNetBufferGuest()
    const pool = listPool(guest, { netBuffer: true })
    const list = guest.call('NdisAllocateNetBufferAndNetBufferList', pool, 0, 0, guest.chain(40), 10, 30)
    const netBuffer = guest.machine.kernel.space.r32(list + NBL.FirstNetBuffer)
    expect(guest.state(netBuffer)).toEqual({ offset: 10, length: 30, currentMdl: 0, currentOffset: 10, mdls: [40] })
    expect(guest.machine.kernel.space.r32(netBuffer + NET_BUFFER.NdisPoolHandle)).toBe(pool)
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.machine.pools.inUse(pool)).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('DDI ndisfreenetbufferlist: NET_BUFFERs that the driver added stay out', () => {
    const guest = createNetBufferGuest()
    const netBuffers = netBufferPool(guest)
    const added = guest.call('NdisAllocateNetBuffer', netBuffers, 0, 0, 0)
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 0, 0)
    guest.machine.kernel.space.w32(list + NBL.FirstNetBuffer, added)
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.machine.pools.inUse(netBuffers)).toBe(1)
    guest.call('NdisFreeNetBuffer', added)
    expect(guest.broken()).toEqual([])
  })
  test('give NULL when memory is short', () => {
    const guest = createNetBufferGuest(small())
    const pool = listPool(guest, { netBuffer: true, dataSize: 60_000 })
    let count = 0
    while (guest.call('NdisAllocateNetBufferList', pool, 0, 0) !== 0) count++
    expect(count).toBeGreaterThan(10)
    expect(guest.broken()).toEqual([])
  })
})

describe('context areas (DDI ndisallocatenetbufferlistcontext)', () => {
  const context = (guest: ReturnType<typeof createNetBufferGuest>, list: number) => {
    const { r16, r32 } = guest.machine.kernel.space
    const at = r32(list + NET_BUFFER_LIST.Context)
    return at === 0 ? undefined : { at, size: r16(at + CONTEXT.Size), offset: r16(at + CONTEXT.Offset) }
  }
  test('that comes with a list has its back fill unused', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 16, 24)
    expect(context(guest, list)).toMatchObject({ size: 40, offset: 24 })
    const data = guest.call('NET_BUFFER_LIST_CONTEXT_DATA_START', list)
    expect(data).toBe(list + NET_BUFFER_LIST.SIZE + CONTEXT.ContextData + 24)
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.broken()).toEqual([])
  })
  test('of the pool serves as room', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest, { contextSize: 64 }), 0, 0)
    expect(context(guest, list)).toMatchObject({ size: 64, offset: 64 })
  })
  test('room is used before memory is taken, and given back in the opposite order', () => {
    const guest = createNetBufferGuest()
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 16, 24)
    const first = context(guest, list)!.at
    expect(guest.call('NdisAllocateNetBufferListContext', list, 20, 0, 0x31786354)).toBe(NDIS_STATUS_SUCCESS)
    expect(context(guest, list)).toEqual({ at: first, size: 40, offset: 4 })
    expect(guest.call('NdisAllocateNetBufferListContext', list, 8, 12, 0x31786354)).toBe(NDIS_STATUS_SUCCESS)
    const second = context(guest, list)!
    expect(second).toMatchObject({ size: 20, offset: 12 })
    expect(second.at).not.toBe(first)
    expect(guest.machine.kernel.space.r32(second.at + CONTEXT.Next)).toBe(first)
    guest.call('NdisFreeNetBufferListContext', list, 8)
    expect(context(guest, list)).toEqual({ at: first, size: 40, offset: 4 })
    guest.call('NdisFreeNetBufferListContext', list, 20)
    expect(context(guest, list)).toEqual({ at: first, size: 40, offset: 24 })
    guest.call('NdisFreeNetBufferList', list)
    expect(guest.broken()).toEqual([])
  })
  test('NDIS_STATUS_RESOURCES when memory is short', () => {
    const guest = createNetBufferGuest(small())
    const list = guest.call('NdisAllocateNetBufferList', listPool(guest), 0, 0)
    let status: number = NDIS_STATUS_SUCCESS
    for (let i = 0; i < 100 && status === NDIS_STATUS_SUCCESS; i++)
      status = guest.call('NdisAllocateNetBufferListContext', list, 32_000, 16, 0x31786354)
    expect(status).toBe(NDIS_STATUS_RESOURCES)
  })
})

describe.each(['nt', 'ce'] as const)('on %s (DDI ndisallocatenetbufferlistpool, CE gg157141: the same)', (platform) => {
  test('a pool gives lists with a NET_BUFFER and its data, and takes them back', () => {
    const guest = createNetBufferGuest({ platform })
    const pool = listPool(guest, { netBuffer: true, dataSize: 64 })
    const list = guest.call('NdisAllocateNetBufferList', pool, 8, 0)
    expect(guest.state(guest.machine.kernel.space.r32(list + NBL.FirstNetBuffer))).toMatchObject({
      offset: 64,
      length: 0,
    })
    guest.call('NdisFreeNetBufferList', list)
    guest.call('NdisFreeNetBufferListPool', pool)
    expect(guest.broken()).toEqual([])
  })
  test('misuse breaks the same rules', () => {
    const guest = createNetBufferGuest({ platform })
    const pool = netBufferPool(guest)
    const netBuffer = guest.call('NdisAllocateNetBuffer', pool, 0, 0, 0)
    guest.call('NdisFreeNetBuffer', netBuffer)
    guest.call('NdisFreeNetBuffer', netBuffer)
    guest.call('NdisAllocateNetBufferMdlAndData', pool)
    expect(guest.broken()).toEqual(['DV:DoubleFree', 'NetBufferPoolDataSize'])
  })
})

describe('parameters', () => {
  test('a header of another type, revision 0, or a short one give NULL', () => {
    const guest = createNetBufferGuest({ rules: false })
    const { w8, w16 } = guest.machine.kernel.space
    const spoil = (change: (at: number) => void): number[] => {
      const [at, lists] = [poolParameters(guest), listPoolParameters(guest)]
      change(at)
      change(lists)
      return [guest.call('NdisAllocateNetBufferPool', 0, at), guest.call('NdisAllocateNetBufferListPool', 0, lists)]
    }
    expect(spoil((at) => w8(at, 0x99))).toEqual([0, 0])
    expect(spoil((at) => w8(at + 1, 0))).toEqual([0, 0])
    expect(spoil((at) => w16(at + 2, 4))).toEqual([0, 0])
  })
  test('DDI net_buffer_list_pool_parameters: DataSize needs fAllocateNetBuffer', () => {
    const guest = createNetBufferGuest({ rules: false })
    expect(listPool(guest, { dataSize: 100 })).toBe(0)
    const lists = listPool(guest, { netBuffer: true, dataSize: 100 })
    expect(guest.call('NdisAllocateNetBufferAndNetBufferList', lists, 0, 0, 0, 0, 0)).toBe(0)
    expect(guest.call('NdisAllocateNetBuffer', netBufferPool(guest, 50), 0, 0, 0)).toBe(0)
    expect(guest.call('NdisAllocateNetBufferMdlAndData', netBufferPool(guest, 0))).toBe(0)
  })
})

test('NdisAllocateGenericObject makes an object that the driver frees (DDI ndisallocategenericobject)', () => {
  const guest = createNetBufferGuest()
  const object = guest.call('NdisAllocateGenericObject', 0, 0x31626f54, 48)
  expect(guest.machine.kernel.space.r16(object + 2)).toBe(48)
  guest.machine.kernel.space.w8(object + 47, 1)
  guest.call('NdisFreeGenericObject', object)
  expect(guest.broken()).toEqual([])
  guest.call('NdisFreeGenericObject', object)
  guest.call('NdisFreeGenericObject', 0x1234)
  expect(guest.broken()).toEqual(['DV:DoubleFree', 'NdisAllocateGenericObject'])
  expect(NB.SIZE).toBe(NET_BUFFER.SIZE)
})
