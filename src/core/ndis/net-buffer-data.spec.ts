import { describe, expect, test } from 'vitest'
import { createSharedMemory } from '../machine'
import { FILL } from '../memory/map'
import { createNetBufferGuest } from '../test-net-buffer'
import type { Out } from '../memory/cell'
import { NDIS_STATUS_FAILURE, NDIS_STATUS_RESOURCES, NDIS_STATUS_SUCCESS } from './status'

const RETREAT = 'NdisRetreatNetBufferDataStart'
const ADVANCE = 'NdisAdvanceNetBufferDataStart'
const MEGABYTE = 1 << 20

describe.each(['nt', 'ce'] as const)('retreat and advance within the MDLs that are there (%s)', (platform) => {
  const setUp = () => createNetBufferGuest({ platform })

  test('a retreat takes from DataOffset what it gives to DataLength (NET retreat-operations)', () => {
    const guest = setUp()
    const netBuffer = guest.netBuffer(guest.chain(64), 20, 30)
    expect(guest.call(RETREAT, netBuffer, 14, 0, 0)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.state(netBuffer)).toEqual({ offset: 6, length: 44, currentMdl: 0, currentOffset: 6, mdls: [64] })
    expect(guest.data(netBuffer).slice(0, 3)).toEqual([6, 7, 8])
    expect(guest.broken()).toEqual([])
  })
  test('a delta equal to DataOffset still fits', () => {
    const guest = setUp()
    const netBuffer = guest.netBuffer(guest.chain(64), 20, 30)
    guest.call(RETREAT, netBuffer, 20, 100, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 0, length: 50, currentMdl: 0, currentOffset: 0, mdls: [64] })
  })
  test('a retreat goes back over MDLs, CurrentMdl with it', () => {
    const guest = setUp()
    const netBuffer = guest.netBuffer(guest.chain(8, 8, 8), 20, 4)
    expect(guest.state(netBuffer)).toMatchObject({ currentMdl: 2, currentOffset: 4 })
    guest.call(RETREAT, netBuffer, 13, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 7, length: 17, currentMdl: 0, currentOffset: 7 })
  })
  test('an advance gives to DataOffset what it takes from DataLength (NET advance-operations)', () => {
    const guest = setUp()
    const netBuffer = guest.netBuffer(guest.chain(8, 8, 8), 2, 20)
    guest.call(ADVANCE, netBuffer, 4, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 6, length: 16, currentMdl: 0, currentOffset: 6 })
    guest.call(ADVANCE, netBuffer, 2, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 8, length: 14, currentMdl: 1, currentOffset: 0 })
    guest.call(ADVANCE, netBuffer, 9, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 17, length: 5, currentMdl: 2, currentOffset: 1 })
    expect(guest.data(netBuffer)).toEqual([17, 18, 19, 20, 21])
  })
  test('an advance to the very end stays in the last MDL, from where a retreat comes back', () => {
    const guest = setUp()
    const netBuffer = guest.netBuffer(guest.chain(8, 8), 0, 16)
    guest.call(ADVANCE, netBuffer, 16, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 16, length: 0, currentMdl: 1, currentOffset: 8 })
    guest.call(RETREAT, netBuffer, 16, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 0, length: 16, currentMdl: 0, currentOffset: 0 })
    expect(guest.broken()).toEqual([])
  })
  test('MDLs without bytes are no place for CurrentMdl', () => {
    const guest = setUp()
    const netBuffer = guest.netBuffer(guest.chain(0, 4, 0, 4), 0, 8)
    expect(guest.state(netBuffer)).toMatchObject({ currentMdl: 1, currentOffset: 0 })
    guest.call(ADVANCE, netBuffer, 4, 0, 0)
    expect(guest.state(netBuffer)).toMatchObject({ currentMdl: 3, currentOffset: 0 })
  })
})

describe('a retreat that needs memory (DDI ndisretreatnetbufferdatastart)', () => {
  test('chains an MDL of DataOffsetDelta + DataBackFill bytes in front', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    expect(guest.call(RETREAT, netBuffer, 14, 50, 0)).toBe(NDIS_STATUS_SUCCESS)
    expect(guest.state(netBuffer)).toEqual({ offset: 50, length: 54, currentMdl: 0, currentOffset: 50, mdls: [64, 40] })
    expect(guest.data(netBuffer).slice(13, 17)).toEqual([FILL.FRESH, 0, 1, 2])
  })
  test('uses up what was unused before, so that the data stays in one piece', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 6, 34)
    guest.call(RETREAT, netBuffer, 14, 0, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 6, length: 48, currentMdl: 0, currentOffset: 6, mdls: [14, 40] })
    expect(guest.data(netBuffer).slice(6, 10)).toEqual([FILL.FRESH, FILL.FRESH, 0, 1])
  })
  test('works on a NET_BUFFER without MDLs, and an advance that frees makes it empty again', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(0, 0, 0)
    guest.call(RETREAT, netBuffer, 14, 0, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 0, length: 14, currentMdl: 0, currentOffset: 0, mdls: [14] })
    guest.call(ADVANCE, netBuffer, 14, 1, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 0, length: 0, currentMdl: -1, currentOffset: 0, mdls: [] })
    expect(guest.broken()).toEqual([])
  })
  test('the MDL of a long retreat describes all of its pages, in one piece', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(0, 0, 0)
    guest.call(RETREAT, netBuffer, 5000, 0, 0)
    expect(guest.call('NdisQueryNetBufferPhysicalCount', netBuffer)).toBeGreaterThanOrEqual(2)
    expect(guest.at(netBuffer, 4999) - guest.at(netBuffer, 0)).toBe(4999)
  })
  test('RESOURCES when memory is short, and nothing has changed', () => {
    const guest = createNetBufferGuest({ memory: createSharedMemory(4 * MEGABYTE) })
    const netBuffer = guest.netBuffer(guest.chain(40), 6, 34)
    const before = guest.state(netBuffer)
    expect(guest.call(RETREAT, netBuffer, 8 * MEGABYTE, 0, 0)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.call(RETREAT, netBuffer, 14, 0x7fff_ffff, 0)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.state(netBuffer)).toEqual(before)
  })
  test('FAILURE when the numbers do not fit in a ULONG', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 6, 34)
    const before = guest.state(netBuffer)
    expect(guest.call(RETREAT, netBuffer, 0xffff_fff0, 0, 0)).toBe(NDIS_STATUS_FAILURE)
    expect(guest.call(RETREAT, netBuffer, 100, 0xffff_fff0, 0)).toBe(NDIS_STATUS_FAILURE)
    expect(guest.state(netBuffer)).toEqual(before)
  })
})

describe('an advance and the MDL of a retreat (DDI ndisadvancenetbufferdatastart)', () => {
  const extended = (backFill = 50) => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 6, 34)
    guest.call(RETREAT, netBuffer, 14, backFill, 0)
    return { guest, netBuffer }
  }
  const original = { offset: 6, length: 34, currentMdl: 0, currentOffset: 6, mdls: [40] }

  test('FreeMdl TRUE frees it and everything is as it was', () => {
    const { guest, netBuffer } = extended()
    guest.call(ADVANCE, netBuffer, 14, 1, 0)
    expect(guest.state(netBuffer)).toEqual(original)
    expect(guest.broken()).toEqual([])
  })
  test('FreeMdl FALSE keeps it for the next retreat', () => {
    const { guest, netBuffer } = extended()
    guest.call(ADVANCE, netBuffer, 14, 0, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 70, length: 34, currentMdl: 1, currentOffset: 6, mdls: [64, 40] })
    guest.call(RETREAT, netBuffer, 70, 0, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 0, length: 104, currentMdl: 0, currentOffset: 0, mdls: [64, 40] })
  })
  test('an MDL of which a part is still used is kept', () => {
    const { guest, netBuffer } = extended()
    guest.call(ADVANCE, netBuffer, 7, 1, 0)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 63, length: 41, currentMdl: 0, mdls: [64, 40] })
  })
  test('several retreats: an advance over all of them frees all of them, and no MDL of the driver', () => {
    const { guest, netBuffer } = extended(0)
    guest.call(RETREAT, netBuffer, 20, 0, 0)
    guest.call(RETREAT, netBuffer, 20, 0, 0)
    expect(guest.state(netBuffer).mdls).toEqual([20, 20, 14, 40])
    guest.call(ADVANCE, netBuffer, 54, 1, 0)
    expect(guest.state(netBuffer)).toEqual(original)
    guest.call(ADVANCE, netBuffer, 34, 1, 0)
    expect(guest.state(netBuffer)).toEqual({ offset: 40, length: 0, currentMdl: 0, currentOffset: 40, mdls: [40] })
  })
})

describe('NetAllocateMdl and NetFreeMdl of the driver (DDI nc-nblapi-net_buffer_allocate_mdl)', () => {
  test('NetAllocateMdl gets the size in a ULONG, NetFreeMdl gets the MDL back, unlinked', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    const own = guest.chain(24)
    const asked: number[] = []
    const freed: number[] = []
    const status = guest.call(RETREAT, netBuffer, 14, 10, (BufferSize: Out) => {
      asked.push(BufferSize.value)
      return own
    })
    expect([status, asked]).toEqual([NDIS_STATUS_SUCCESS, [24]])
    expect(guest.state(netBuffer)).toEqual({ offset: 10, length: 54, currentMdl: 0, currentOffset: 10, mdls: [24, 40] })
    guest.call(ADVANCE, netBuffer, 14, 1, (Mdl: number) => {
      freed.push(Mdl, guest.call('NDIS_MDL_LINKAGE', Mdl))
      expect(guest.state(netBuffer).mdls).toEqual([40])
    })
    expect(freed).toEqual([own, 0])
    expect(guest.broken()).toEqual([])
  })
  test('is not called while there is room', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 20, 20)
    const handler = () => {
      throw new Error('called')
    }
    guest.call(RETREAT, netBuffer, 20, 10, handler)
    guest.call(ADVANCE, netBuffer, 20, 1, handler)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 20, length: 20, mdls: [40] })
  })
  test('an MDL that is longer than asked gives more room ahead', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    const own = guest.chain(100)
    guest.call(RETREAT, netBuffer, 14, 0, () => own)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 86, length: 54, currentOffset: 86, mdls: [100, 40] })
  })
  test('NULL is RESOURCES', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    expect(guest.call(RETREAT, netBuffer, 14, 0, () => 0)).toBe(NDIS_STATUS_RESOURCES)
    expect(guest.state(netBuffer)).toMatchObject({ offset: 0, length: 40, mdls: [40] })
    expect(guest.broken()).toEqual([])
  })
  test("NDIS frees its own MDL itself although it is given a NetFreeMdl: that is for the driver's only", () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    guest.call(RETREAT, netBuffer, 14, 0, 0)
    let called = 0
    guest.call(ADVANCE, netBuffer, 14, 1, () => called++)
    expect([called, guest.state(netBuffer).mdls]).toEqual([0, [40]])
  })
  test('a handler that is no function is jumped to, as on Windows', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    const { name, parameters } = guest.crash(() => guest.call(RETREAT, netBuffer, 14, 0, 0x1234))
    expect([name, parameters[0]]).toEqual(['PAGE_FAULT_IN_NONPAGED_AREA', 0x1234])
  })
})

describe('NdisAdjustNetBufferCurrentMdl (DDI)', () => {
  test('follows a DataOffset that the driver changed', () => {
    const guest = createNetBufferGuest()
    const netBuffer = guest.netBuffer(guest.chain(8, 8, 8), 0, 24)
    guest.machine.kernel.space.w32(netBuffer + 20, 17)
    guest.machine.kernel.space.w32(netBuffer + 12, 7)
    guest.call('NdisAdjustNetBufferCurrentMdl', netBuffer)
    expect(guest.state(netBuffer)).toMatchObject({ currentMdl: 2, currentOffset: 1 })
    expect(guest.broken()).toEqual([])
  })
})
