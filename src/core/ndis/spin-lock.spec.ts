import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import { SYS_LOCK } from '../memory/records'
import { cell, createGuest, type Guest } from '../test-guest'

const LOCK_BYTES = 8
function locks(guest: Guest, count = 2): number[] {
  return Array.from({ length: count }, () => {
    const lock = guest.machine.kernel.image.allocate(LOCK_BYTES)
    guest.call('NdisAllocateSpinLock', lock)
    return lock
  })
}
const irql = (guest: Guest): number => guest.machine.kernel.cpus.irql()

describe('NDIS spin locks (DDI ndisallocatespinlock, ndisacquirespinlock, ndisreleasespinlock)', () => {
  test('acquire raises to DISPATCH_LEVEL and keeps the old IRQL in the lock; release goes back to it', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    expect(guest.bytes(lock, LOCK_BYTES)).toEqual([1, 0, 0, 0, PASSIVE_LEVEL, 0, 0, 0])
    guest.call('NdisReleaseSpinLock', lock)
    expect(irql(guest)).toBe(PASSIVE_LEVEL)
    expect(guest.bytes(lock, 4)).toEqual([0, 0, 0, 0])
    expect(guest.broken()).toEqual([])
  })
  test('nested in order: the inner one saves DISPATCH_LEVEL', () => {
    const guest = createGuest()
    const [a = 0, b = 0] = locks(guest)
    guest.call('NdisAcquireSpinLock', a)
    guest.call('NdisAcquireSpinLock', b)
    expect([guest.bytes(a + 4, 1), guest.bytes(b + 4, 1)]).toEqual([[PASSIVE_LEVEL], [DISPATCH_LEVEL]])
    guest.call('NdisReleaseSpinLock', b)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    guest.call('NdisReleaseSpinLock', a)
    expect(irql(guest)).toBe(PASSIVE_LEVEL)
    expect(guest.broken()).toEqual([])
  })
  test('released out of order: PASSIVE_LEVEL while the other is held, then DISPATCH_LEVEL for good', () => {
    const guest = createGuest()
    const [a = 0, b = 0] = locks(guest)
    guest.call('NdisAcquireSpinLock', a)
    guest.call('NdisAcquireSpinLock', b)
    guest.call('NdisReleaseSpinLock', a)
    expect([irql(guest), guest.machine.kernel.cpus.locksHeld()]).toEqual([PASSIVE_LEVEL, 1])
    guest.call('NdisReleaseSpinLock', b)
    expect([irql(guest), guest.machine.kernel.cpus.locksHeld()]).toEqual([DISPATCH_LEVEL, 0])
    expect(guest.broken()).toContain('DV:LockReleaseOrder')
  })
  test('Dpr forms leave the IRQL alone (DDI ndisdpracquirespinlock)', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NDIS_RAISE_IRQL_TO_DISPATCH', cell())
    guest.call('NdisDprAcquireSpinLock', lock)
    expect(guest.bytes(lock, 1)).toEqual([1])
    guest.call('NdisDprReleaseSpinLock', lock)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    expect(guest.broken()).toEqual([])
  })
  test('taken plainly and released by the Dpr form the IRQL stays at DISPATCH_LEVEL', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    guest.call('NdisDprReleaseSpinLock', lock)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    expect(guest.broken()).toContain('SpinLockDprRelease')
  })
  test('a second acquire on one processor spins for ever: bug check 0x0F', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    const { name, code } = guest.crash(() => guest.call('NdisAcquireSpinLock', lock))
    expect([name, code]).toEqual(['SPIN_LOCK_ALREADY_OWNED', 0x0f])
    expect(guest.broken()).toContain('SpinLock')
  })
  test('above DISPATCH_LEVEL acquire would lower the IRQL: bug check 0x0A', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('KeRaiseIrql', 5, cell())
    expect(guest.crash(() => guest.call('NdisAcquireSpinLock', lock)).code).toBe(0x0a)
  })
  test('released without being held, used without being initialized', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NDIS_RAISE_IRQL_TO_DISPATCH', cell())
    guest.call('NdisReleaseSpinLock', lock)
    guest.call('NdisAcquireSpinLock', guest.machine.kernel.image.allocate(LOCK_BYTES))
    expect(guest.broken()).toEqual(expect.arrayContaining(['SpinLockRelease', 'DV:LockUninitialized']))
  })
  test('NdisFreeSpinLock wipes it; freeing is not releasing (DDI ndisfreespinlock)', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisFreeSpinLock', lock)
    expect(guest.bytes(lock, LOCK_BYTES)).toEqual(Array(LOCK_BYTES).fill(0))
    expect(guest.broken()).toEqual([])
    guest.call('NdisAcquireSpinLock', lock)
    expect(guest.broken()).toContain('DV:LockUninitialized')
  })
  test('freed while it is held', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    guest.call('NdisFreeSpinLock', lock)
    expect(guest.broken()).toContain('DV:LockOwnerGone')
    expect(guest.machine.kernel.cpus.locksHeld()).toBe(0)
  })
  test('initialized while it is held it is free', () => {
    const guest = createGuest()
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    guest.call('NdisAllocateSpinLock', lock)
    expect([guest.bytes(lock, 1), guest.machine.kernel.cpus.locksHeld()]).toEqual([[0], 0])
    guest.call('NdisAcquireSpinLock', lock)
    guest.call('NdisReleaseSpinLock', lock)
    expect(guest.broken()).toEqual(['DV:LockReinit'])
  })
  test('on CE the same calls keep the same bytes', () => {
    const guest = createGuest({ platform: 'ce' })
    const [lock = 0] = locks(guest, 1)
    guest.call('NdisAcquireSpinLock', lock)
    guest.call('NdisReleaseSpinLock', lock)
    expect(guest.broken()).toEqual([])
  })
})

describe('kernel spin locks (WDM keacquirespinlock)', () => {
  function kernelLock(guest: Guest): number {
    const lock = guest.machine.kernel.image.allocate(4)
    guest.call('KeInitializeSpinLock', lock)
    return lock
  }
  test('the old IRQL goes to the caller, and release takes it from there', () => {
    const guest = createGuest()
    const [lock, old] = [kernelLock(guest), cell()]
    guest.call('KeAcquireSpinLock', lock, old)
    expect([old.value, irql(guest)]).toEqual([PASSIVE_LEVEL, DISPATCH_LEVEL])
    guest.call('KeReleaseSpinLock', lock, old.value)
    expect(irql(guest)).toBe(PASSIVE_LEVEL)
    expect(guest.broken()).toEqual([])
  })
  test('AtDpcLevel and FromDpcLevel leave the IRQL alone; a held lock is not taken again', () => {
    const guest = createGuest()
    const lock = kernelLock(guest)
    expect(guest.call('KeRaiseIrqlToDpcLevel')).toBe(PASSIVE_LEVEL)
    guest.call('KeAcquireSpinLockAtDpcLevel', lock)
    expect(guest.call('KeTryToAcquireSpinLockAtDpcLevel', lock)).toBe(0)
    guest.call('KeReleaseSpinLockFromDpcLevel', lock)
    expect(guest.call('KeTryToAcquireSpinLockAtDpcLevel', lock)).toBe(1)
    guest.call('KeReleaseSpinLockFromDpcLevel', lock)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    guest.call('KeLowerIrql', PASSIVE_LEVEL)
    expect(guest.broken()).toEqual([])
  })
  test('released to another IRQL than the one it was taken at', () => {
    const guest = createGuest()
    const lock = kernelLock(guest)
    guest.call('KeAcquireSpinLock', lock, cell())
    guest.call('KeReleaseSpinLock', lock, 1)
    expect(guest.broken()).toContain('SpinLockOldIrql')
  })
  test('in-stack queued: the handle keeps lock and old IRQL (WDM keacquireinstackqueuedspinlock)', () => {
    const guest = createGuest()
    const lock = kernelLock(guest)
    const handle = guest.memory(12)
    guest.call('KeAcquireInStackQueuedSpinLock', lock, handle)
    expect([guest.machine.kernel.space.r32(handle + 4), guest.bytes(handle + 8, 1), irql(guest)]).toEqual([
      lock,
      [PASSIVE_LEVEL],
      DISPATCH_LEVEL,
    ])
    guest.call('KeReleaseInStackQueuedSpinLock', handle)
    expect(irql(guest)).toBe(PASSIVE_LEVEL)
    expect(guest.broken()).toEqual([])
  })
  test('in-stack queued: released twice, by another form, taken twice', () => {
    const guest = createGuest()
    const lock = kernelLock(guest)
    const handle = guest.memory(12)
    guest.call('KeAcquireInStackQueuedSpinLock', lock, handle)
    guest.call('KeReleaseSpinLock', lock, PASSIVE_LEVEL)
    guest.call('KeReleaseInStackQueuedSpinLock', handle)
    expect(guest.broken()).toEqual(['DV:LockApiMismatch', 'SpinLockRelease'])
    guest.call('KeAcquireInStackQueuedSpinLock', lock, handle)
    expect(guest.crash(() => guest.call('KeAcquireInStackQueuedSpinLock', lock, handle)).name).toBe(
      'SPIN_LOCK_ALREADY_OWNED',
    )
    expect(guest.broken().at(-1)).toBe('SpinLock')
  })
  test('one registry knows both forms of one lock', () => {
    const guest = createGuest()
    const lock = kernelLock(guest)
    guest.call('KeAcquireSpinLock', lock, cell())
    const { locks: registry, site } = guest.machine.kernel
    expect(registry.held.map((record) => registry.get(record, SYS_LOCK.Address))).toEqual([lock])
    expect(registry.get(registry.find(lock), SYS_LOCK.AcquireSite)).toBe(site.s)
  })
})
