import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import { cell, createGuest, type Guest } from '../test-guest'

function spinLock(guest: Guest): number {
  const lock = guest.machine.kernel.image.allocate(8)
  guest.call('NdisAllocateSpinLock', lock)
  return lock
}
/** Addresses of so many list entries, and of a head that is initialized. */
function list(guest: Guest, count: number): { head: number; entries: number[] } {
  const { image } = guest.machine.kernel
  const head = image.allocate(8)
  guest.call('NdisInitializeListHead', head)
  return { head, entries: Array.from({ length: count }, () => image.allocate(8)) }
}

describe('arithmetic (DDI ndisinterlockedincrement, ndisinterlockedaddulong; WDM interlocked pages)', () => {
  test('increment and decrement give the new value, wrapping', () => {
    const guest = createGuest()
    const { w32, r32 } = guest.machine.kernel.space
    const at = guest.memory(4)
    w32(at, 0x7fff_ffff)
    expect(guest.call('NdisInterlockedIncrement', at)).toBe(-0x8000_0000)
    expect(guest.call('InterlockedDecrement', at)).toBe(0x7fff_ffff)
    const value = cell()
    expect([guest.call('InterlockedIncrement', value), guest.call('NdisInterlockedDecrement', value)]).toEqual([0, -1])
    expect(r32(at)).toBe(0x7fff_ffff)
    expect(guest.broken()).toEqual([])
  })
  test('exchange, compare, add, and, or give the old value', () => {
    const guest = createGuest()
    const { r32, w32 } = guest.machine.kernel.space
    const at = guest.memory(4)
    w32(at, 6)
    expect(guest.call('InterlockedExchange', at, 12)).toBe(6)
    expect(guest.call('InterlockedExchangeAdd', at, -2)).toBe(12)
    expect(guest.call('InterlockedCompareExchange', at, 1, 99)).toBe(10)
    expect(guest.call('InterlockedCompareExchange', at, 0xf0, 10)).toBe(10)
    expect(guest.call('InterlockedOr', at, 0x0f)).toBe(0xf0)
    expect(guest.call('_InterlockedOr', at, 0x100)).toBe(0xff)
    expect(guest.call('InterlockedAnd', at, 0x10f)).toBe(0x1ff)
    expect(guest.call('_InterlockedExchange', at, 0)).toBe(0x10f)
    expect(guest.call('InterlockedExchangePointer', at, 0x8000_0000)).toBe(0)
    expect(guest.call('InterlockedCompareExchangePointer', at, 0, 0x8000_0000)).toBe(0x8000_0000)
    expect(r32(at)).toBe(0)
  })
  test('NdisInterlockedAddUlong takes the lock for itself and gives the old value', () => {
    const guest = createGuest()
    const [at, lock] = [guest.memory(4), spinLock(guest)]
    guest.machine.kernel.space.w32(at, 0xffff_ffff)
    expect(guest.call('NdisInterlockedAddUlong', at, 3, lock)).toBe(0xffff_ffff)
    expect(guest.machine.kernel.space.r32(at)).toBe(2)
    expect(guest.bytes(lock, 4)).toEqual([0, 0, 0, 0])
    expect(guest.machine.kernel.cpus.irql()).toBe(PASSIVE_LEVEL)
  })
  test('64 bits: NdisInterlockedAddLargeInteger, NdisInterlockedAddLargeStatistic', () => {
    const guest = createGuest()
    const [at, lock] = [guest.memory(8), spinLock(guest)]
    guest.machine.kernel.space.w64(at, 0xffff_ffffn)
    expect(guest.call64('NdisInterlockedAddLargeInteger', at, 1, lock)).toBe(0xffff_ffffn)
    guest.call('NdisInterlockedAddLargeStatistic', at, 5)
    expect(guest.machine.kernel.space.r64(at)).toBe(0x1_0000_0005n)
  })
  test('with the lock held by the caller it waits for itself', () => {
    const guest = createGuest()
    const lock = spinLock(guest)
    guest.call('NdisAcquireSpinLock', lock)
    guest.crash(() => guest.call('NdisInterlockedAddUlong', guest.memory(4), 1, lock))
    expect(guest.broken()).toContain('SpinLock')
  })
})

describe('lists without a lock (WDM list pages, DDI ndisinitializelisthead)', () => {
  test('both ends, in order, and the head itself when empty', () => {
    const guest = createGuest()
    const { head, entries } = list(guest, 3)
    const [a = 0, b = 0, c = 0] = entries
    expect(guest.call('IsListEmpty', head)).toBe(1)
    guest.call('InsertTailList', head, a)
    guest.call('InsertTailList', head, b)
    guest.call('InsertHeadList', head, c)
    expect(guest.call('IsListEmpty', head)).toBe(0)
    expect(guest.call('RemoveEntryList', a)).toBe(0)
    expect([guest.call('RemoveHeadList', head), guest.call('RemoveTailList', head)]).toEqual([c, b])
    expect(guest.call('IsListEmpty', head)).toBe(1)
    expect(guest.broken()).toEqual([])
  })
  test('RemoveEntryList tells when the last one went', () => {
    const guest = createGuest()
    const head = guest.machine.kernel.image.allocate(8)
    guest.call('InitializeListHead', head)
    const entry = guest.machine.kernel.image.allocate(8)
    guest.call('InsertHeadList', head, entry)
    expect(guest.call('RemoveEntryList', entry)).toBe(1)
  })
  test('singly linked: last in, first out, NULL when empty', () => {
    const guest = createGuest()
    const { image, space } = guest.machine.kernel
    const [head, a, b] = [image.allocate(4), image.allocate(4), image.allocate(4)]
    space.w32(head, 0)
    guest.call('PushEntryList', head, a)
    guest.call('PushEntryList', head, b)
    expect([1, 2, 3].map(() => guest.call('PopEntryList', head))).toEqual([b, a, 0])
  })
  test('an entry that is in a list already, a head that nobody initialized', () => {
    const guest = createGuest()
    const { head, entries } = list(guest, 1)
    guest.call('InsertTailList', head, entries[0])
    guest.call('InsertTailList', head, entries[0])
    const { image } = guest.machine.kernel
    const [raw, entry] = [image.allocate(8), image.allocate(8)]
    expect(guest.crash(() => guest.call('InsertTailList', raw, entry)).name).toBe('PAGE_FAULT_IN_NONPAGED_AREA')
    expect(guest.broken().slice(0, 2)).toEqual(['ListEntryInUse', 'ListUninitialized'])
  })
})

describe('lists under a lock of the call (DDI ndisinterlockedinsertheadlist ...)', () => {
  test.each(['Ndis', 'Ex'])('%s forms give the displaced neighbour, and NULL for the empty list', (prefix) => {
    const guest = createGuest()
    const lock = spinLock(guest)
    const { head, entries } = list(guest, 3)
    const [a = 0, b = 0, c = 0] = entries
    expect(guest.call(`${prefix}InterlockedInsertTailList`, head, a, lock)).toBe(0)
    expect(guest.call(`${prefix}InterlockedInsertTailList`, head, b, lock)).toBe(a)
    expect(guest.call(`${prefix}InterlockedInsertHeadList`, head, c, lock)).toBe(a)
    const removed = [1, 2, 3, 4].map(() => guest.call(`${prefix}InterlockedRemoveHeadList`, head, lock))
    expect(removed).toEqual([c, a, b, 0])
    expect(guest.bytes(lock, 4)).toEqual([0, 0, 0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('NdisInterlockedPushEntryList and PopEntryList', () => {
    const guest = createGuest()
    const { image, space } = guest.machine.kernel
    const [lock, head, a, b] = [spinLock(guest), image.allocate(4), image.allocate(4), image.allocate(4)]
    space.w32(head, 0)
    expect(guest.call('NdisInterlockedPushEntryList', head, a, lock)).toBe(0)
    expect(guest.call('NdisInterlockedPushEntryList', head, b, lock)).toBe(a)
    expect([1, 2, 3].map(() => guest.call('NdisInterlockedPopEntryList', head, lock))).toEqual([b, a, 0])
  })
  test.each(['Ndis', 'Ex'])('%s sequenced lists count their entries, and the sequence with each change', (prefix) => {
    const guest = createGuest()
    const { image, space } = guest.machine.kernel
    const [lock, head, a, b] = [spinLock(guest), image.allocate(8), image.allocate(8), image.allocate(8)]
    guest.call('NdisInitializeSListHead', head)
    guest.call(`${prefix}InterlockedPushEntrySList`, head, a, lock)
    guest.call(`${prefix}InterlockedPushEntrySList`, head, b, lock)
    expect(guest.call('NdisQueryDepthSList', head)).toBe(2)
    const sequence = space.r16(head + 6)
    expect(guest.call(`${prefix}InterlockedPopEntrySList`, head, lock)).toBe(b)
    expect(space.r16(head + 6)).toBeGreaterThan(sequence)
    expect(guest.call('NdisInterlockedFlushSList', head)).toBe(a)
    expect([
      guest.call('NdisQueryDepthSList', head),
      guest.call(`${prefix}InterlockedPopEntrySList`, head, lock),
    ]).toEqual([0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('above DISPATCH_LEVEL the raise inside cannot work', () => {
    const guest = createGuest()
    const lock = spinLock(guest)
    const { head, entries } = list(guest, 1)
    guest.call('KeRaiseIrql', DISPATCH_LEVEL + 3, cell())
    guest.call('NdisInterlockedInsertTailList', head, entries[0], lock)
    expect(guest.broken()).toEqual(['InterlockedAboveDispatch'])
  })
  test('with the lock held by the caller it waits for itself', () => {
    const guest = createGuest()
    const lock = spinLock(guest)
    const { head, entries } = list(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    guest.crash(() => guest.call('NdisInterlockedInsertHeadList', head, entries[0], lock))
    expect(guest.broken()).toContain('SpinLock')
  })
})
