import { describe, expect, test } from 'vitest'
import { cell } from '../test-guest'
import { createNetBufferGuest, NB, NBL } from '../test-net-buffer'

const RETREAT = 'NdisRetreatNetBufferDataStart'
const ADVANCE = 'NdisAdvanceNetBufferDataStart'
const LIST_ADVANCE = 'NdisAdvanceNetBufferListDataStart'
const GET = 'NdisGetDataBuffer'
const COPY = 'NdisCopyFromNetBufferToNetBuffer'

const setUp = (...sizes: readonly number[]) => {
  const guest = createNetBufferGuest()
  const netBuffer = guest.netBuffer(guest.chain(...sizes), 4, 20)
  return { guest, netBuffer, space: guest.machine.kernel.space }
}

describe('advances (DDI ndisadvancenetbufferdatastart)', () => {
  test('past the end of the data: reported, and not made', () => {
    const { guest, netBuffer } = setUp(40)
    const before = guest.state(netBuffer)
    guest.call(ADVANCE, netBuffer, 21, 0, 0)
    expect(guest.broken()).toEqual(['NetBufferAdvancePastEnd'])
    expect(guest.state(netBuffer)).toEqual(before)
  })
  test('past the end of one of a list: none is moved', () => {
    const { guest, netBuffer } = setUp(40)
    const short = guest.netBuffer(guest.chain(8), 0, 8)
    guest.call(LIST_ADVANCE, guest.list(netBuffer, short), 14, 0, 0)
    expect(guest.broken()).toEqual(['NetBufferAdvancePastEnd'])
    expect(guest.state(netBuffer)).toMatchObject({ offset: 4, length: 20 })
  })
  test('an MDL of NetAllocateMdl needs NetFreeMdl (NET advance-operations)', () => {
    const { guest, netBuffer } = setUp(40)
    const own = guest.chain(14)
    guest.call(RETREAT, netBuffer, 14, 0, () => own)
    guest.call(ADVANCE, netBuffer, 14, 1, 0)
    expect(guest.broken()).toEqual(['NetFreeMdlMissing'])
    expect(guest.state(netBuffer).mdls).toEqual([14, 40])
    guest.call(ADVANCE, netBuffer, 14, 1, () => undefined)
    expect(guest.state(netBuffer).mdls).toEqual([40])
  })
  test('with the rules off that is a bad free', () => {
    const guest = createNetBufferGuest({ rules: false })
    const netBuffer = guest.netBuffer(guest.chain(40), 0, 40)
    const own = guest.chain(14)
    guest.call(RETREAT, netBuffer, 14, 0, () => own)
    expect(guest.crash(() => guest.call(ADVANCE, netBuffer, 14, 1, 0)).name).toBe('BAD_POOL_CALLER')
  })
  test("a retreat's MDL is no business of NdisFreeMdl", () => {
    const { guest, netBuffer, space } = setUp(40)
    guest.call(RETREAT, netBuffer, 14, 0, 0)
    guest.call('NdisFreeMdl', space.r32(netBuffer + NB.MdlChain))
    expect(guest.broken()).toEqual(['MdlPairing'])
    expect(guest.state(netBuffer).mdls).toEqual([14, 40])
  })
})

describe('NetAllocateMdl (DDI nc-nblapi-net_buffer_allocate_mdl)', () => {
  test('an MDL that is shorter than asked', () => {
    const { guest, netBuffer } = setUp(40)
    const before = guest.state(netBuffer)
    const own = guest.chain(6)
    expect(guest.call(RETREAT, netBuffer, 14, 0, () => own)).toBe(0xc000_0001 | 0)
    expect(guest.broken()).toEqual(['NetAllocateMdlTooShort'])
    expect(guest.state(netBuffer)).toEqual(before)
  })
  test('what is no MDL', () => {
    const { guest, netBuffer } = setUp(40)
    const freed = guest.chain(20)
    guest.call('NdisFreeMdl', freed)
    guest.call(RETREAT, netBuffer, 14, 0, () => freed)
    expect(guest.broken()[0]).toBe('DV:SpecialPoolUseAfterFree')
  })
  test('an MDL of this very chain makes a circle', () => {
    const { guest, netBuffer, space } = setUp(40)
    const first = space.r32(netBuffer + NB.MdlChain)
    guest.call(RETREAT, netBuffer, 14, 0, () => first)
    expect(guest.broken()).toEqual(['MdlChainLoop'])
    guest.call(ADVANCE, netBuffer, 1, 0, 0)
    expect(guest.call(GET, netBuffer, 1, 0, 1, 0)).toBe(0)
    expect(guest.broken()).toEqual(['MdlChainLoop', 'MdlChainLoop', 'MdlChainLoop'])
  })
  test('a circle ends with the rules off, too', () => {
    const guest = createNetBufferGuest({ rules: false })
    const chain = guest.chain(8)
    const netBuffer = guest.netBuffer(chain, 0, 8)
    const storage = guest.memory(64)
    guest.machine.mdls.setNext(chain, chain)
    guest.machine.kernel.space.w32(netBuffer + NB.DataLength, 0xffff_ffff)
    expect(guest.call(GET, netBuffer, 40, storage, 1, 0)).toBe(storage)
    guest.call(ADVANCE, netBuffer, 0x7fff_ffff, 1, 0)
    expect(guest.call('NdisQueryNetBufferPhysicalCount', netBuffer)).toBe(0)
  })
})

describe('members that contradict each other (DDI ndisallocatenetbuffer)', () => {
  test('more data than the MDLs have', () => {
    const { guest, netBuffer, space } = setUp(40)
    space.w32(netBuffer + NB.DataLength, 37)
    guest.call(RETREAT, netBuffer, 2, 0, 0)
    expect(guest.broken()).toEqual(['NetBufferDataLength'])
  })
  test('a DataOffset that CurrentMdlOffset did not follow', () => {
    const { guest, netBuffer, space } = setUp(40)
    space.w32(netBuffer + NB.DataOffset, 8)
    guest.call(GET, netBuffer, 4, 0, 1, 0)
    expect(guest.broken()).toEqual(['NetBufferCurrentMdl'])
  })
  test('CurrentMdl at the end of one MDL is as good as the start of the next', () => {
    const { guest, space } = setUp(40)
    const netBuffer = guest.netBuffer(guest.chain(8, 8), 8, 8)
    space.w32(netBuffer + NB.CurrentMdl, space.r32(netBuffer + NB.MdlChain))
    space.w32(netBuffer + NB.CurrentMdlOffset, 8)
    expect(guest.call(GET, netBuffer, 8, 0, 1, 0)).toBe(guest.at(netBuffer, 0))
    expect(guest.broken()).toEqual([])
  })
  test.each([GET, 'NdisQueryNetBufferPhysicalCount'])('%s is not made over a CurrentMdl of another chain', (name) => {
    const { guest, netBuffer, space } = setUp(40)
    space.w32(netBuffer + NB.CurrentMdl, guest.chain(40))
    expect(guest.call(name, netBuffer, 4, 0, 1, 0)).toBe(0)
    expect(guest.broken()).toEqual(['NetBufferCurrentMdl'])
  })
})

describe('reads and copies', () => {
  test('Storage must hold BytesNeeded bytes (DDI ndisgetdatabuffer)', () => {
    const { guest, netBuffer } = setUp(10, 30)
    guest.call(GET, netBuffer, 20, guest.memory(16), 1, 0)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test.each([
    [0, 0],
    [3, 0],
    [4, 4],
  ])('AlignMultiple %i with AlignOffset %i', (multiple, offset) => {
    const { guest, netBuffer } = setUp(40)
    guest.call(GET, netBuffer, 4, 0, multiple, offset)
    expect(guest.broken()).toEqual(['DataBufferAlignment'])
  })
  test('data whose memory was freed', () => {
    const { guest } = setUp(40)
    const data = guest.memory(32)
    const source = guest.netBuffer(guest.call('NdisAllocateMdl', 0, data, 32), 0, 32)
    const destination = guest.netBuffer(guest.chain(32), 0, 32)
    guest.call('NdisFreeMemory', data, 32, 0)
    guest.call(COPY, destination, 0, 8, source, 0, cell())
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })
  test('an MDL that was made longer than its memory: what lies behind is not overwritten', () => {
    const { guest, netBuffer, space } = setUp(40)
    const chain = guest.chain(8)
    const short = guest.netBuffer(chain, 0, 8)
    guest.machine.mdls.setByteCount(chain, 4096)
    space.w32(short + NB.DataLength, 4096)
    guest.call(COPY, short, 0, 20, netBuffer, 0, cell())
    expect(guest.broken()).toContain('DV:SpecialPoolOverrun')
  })
})

describe('lists and pointers', () => {
  test('NET_BUFFERs that are linked in a circle', () => {
    const { guest, netBuffer, space } = setUp(40)
    const list = guest.list(netBuffer)
    space.w32(netBuffer + NB.Next, netBuffer)
    guest.call(LIST_ADVANCE, list, 0, 0, 0)
    expect(guest.broken()).toEqual(['NetBufferLoop'])
  })
  test('a NET_BUFFER that was freed is not touched', () => {
    const { guest, netBuffer } = setUp(40)
    guest.call('NdisFreeMemory', netBuffer, NB.SIZE, 0)
    guest.call(RETREAT, netBuffer, 2, 0, 0)
    guest.call(ADVANCE, netBuffer, 2, 0, 0)
    guest.call('NdisAdjustNetBufferCurrentMdl', netBuffer)
    expect(new Set(guest.broken())).toEqual(new Set(['DV:SpecialPoolUseAfterFree']))
  })
  test('a wild NET_BUFFER in a list', () => {
    const { guest, space } = setUp(40)
    const list = guest.list()
    space.w32(list + NBL.FirstNetBuffer, 0xffff_0000)
    expect(guest.crash(() => guest.call(LIST_ADVANCE, list, 1, 0, 0)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
    expect(guest.broken()).toEqual(['InvalidPointer'])
  })
})
