import { describe, expect, test } from 'vitest'
import { layout } from '../memory/layout'
import { createGuest } from '../test-guest'

const NB = layout(
  'NET_BUFFER',
  'Next', 'MdlChain', 'CurrentMdl', 'CurrentMdlOffset', 'DataLength', 'DataOffset', 'ChecksumBias', 'ProtocolReserved',
  'MiniportReserved', 'DataPhysicalAddress', 'SharedMemoryInfo',
) // prettier-ignore
const NBL = layout(
  'NET_BUFFER_LIST',
  'Next', 'FirstNetBuffer', 'Context', 'Flags', 'NblFlags', 'Status', 'ProtocolReserved', 'MiniportReserved',
) // prettier-ignore

const zeroed = (bytes: number) => {
  const guest = createGuest()
  const address = guest.memory(bytes)
  guest.machine.kernel.space.fill(address, bytes, 0)
  return { guest, address, space: guest.machine.kernel.space }
}

describe('members of a NET_BUFFER (DDI nblaccessors)', () => {
  test.each([
    ['NET_BUFFER_NEXT_NB', NB.Next],
    ['NET_BUFFER_FIRST_MDL', NB.MdlChain],
    ['NET_BUFFER_CURRENT_MDL', NB.CurrentMdl],
    ['NET_BUFFER_CURRENT_MDL_OFFSET', NB.CurrentMdlOffset],
    ['NET_BUFFER_DATA_LENGTH', NB.DataLength],
    ['NET_BUFFER_DATA_OFFSET', NB.DataOffset],
    ['NET_BUFFER_FIRST_SHARED_MEM_INFO', NB.SharedMemoryInfo],
  ])('%s reads a word, unsigned', (name, offset) => {
    const { guest, address, space } = zeroed(NB.SIZE)
    space.w32(address + offset, 0x8765_4321)
    expect(guest.call(name, address)).toBe(0x8765_4321)
    expect(guest.broken()).toEqual([])
  })
  test('NET_BUFFER_CHECKSUM_BIAS is a USHORT', () => {
    const { guest, address, space } = zeroed(NB.SIZE)
    space.w32(address + NB.ChecksumBias, 0xffff_8004)
    expect(guest.call('NET_BUFFER_CHECKSUM_BIAS', address)).toBe(0x8004)
  })
  test('NET_BUFFER_DATA_PHYSICAL_ADDRESS has 64 bits', () => {
    const { guest, address, space } = zeroed(NB.SIZE)
    space.w64(address + NB.DataPhysicalAddress, 0x8000_0001_c000_0002n)
    expect(guest.call64('NET_BUFFER_DATA_PHYSICAL_ADDRESS', address)).toBe(0x8000_0001_c000_0002n)
  })
  test('reserved areas are addresses inside it', () => {
    const { guest, address } = zeroed(NB.SIZE)
    expect(guest.call('NET_BUFFER_PROTOCOL_RESERVED', address)).toBe(address + NB.ProtocolReserved)
    expect(guest.call('NET_BUFFER_MINIPORT_RESERVED', address)).toBe(address + NB.MiniportReserved)
  })
  test('members of a shared memory segment', () => {
    const { guest, address, space } = zeroed(20)
    for (let i = 0; i < 5; i++) space.w32(address + 4 * i, 0x100 + i)
    const names = ['MEM_NEXT_SEGMENT', 'MEM_FLAGS', 'MEM_HANDLE', 'MEM_OFFSET', 'MEM_LENGTH']
    const values = names.map((name) => guest.call(`NET_BUFFER_SHARED_${name}`, address))
    expect(values).toEqual([0x100, 0x101, 0x102, 0x103, 0x104])
  })
})

describe('members of a NET_BUFFER_LIST (DDI nblaccessors)', () => {
  test.each([
    ['NET_BUFFER_LIST_NEXT_NBL', NBL.Next],
    ['NET_BUFFER_LIST_FIRST_NB', NBL.FirstNetBuffer],
    ['NET_BUFFER_LIST_FLAGS', NBL.Flags],
    ['NET_BUFFER_LIST_NBL_FLAGS', NBL.NblFlags],
  ])('%s reads a word, unsigned', (name, offset) => {
    const { guest, address, space } = zeroed(NBL.SIZE)
    space.w32(address + offset, 0x8765_4321)
    expect(guest.call(name, address)).toBe(0x8765_4321)
  })
  test('NET_BUFFER_LIST_STATUS is signed, as NDIS_STATUS is', () => {
    const { guest, address, space } = zeroed(NBL.SIZE)
    space.w32(address + NBL.Status, 0xc000_009a)
    expect(guest.call('NET_BUFFER_LIST_STATUS', address)).toBe(0xc000_009a | 0)
  })
  test('reserved areas are addresses inside it', () => {
    const { guest, address } = zeroed(NBL.SIZE)
    expect(guest.call('NET_BUFFER_LIST_PROTOCOL_RESERVED', address)).toBe(address + NBL.ProtocolReserved)
    expect(guest.call('NET_BUFFER_LIST_MINIPORT_RESERVED', address)).toBe(address + NBL.MiniportReserved)
  })
  test('the used part of the context is what lies behind its Offset', () => {
    const { guest, address, space } = zeroed(NBL.SIZE)
    const context = guest.memory(8 + 32)
    space.w32(address + NBL.Context, context)
    space.w16(context + 4, 32)
    space.w16(context + 6, 12)
    expect(guest.call('NET_BUFFER_LIST_CONTEXT_DATA_START', address)).toBe(context + 8 + 12)
    expect(guest.call('NET_BUFFER_LIST_CONTEXT_DATA_SIZE', address)).toBe(20)
    expect(guest.broken()).toEqual([])
  })
  test('a list without context: NULL is followed, and that is a page fault', () => {
    const { guest, address } = zeroed(NBL.SIZE)
    const { name } = guest.crash(() => guest.call('NET_BUFFER_LIST_CONTEXT_DATA_START', address))
    expect([name, guest.broken()]).toEqual(['PAGE_FAULT_IN_NONPAGED_AREA', ['NullCheck']])
  })
  test('a list that was freed is reported', () => {
    const { guest } = zeroed(8)
    const block = guest.memory(NBL.SIZE)
    guest.call('NdisFreeMemory', block, 0, 0)
    guest.call('NET_BUFFER_LIST_NEXT_NBL', block)
    expect(guest.broken()).toEqual(['DV:SpecialPoolUseAfterFree'])
  })
})
