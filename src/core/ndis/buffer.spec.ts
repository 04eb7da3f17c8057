import { describe, expect, test } from 'vitest'
import { cell, createGuest, type Guest } from '../test-guest'
import { MDL, MDL_PARTIAL, MDL_SOURCE_IS_NONPAGED_POOL, PAGE_SIZE } from './packet-layout'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const PHYSICAL_OFFSET = 0x4000_0000

function poolOf(guest: Guest, count: number): { status: number; pool: number } {
  const status = cell()
  const pool = cell()
  guest.call('NdisAllocateBufferPool', status, pool, count)
  return { status: status.value, pool: pool.value }
}
function take(guest: Guest, pool: number, address: number, length: number): { status: number; buffer: number } {
  const status = cell()
  const buffer = cell()
  guest.call('NdisAllocateBuffer', status, buffer, pool, address, length)
  return { status: status.value, buffer: buffer.value }
}
function copy(guest: Guest, pool: number, source: number, offset: number, length: number) {
  const status = cell()
  const buffer = cell()
  guest.call('NdisCopyBuffer', status, buffer, pool, source, offset, length)
  return { status: status.value, buffer: buffer.value }
}
const range = (guest: Guest, buffer: number): [address: number, length: number] => {
  const address = cell()
  const length = cell()
  guest.call('NdisQueryBufferSafe', buffer, address, length, 16)
  return [address.value, length.value]
}

describe('NdisAllocateBufferPool (PV ff550741)', () => {
  test('NumberOfDescriptors is the limit of buffers that are out', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 2)
    const data = guest.memory(64)
    const first = take(guest, pool, data, 64)
    take(guest, pool, data, 32)
    expect(take(guest, pool, data, 16)).toEqual({ status: NDIS_STATUS_RESOURCES, buffer: 0 })
    guest.call('NdisFreeBuffer', first.buffer)
    expect(take(guest, pool, data, 16)).toEqual({ status: NDIS_STATUS_SUCCESS, buffer: first.buffer })
    expect(guest.broken()).toEqual([])
  })

  test.each([0, 0xffff_ffff])('of %i descriptors is NDIS_STATUS_RESOURCES on nt', (count) => {
    expect(poolOf(createGuest(), count)).toEqual({ status: NDIS_STATUS_RESOURCES, pool: 0 })
  })

  test('always succeeds on ce; without memory the handle is NULL, which is legal there, and holds no buffer', () => {
    const guest = createGuest({ platform: 'ce' })
    expect(poolOf(guest, 0xffff_ffff)).toEqual({ status: NDIS_STATUS_SUCCESS, pool: 0 })
    expect(take(guest, 0, guest.memory(8), 8)).toEqual({ status: NDIS_STATUS_RESOURCES, buffer: 0 })
    guest.call('NdisFreeBufferPool', 0)
    expect(guest.broken()).toEqual([])
  })
})

describe('NdisAllocateBuffer (DDI ndisallocatebuffer)', () => {
  test('makes an MDL of 28 bytes and a page number for each page that the range touches', () => {
    const guest = createGuest()
    const { space } = guest.machine.kernel
    const { pool } = poolOf(guest, 1)
    const block = guest.memory(3 * PAGE_SIZE)
    // Two bytes before a page border, so that 2 + 4096 + 1 bytes touch three pages.
    const address = ((block + PAGE_SIZE) & -PAGE_SIZE) - 2
    const { buffer } = take(guest, pool, address, PAGE_SIZE + 3)
    expect(space.r32(buffer + MDL.Next)).toBe(0)
    expect(space.r16(buffer + MDL.Size)).toBe(28 + 3 * 4)
    expect(space.r16(buffer + MDL.MdlFlags)).toBe(MDL_SOURCE_IS_NONPAGED_POOL)
    expect(space.r32(buffer + MDL.MappedSystemVa)).toBe(address)
    expect(space.r32(buffer + MDL.StartVa)).toBe(address - (PAGE_SIZE - 2))
    expect(space.r32(buffer + MDL.ByteCount)).toBe(PAGE_SIZE + 3)
    expect(space.r32(buffer + MDL.ByteOffset)).toBe(PAGE_SIZE - 2)
    const page = (address + PHYSICAL_OFFSET) >>> 12
    expect([0, 4, 8].map((at) => space.r32(buffer + MDL.SIZE + at))).toEqual([page, page + 1, page + 2])
  })

  test('owns no memory: freeing the buffer leaves the data (PV ff551981)', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 1)
    const data = guest.memory(8)
    guest.call('NdisFreeBuffer', take(guest, pool, data, 8).buffer)
    expect(guest.bytes(data, 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(guest.machine.kernel.pool.problem(data)).toBeNull()
  })

  test('describes ranges that are longer than a pool has pages for, and counts them', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 2)
    const length = 200 * 1024
    const data = guest.memory(length)
    const long = take(guest, pool, data, length)
    expect(long.status).toBe(NDIS_STATUS_SUCCESS)
    expect(range(guest, long.buffer)).toEqual([data, length])
    expect(take(guest, pool, data, 8).status).toBe(NDIS_STATUS_SUCCESS)
    expect(take(guest, pool, data, 8).status).toBe(NDIS_STATUS_RESOURCES)
    expect(take(guest, pool, data, length).status).toBe(NDIS_STATUS_RESOURCES)
    guest.call('NdisFreeBuffer', long.buffer)
    expect(take(guest, pool, data, 8).status).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual([])
  })

  test('of no bytes is a buffer of no bytes', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 1)
    const data = guest.memory(8)
    expect(range(guest, take(guest, pool, data, 0).buffer)).toEqual([data, 0])
  })
})

describe('NdisCopyBuffer (PV ff551060, CE ms921039)', () => {
  test('describes a part once more and copies no data', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 2)
    const data = guest.memory(100)
    const source = take(guest, pool, data, 100).buffer
    const part = copy(guest, pool, source, 14, 46)
    expect(part.status).toBe(NDIS_STATUS_SUCCESS)
    expect(range(guest, part.buffer)).toEqual([data + 14, 46])
    expect(guest.machine.kernel.space.r16(part.buffer + MDL.MdlFlags) & MDL_PARTIAL).toBe(MDL_PARTIAL)
    guest.machine.kernel.space.w8(data + 14, 0x77)
    expect(guest.bytes(range(guest, part.buffer)[0], 1)).toEqual([0x77])
  })

  test.each([
    [0, 101],
    [100, 1],
    [101, 0],
    [0xffff_ffff, 2],
  ])('of a range out of bounds (%i, %i) is NDIS_STATUS_FAILURE', (offset, length) => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 2)
    const source = take(guest, pool, guest.memory(100), 100).buffer
    expect(copy(guest, pool, source, offset, length)).toEqual({ status: NDIS_STATUS_FAILURE, buffer: 0 })
    // What was taken on the way is back, and nobody wrote to it since.
    expect(guest.machine.pools.inUse(pool)).toBe(1)
    expect(take(guest, pool, source, 1).status).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.broken()).toEqual([])
  })

  test('of a chain is a chain', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 8)
    const data = guest.memory(90)
    const [a, b, c] = [0, 30, 60].map((at) => take(guest, pool, data + at, 30).buffer) as [number, number, number]
    guest.machine.mdls.setNext(a, b)
    guest.machine.mdls.setNext(b, c)
    const { buffer } = copy(guest, pool, a, 40, 35)
    expect(range(guest, buffer)).toEqual([data + 40, 20])
    const next = cell()
    guest.call('NdisGetNextBuffer', buffer, next)
    expect(range(guest, next.value)).toEqual([data + 60, 15])
    expect(guest.call('NDIS_BUFFER_LINKAGE', next.value)).toBe(0)
  })

  test('of a chain that the pool has not enough descriptors for is NDIS_STATUS_RESOURCES and takes none', () => {
    const guest = createGuest()
    const { pool } = poolOf(guest, 3)
    const data = guest.memory(60)
    const [a, b] = [0, 30].map((at) => take(guest, pool, data + at, 30).buffer) as [number, number]
    guest.machine.mdls.setNext(a, b)
    expect(copy(guest, pool, a, 0, 60)).toEqual({ status: NDIS_STATUS_RESOURCES, buffer: 0 })
    expect(guest.machine.pools.inUse(pool)).toBe(2)
  })
})
