import { describe, expect, test } from 'vitest'
import { DISPATCH_LEVEL, PASSIVE_LEVEL } from '../kernel/irql'
import { cell, createGuest, type Guest } from '../test-guest'
import { RW_LOCK } from './rw-lock'

const STATE_BYTES = 8
const AT_DISPATCH = 1
const state = (guest: Guest): number => guest.machine.kernel.image.allocate(STATE_BYTES)
const irql = (guest: Guest): number => guest.machine.kernel.cpus.irql()

describe('NDIS_RW_LOCK_EX (DDI ndisallocaterwlock, ndisacquirerwlockread)', () => {
  test('readers share, raise to DISPATCH_LEVEL and go back to what their state says', () => {
    const guest = createGuest()
    const lock = guest.call('NdisAllocateRWLock', 0)
    const [first, second] = [state(guest), state(guest)]
    guest.call('NdisAcquireRWLockRead', lock, first, 0)
    guest.call('NdisAcquireRWLockRead', lock, second, 0)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    guest.call('NdisReleaseRWLock', lock, second)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    guest.call('NdisReleaseRWLock', lock, first)
    expect(irql(guest)).toBe(PASSIVE_LEVEL)
    guest.call('NdisFreeRWLock', lock)
    expect(guest.broken()).toEqual([])
  })
  test('NDIS_RWL_AT_DISPATCH_LEVEL leaves the IRQL alone', () => {
    const guest = createGuest()
    const [lock, at] = [guest.call('NdisAllocateRWLock', 0), state(guest)]
    guest.call('NDIS_RAISE_IRQL_TO_DISPATCH', cell())
    guest.call('NdisAcquireRWLockWrite', lock, at, AT_DISPATCH)
    guest.call('NdisReleaseRWLock', lock, at)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    expect(guest.broken()).toEqual([])
  })
  test('a writer that reads, a reader that wants to write: there is no promotion', () => {
    const guest = createGuest()
    const lock = guest.call('NdisAllocateRWLock', 0)
    guest.call('NdisAcquireRWLockRead', lock, state(guest), 0)
    const { message } = guest.crash(() => guest.call('NdisAcquireRWLockWrite', lock, state(guest), 0))
    expect(message).toMatch(/never promoted/)
    const other = createGuest()
    const taken = other.call('NdisAllocateRWLock', 0)
    other.call('NdisAcquireRWLockWrite', taken, state(other), 0)
    expect(other.crash(() => other.call('NdisAcquireRWLockRead', taken, state(other), 0)).code).toBe(0x0f)
  })
  test('freed twice, or what is none', () => {
    const guest = createGuest()
    const lock = guest.call('NdisAllocateRWLock', 0)
    guest.call('NdisFreeRWLock', lock)
    guest.call('NdisFreeRWLock', lock)
    expect(guest.broken()).toHaveLength(1)
    const bare = createGuest({ rules: false })
    expect(bare.crash(() => bare.call('NdisFreeRWLock', 0x1000)).name).toBe('BAD_POOL_CALLER')
  })
})

describe('NDIS_RW_LOCK (PV ndisinitializereadwritelock)', () => {
  test('plain and Dpr forms on one lock, each with its own release', () => {
    const guest = createGuest()
    const lock = guest.memory(RW_LOCK.SIZE)
    guest.call('NdisInitializeReadWriteLock', lock)
    const [outer, inner] = [state(guest), state(guest)]
    guest.call('NdisAcquireReadWriteLock', lock, 0, outer)
    guest.call('NdisDprAcquireReadWriteLock', lock, 0, inner)
    guest.call('NdisDprReleaseReadWriteLock', lock, inner)
    expect(irql(guest)).toBe(DISPATCH_LEVEL)
    guest.call('NdisReleaseReadWriteLock', lock, outer)
    expect(irql(guest)).toBe(PASSIVE_LEVEL)
    guest.call('NdisAcquireReadWriteLock', lock, 1, outer)
    guest.call('NdisReleaseReadWriteLock', lock, outer)
    expect(guest.broken()).toEqual([])
  })
})
