import { describe, expect, test } from 'vitest'
import { cell } from '../test-guest'
import { createNetBufferGuest } from '../test-net-buffer'
import { NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const GET = 'NdisGetDataBuffer'
const COPY = 'NdisCopyFromNetBufferToNetBuffer'
const PHYSICAL_COUNT = 'NdisQueryNetBufferPhysicalCount'
const count = (from: number, length: number): number[] => Array.from({ length }, (_unused, i) => from + i)

describe.each(['nt', 'ce'] as const)('NdisGetDataBuffer (DDI, %s)', (platform) => {
  const setUp = (...sizes: readonly number[]) => {
    const guest = createNetBufferGuest({ platform })
    const netBuffer = guest.netBuffer(guest.chain(...sizes), 4, 20)
    return { guest, netBuffer, storage: guest.memory(64) }
  }
  test('data in one piece: its own address, Storage untouched', () => {
    const { guest, netBuffer, storage } = setUp(32)
    expect(guest.call(GET, netBuffer, 20, storage, 1, 0)).toBe(guest.at(netBuffer, 0))
    expect(guest.call(GET, netBuffer, 20, 0, 1, 0)).toBe(guest.at(netBuffer, 0))
    expect(guest.bytes(storage, 4)).toEqual([0, 1, 2, 3])
  })
  test('the first MDL holds enough: the others do not matter', () => {
    const { guest, netBuffer } = setUp(18, 16)
    expect(guest.call(GET, netBuffer, 14, 0, 1, 0)).toBe(guest.at(netBuffer, 0))
    expect(guest.call(GET, netBuffer, 15, 0, 1, 0)).toBe(0)
  })
  test('data over several MDLs: a copy in Storage, no byte more', () => {
    const { guest, netBuffer, storage } = setUp(10, 1, 0, 16)
    expect(guest.call(GET, netBuffer, 12, storage, 1, 0)).toBe(storage)
    expect(guest.bytes(storage, 12)).toEqual(count(4, 12))
    expect(guest.bytes(storage + 12, 2)).toEqual([12, 13])
    expect(guest.broken()).toEqual([])
  })
  test('NULL: more than DataLength, although the MDL has more', () => {
    const { guest, netBuffer, storage } = setUp(32)
    expect(guest.call(GET, netBuffer, 21, storage, 1, 0)).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('the address is a multiple of AlignMultiple plus AlignOffset, else there is a copy', () => {
    const { guest, netBuffer, storage } = setUp(32)
    const address = guest.at(netBuffer, 0)
    expect(address % 16).toBe(4)
    expect(guest.call(GET, netBuffer, 8, storage, 4, 0)).toBe(address)
    expect(guest.call(GET, netBuffer, 8, storage, 16, 4)).toBe(address)
    expect(guest.call(GET, netBuffer, 8, storage, 8, 0)).toBe(storage)
    expect(guest.bytes(storage, 8)).toEqual(count(4, 8))
    expect(guest.call(GET, netBuffer, 8, 0, 8, 0)).toBe(0)
    expect(guest.broken()).toEqual([])
  })
  test('NULL for an MDL whose pages were never filled in', () => {
    const { guest, storage } = setUp(32)
    const mdl = guest.call('IoAllocateMdl', guest.memory(32), 32, 0, 0, 0)
    const netBuffer = guest.netBuffer(mdl, 0, 32)
    expect(guest.call(GET, netBuffer, 8, storage, 1, 0)).toBe(0)
  })
  test('after a retreat that allocated, header and payload are in two MDLs', () => {
    const { guest, netBuffer, storage } = setUp(24)
    guest.call('NdisRetreatNetBufferDataStart', netBuffer, 18, 0, 0)
    expect(guest.call(GET, netBuffer, 14, 0, 1, 0)).toBe(guest.at(netBuffer, 0))
    expect(guest.call(GET, netBuffer, 20, 0, 1, 0)).toBe(0)
    expect(guest.call(GET, netBuffer, 20, storage, 1, 0)).toBe(storage)
    expect(guest.bytes(storage + 14, 6)).toEqual(count(0, 6))
  })
})

describe('NdisCopyFromNetBufferToNetBuffer (DDI)', () => {
  const setUp = () => {
    const guest = createNetBufferGuest()
    const source = guest.netBuffer(guest.chain(5, 0, 7, 20), 3, 25)
    const destination = guest.netBuffer(guest.chain(9, 3, 30), 2, 40)
    const copied = cell()
    const copy = (to: number, bytes: number, from: number) => {
      const status = guest.call(COPY, destination, to, bytes, source, from, copied)
      return [status, copied.value]
    }
    return { guest, source, destination, copy }
  }
  test('goes from piece to piece on both sides; offsets count from CurrentMdlOffset', () => {
    const { guest, destination, copy } = setUp()
    expect(copy(4, 16, 1)).toEqual([NDIS_STATUS_SUCCESS, 16])
    expect(guest.data(destination).slice(0, 22)).toEqual([...count(2, 4), ...count(4, 16), ...count(22, 2)])
    expect(guest.broken()).toEqual([])
  })
  test('changes no member of the destination', () => {
    const { guest, destination, copy } = setUp()
    const before = guest.state(destination)
    copy(0, 25, 0)
    expect(guest.state(destination)).toEqual(before)
  })
  test('stops where the source has no more data, which is a success', () => {
    const { copy } = setUp()
    expect(copy(0, 100, 20)).toEqual([NDIS_STATUS_SUCCESS, 5])
    expect(copy(0, 100, 25)).toEqual([NDIS_STATUS_SUCCESS, 0])
    expect(copy(0, 100, 1000)).toEqual([NDIS_STATUS_SUCCESS, 0])
    expect(copy(0, 0, 0)).toEqual([NDIS_STATUS_SUCCESS, 0])
  })
  test('stops where the destination has no more memory, whatever its DataLength says', () => {
    const { guest, source, copy } = setUp()
    expect(copy(30, 100, 0)).toEqual([NDIS_STATUS_SUCCESS, 10])
    const empty = guest.netBuffer(guest.chain(6), 2, 0)
    const copied = cell()
    guest.call(COPY, empty, 0, 25, source, 0, copied)
    expect(copied.value).toBe(4)
    expect(guest.broken()).toEqual([])
  })
  test('RESOURCES for an MDL whose pages were never filled in, with what was copied so far', () => {
    const { guest, source } = setUp()
    const unbuilt = guest.netBuffer(guest.call('IoAllocateMdl', guest.memory(32), 32, 0, 0, 0), 0, 32)
    const copied = cell()
    expect(guest.call(COPY, unbuilt, 0, 8, source, 0, copied)).toBe(NDIS_STATUS_RESOURCES)
    expect(copied.value).toBe(0)
  })
})

describe('NdisQueryNetBufferPhysicalCount (DDI)', () => {
  test('counts the pages of the used data only, MDL by MDL', () => {
    const guest = createNetBufferGuest()
    const block = guest.memory(3 * 4096)
    const page = (block + 4095) & -4096
    const mdl = (address: number, length: number) => guest.call('NdisAllocateMdl', 0, address, length)
    const two = mdl(page + 4000, 200)
    guest.machine.mdls.setNext(two, mdl(page, 10))
    expect(guest.call(PHYSICAL_COUNT, guest.netBuffer(two, 0, 210))).toBe(3)
    expect(guest.call(PHYSICAL_COUNT, guest.netBuffer(two, 0, 96))).toBe(1)
    expect(guest.call(PHYSICAL_COUNT, guest.netBuffer(two, 96, 104))).toBe(1)
    expect(guest.call(PHYSICAL_COUNT, guest.netBuffer(two, 96, 0))).toBe(0)
    expect(guest.broken()).toEqual([])
  })
})
