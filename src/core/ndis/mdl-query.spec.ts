import { describe, expect, test } from 'vitest'
import { cell, createGuest } from '../test-guest'
import { MDL, PAGE_SIZE } from './packet-layout'

function mdlOf(length: number, offsetInPage = 0) {
  const guest = createGuest()
  const block = guest.memory(length + 2 * PAGE_SIZE)
  const address = ((block + PAGE_SIZE) & -PAGE_SIZE) + offsetInPage
  return { guest, address, mdl: guest.call('NdisAllocateMdl', 0, address, length) }
}

describe('the questions to an MDL', () => {
  test('have one answer under all of their names (PV, DDI ndisquerymdl, WDM)', () => {
    const { guest, address, mdl } = mdlOf(1514, 16)
    const virtual = cell()
    const length = cell()
    const offset = cell()
    for (const name of ['NdisQueryBuffer', 'NdisQueryBufferSafe', 'NdisQueryMdl']) {
      guest.call(name, mdl, virtual, length, 0)
      expect([name, virtual.value, length.value]).toEqual([name, address, 1514])
    }
    for (const name of ['NdisQueryBufferOffset', 'NdisQueryMdlOffset']) {
      guest.call(name, mdl, offset, length)
      expect([name, offset.value, length.value]).toEqual([name, 16, 1514])
    }
    expect(guest.call('NdisBufferLength', mdl)).toBe(1514)
    expect(guest.call('MmGetMdlByteCount', mdl)).toBe(1514)
    expect(guest.call('MmGetMdlByteOffset', mdl)).toBe(16)
    expect(guest.call('NdisBufferVirtualAddress', mdl)).toBe(address)
    expect(guest.call('MmGetMdlVirtualAddress', mdl)).toBe(address)
    expect(guest.call('MmGetSystemAddressForMdlSafe', mdl, 16)).toBe(address)
    expect(guest.broken()).toEqual([])
  })

  test('the address may be left out', () => {
    const { guest, mdl } = mdlOf(100)
    const length = cell()
    guest.call('NdisQueryMdl', mdl, 0, length, 16)
    expect(length.value).toBe(100)
  })

  test.each([
    [0, 0, 1],
    [1, PAGE_SIZE - 1, 1],
    [2, PAGE_SIZE - 1, 2],
    [PAGE_SIZE, 0, 1],
    [PAGE_SIZE + 1, 0, 2],
  ])('%i bytes at offset %i of a page touch %i pages', (length, offset, pages) => {
    const { guest, mdl } = mdlOf(length, offset)
    const size = cell()
    for (const name of ['NdisGetBufferPhysicalArraySize', 'NdisGetMdlPhysicalArraySize']) {
      guest.call(name, mdl, size)
      expect(size.value).toBe(pages)
    }
    expect(guest.call('NDIS_BUFFER_TO_SPAN_PAGES', mdl)).toBe(pages)
    expect(guest.call('NDIS_MDL_TO_SPAN_PAGES', mdl)).toBe(pages)
  })

  test('the next one is reached by function and by linkage', () => {
    const { guest, mdl, address } = mdlOf(100)
    const other = guest.call('NdisAllocateMdl', 0, address, 50)
    guest.machine.mdls.setNext(mdl, other)
    const next = cell()
    guest.call('NdisGetNextMdl', mdl, next)
    expect(next.value).toBe(other)
    guest.call('NdisGetNextBuffer', other, next)
    expect(next.value).toBe(0)
    expect(guest.call('NDIS_MDL_LINKAGE', mdl)).toBe(other)
  })
})

test.each(['NdisAdjustBufferLength', 'NdisAdjustMdlLength'])(
  '%s changes the length and nothing else (PV ff550733)',
  (name) => {
    const { guest, mdl } = mdlOf(1514)
    const before = guest.bytes(mdl, MDL.ByteCount)
    guest.call(name, mdl, 60)
    expect(guest.call('MmGetMdlByteCount', mdl)).toBe(60)
    expect(guest.bytes(mdl, MDL.ByteCount)).toEqual(before)
  },
)
