import { describe, expect, test } from 'vitest'
import { findLeaks } from '../verifier/leaks'
import { createGuest } from '../test-guest'
import { MOST_MDL_PAGES } from './mdl'
import { MDL, MDL_PARTIAL, MDL_SOURCE_IS_NONPAGED_POOL, PAGE_SIZE } from './packet-layout'

describe('NdisAllocateMdl (DDI ndisallocatemdl)', () => {
  test('gives an MDL over nonpaged memory with its pages filled in', () => {
    const guest = createGuest()
    const { space } = guest.machine.kernel
    const data = guest.memory(100)
    const mdl = guest.call('NdisAllocateMdl', 0, data, 100)
    expect(space.r16(mdl + MDL.MdlFlags)).toBe(MDL_SOURCE_IS_NONPAGED_POOL)
    expect(space.r32(mdl + MDL.SIZE)).toBe((data + 0x4000_0000) >>> 12)
    guest.call('NdisFreeMdl', mdl)
    expect(guest.broken()).toEqual([])
  })

  test('is NULL when memory is short', () => {
    const guest = createGuest()
    const data = guest.memory(8)
    const { pool } = guest.machine.kernel
    expect(guest.call('NdisAllocateMdl', 0, data, 8)).not.toBe(0)
    for (let size = 1 << 24; size >= 16; size >>= 1) while (pool.allocate(size, 0, 0, 0, 0) !== 0);
    expect(guest.call('NdisAllocateMdl', 0, data, 8)).toBe(0)
  })

  test('that is never freed is a leak; the pool behind it is none', () => {
    const guest = createGuest()
    guest.call('NdisAllocateMdl', 0, guest.memory(8), 8)
    const { kernel, pools } = guest.machine
    const leaks = findLeaks(
      kernel,
      pools,
      () => undefined,
      () => '',
    )
    expect(leaks.map(({ kind, count }) => [kind, count])).toEqual([
      ['pool memory', 1],
      ['NDIS_BUFFER', 1],
    ])
  })
})

describe('IoAllocateMdl (WDM)', () => {
  test('leaves the pages to MmBuildMdlForNonPagedPool', () => {
    const guest = createGuest()
    const { space } = guest.machine.kernel
    const data = guest.memory(100)
    const mdl = guest.call('IoAllocateMdl', data, 100, 0, 0, 0)
    expect(space.r16(mdl + MDL.MdlFlags)).toBe(0)
    expect(guest.machine.mdls.systemAddress(mdl)).toBe(0)
    guest.call('MmBuildMdlForNonPagedPool', mdl)
    expect(space.r16(mdl + MDL.MdlFlags)).toBe(MDL_SOURCE_IS_NONPAGED_POOL)
    expect(guest.call('MmGetSystemAddressForMdlSafe', mdl, 16)).toBe(data)
    expect(space.r32(mdl + MDL.SIZE)).toBe((data + 0x4000_0000) >>> 12)
    guest.call('IoFreeMdl', mdl)
    expect(guest.broken()).toEqual([])
  })

  test('is NULL for a range with more pages than MDL.Size can say', () => {
    const guest = createGuest()
    expect(guest.call('IoAllocateMdl', 0, MOST_MDL_PAGES * PAGE_SIZE + 1, 0, 0, 0)).toBe(0)
    expect(guest.call('IoAllocateMdl', 0, MOST_MDL_PAGES * PAGE_SIZE, 0, 0, 0)).not.toBe(0)
  })
})

describe('IoBuildPartialMdl (WDM)', () => {
  test('describes a part; length 0 is all that is left', () => {
    const guest = createGuest()
    const { space } = guest.machine.kernel
    const data = guest.memory(100)
    const source = guest.call('NdisAllocateMdl', 0, data, 100)
    const target = guest.call('IoAllocateMdl', data, 100, 0, 0, 0)
    guest.call('IoBuildPartialMdl', source, target, data + 40, 20)
    expect([guest.call('MmGetMdlVirtualAddress', target), guest.call('MmGetMdlByteCount', target)]).toEqual([
      data + 40,
      20,
    ])
    expect(space.r16(target + MDL.MdlFlags)).toBe(MDL_PARTIAL | MDL_SOURCE_IS_NONPAGED_POOL)
    guest.call('IoBuildPartialMdl', source, target, data + 40, 0)
    expect(guest.call('MmGetMdlByteCount', target)).toBe(60)
    expect(guest.broken()).toEqual([])
  })
})
