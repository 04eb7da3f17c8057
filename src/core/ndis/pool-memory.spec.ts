import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL } from '../kernel/irql'
import { FILL } from '../memory/map'
import { cell, createGuest } from '../test-guest'
import { constant } from './constants'

const TAG = 0x31676154
const NON_PAGED = constant('POOL_FLAG_NON_PAGED')
const UNINITIALIZED = constant('POOL_FLAG_UNINITIALIZED')
const PAGED = constant('POOL_FLAG_PAGED')
const TOO_MUCH = 0x7fff_0000

describe('ExAllocatePool2 (WDM exallocatepool2)', () => {
  test('gives zeroed memory, as it lies there only where the flag asks for it', () => {
    const guest = createGuest()
    expect(guest.bytes(guest.call('ExAllocatePool2', NON_PAGED, 3, TAG), 3)).toEqual([0, 0, 0])
    const raw = guest.call('ExAllocatePool2', BigInt(NON_PAGED | UNINITIALIZED) | (1n << 40n), 3, TAG)
    expect(guest.bytes(raw, 3)).toEqual([FILL.FRESH, FILL.FRESH, FILL.FRESH])
    expect(guest.broken()).toEqual([])
  })
  test.each([
    ['no pool', UNINITIALIZED],
    ['two pools', NON_PAGED | PAGED],
  ])('refuses flags that name %s', (_what, flags) => {
    const guest = createGuest()
    expect(guest.call('ExAllocatePool2', flags, 16, TAG)).toBe(0)
    expect(guest.broken()).toEqual(['PoolFlags'])
  })
  test('NULL when there is none left, or an exception where the driver asked for one', () => {
    const guest = createGuest()
    expect(guest.call('ExAllocatePool2', NON_PAGED, TOO_MUCH, TAG)).toBe(0)
    const flags = NON_PAGED | constant('POOL_FLAG_RAISE_ON_FAILURE')
    expect(guest.crash(() => guest.call('ExAllocatePool2', flags, TOO_MUCH, TAG)).name).toBe(
      'KMODE_EXCEPTION_NOT_HANDLED',
    )
  })
  test('no bytes are reported (DV:ZeroByteAllocation)', () => {
    const guest = createGuest()
    guest.call('ExAllocatePool2', NON_PAGED, 0, TAG)
    guest.call('ExAllocatePoolWithTag', 0, 0, TAG)
    expect(guest.broken()).toEqual(['DV:ZeroByteAllocation', 'DV:ZeroByteAllocation'])
  })
})

describe('paged pool (DV:PagedAllocIrql, DV:PagedFreeIrql)', () => {
  test('is asked for and freed up to APC_LEVEL', () => {
    const guest = createGuest()
    const { cpus } = guest.machine.kernel
    const paged = guest.call('ExAllocatePool2', PAGED, 16, TAG)
    const other = guest.call('ExAllocatePoolWithTag', constant('PagedPool'), 16, TAG)
    guest.call('ExFreePool', other)
    expect(guest.broken()).toEqual([])
    cpus.setIrql(DISPATCH_LEVEL)
    guest.call('ExAllocatePool2', PAGED, 16, TAG)
    guest.call('ExAllocatePoolWithTag', constant('PagedPool'), 16, TAG)
    guest.call('ExFreePoolWithTag', paged, TAG)
    guest.call('ExFreePool', guest.call('ExAllocatePool2', NON_PAGED, 16, TAG))
    expect(guest.broken()).toEqual(['DV:PagedAllocIrql', 'DV:PagedAllocIrql', 'DV:PagedFreeIrql'])
  })
})

describe('ExAllocatePoolWithTag, ExFreePool, ExFreePoolWithTag (WDM)', () => {
  test('do not zero, check the tag, and take 0 for any', () => {
    const guest = createGuest()
    const take = () => guest.call('ExAllocatePoolWithTag', constant('NonPagedPoolNx'), 5, TAG)
    const first = take()
    expect(guest.bytes(first, 2)).toEqual([FILL.FRESH, FILL.FRESH])
    guest.call('ExFreePoolWithTag', first, TAG)
    guest.call('ExFreePoolWithTag', take(), 0)
    guest.call('ExFreePool', take())
    expect(guest.broken()).toEqual([])
    guest.call('ExFreePoolWithTag', take(), TAG + 1)
    expect(guest.broken()).toEqual(['PoolTagMismatch'])
  })
  test('free twice, what was never allocated, and NULL: reported, or the stop of Windows without the rules', () => {
    const guest = createGuest()
    const block = guest.call('ExAllocatePoolWithTag', 0, 8, TAG)
    guest.call('ExFreePool', block)
    guest.call('ExFreePool', block)
    guest.call('ExFreePoolWithTag', 0, TAG)
    guest.call('ExFreePool', undefined)
    expect(guest.broken()).toEqual(['DV:DoubleFree', 'DV:FreeUnallocated', 'DV:FreeUnallocated'])
    const bare = createGuest({ rules: false })
    expect(bare.crash(() => bare.call('ExFreePool', 0)).name).toBe('BAD_POOL_CALLER')
  })
  test('raise an exception where POOL_RAISE_IF_ALLOCATION_FAILURE asks for one', () => {
    const guest = createGuest()
    const type = constant('POOL_RAISE_IF_ALLOCATION_FAILURE')
    expect(guest.call('ExAllocatePoolWithTag', 0, TOO_MUCH, TAG)).toBe(0)
    expect(guest.crash(() => guest.call('ExAllocatePoolWithTag', type, TOO_MUCH, TAG)).name).toBe(
      'KMODE_EXCEPTION_NOT_HANDLED',
    )
  })
})

describe('words of any alignment (DDI ndisretrieveulong, ndisstoreulong)', () => {
  test('are read and written, and only in memory of the driver', () => {
    const guest = createGuest()
    const at = guest.memory(16)
    guest.call('NdisStoreUlong', at + 1, 0x12345678)
    expect(guest.bytes(at, 6)).toEqual([0, 0x78, 0x56, 0x34, 0x12, 5])
    guest.call('NdisRetrieveUlong', at + 8, at + 1)
    expect(guest.bytes(at + 8, 4)).toEqual([0x78, 0x56, 0x34, 0x12])
    expect(guest.broken()).toEqual([])
    guest.call('NdisStoreUlong', at + 13, 1)
    guest.call('NdisRetrieveUlong', at, at + 14)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun', 'DV:SpecialPoolOverrun'])
  })
})

describe('lookahead data (PV NdisCopyLookaheadData, NdisCreateLookaheadBufferFromSharedMemory)', () => {
  test('is copied', () => {
    const guest = createGuest()
    const [from, to] = [guest.memory(8), guest.memory(8)]
    guest.call('NdisCopyLookaheadData', to, from + 4, 4, 0)
    expect(guest.bytes(to, 5)).toEqual([4, 5, 6, 7, 4])
    guest.call('NdisCopyLookaheadData', to, from, 9, 0)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
  test('in shared memory is handed on as it lies there', () => {
    const guest = createGuest()
    const shared = guest.memory(8)
    const buffer = cell()
    guest.call('NdisCreateLookaheadBufferFromSharedMemory', shared, 8, buffer)
    expect(buffer.value).toBe(shared)
    guest.call('NdisDestroyLookaheadBufferFromSharedMemory', buffer.value)
    expect(guest.broken()).toEqual([])
    guest.call('NdisCreateLookaheadBufferFromSharedMemory', shared, 9, buffer)
    expect(guest.broken()).toEqual(['DV:SpecialPoolOverrun'])
  })
})
