/** RunReport.locks: how often the locks of each class were acquired, who waited, how long they were held. */
import { describe, expect, test } from 'vitest'
import type { RunConfig } from '../../src/shared/engine'
import { shortDriver } from '../conformance/short-driver'
import { runFixture } from './run'

const uses = (script: string, config: Partial<RunConfig> = {}) => {
  const { locks, violations, error } = runFixture(shortDriver(script), {
    rule: '',
    breaks: '',
    fn: '',
    legal: '',
    config,
  })
  expect(error).toBeUndefined()
  return { locks, rules: violations.map(({ rule }) => rule) }
}

const SPIN = `const A = storage(NDIS_SPIN_LOCK); NdisAllocateSpinLock(A)
NdisAcquireSpinLock(A); NdisReleaseSpinLock(A)
NdisAcquireSpinLock(A)
NdisStallExecution(20)
NdisReleaseSpinLock(A)`

/** DriverEntry holds a mutex and sleeps; a work item wants it for a millisecond meanwhile. */
const CONTENDED = `const Mutex = storage(KMUTEX), Timeout = storage(LARGE_INTEGER); KeInitializeMutex(Mutex, 0)
LARGE_INTEGER.at(Timeout).QuadPart = -10000
const Item = storage(NDIS_WORK_ITEM); NdisInitializeWorkItem(Item, () => {
  KeWaitForSingleObject(Mutex, Executive, KernelMode, FALSE, Timeout)
}, 0)
NDIS_WAIT_FOR_MUTEX(Mutex)
NDIS_WAIT_FOR_MUTEX(Mutex)
NDIS_RELEASE_MUTEX(Mutex)
NdisScheduleWorkItem(Item)
NdisMSleep(5000)
NDIS_RELEASE_MUTEX(Mutex)`

describe('locks of a report', () => {
  test('a spin lock: acquisitions, and the longest hold with the line that acquired it', () => {
    const { locks, rules } = uses(SPIN)
    expect(rules).toEqual([])
    expect(locks).toMatchObject([
      {
        kind: 'spin lock',
        name: 'spin lock initialized at driver.ts:3',
        file: 'driver.ts',
        line: 3,
        locks: 1,
        acquisitions: 2,
        contentions: 0,
        longestHoldAt: { file: 'driver.ts', line: 5, function: 'DriverEntry', api: 'NdisAcquireSpinLock' },
        longestWaitNs: 0,
      },
    ])
    expect(locks[0]!.longestHoldNs).toBeGreaterThanOrEqual(20_000)
    expect(locks[0]!.longestHoldNs).toBeLessThan(22_000)
    expect(locks[0]).not.toHaveProperty('longestWaitAt')
  })
  test('locks that are initialized at one place are one class; those held longest come first', () => {
    const { locks } = uses(`const Memory = out(); NdisAllocateMemoryWithTag(Memory, 64, 0x31747354)
for (const at of [0, 32]) KeInitializeSpinLock(Memory.value + at)
const locks = [0, 1, 2].map(() => { const one = out(); NdisAllocateMemoryWithTag(one, 16, 0x31747354); NdisAllocateSpinLock(one.value); return one.value })
for (const lock of locks) { NdisAcquireSpinLock(lock); NdisReleaseSpinLock(lock) }
const Lock = storage(NDIS_RW_LOCK), State = storage(LOCK_STATE); NdisInitializeReadWriteLock(Lock)
NdisAcquireReadWriteLock(Lock, FALSE, State); NdisStallExecution(5); NdisReleaseReadWriteLock(Lock, State)
NdisFreeMemory(Memory.value, 64, 0)
for (const lock of locks) NdisFreeMemory(lock, 16, 0)`)
    expect(locks.map(({ kind, line, locks: number, acquisitions }) => [kind, line, number, acquisitions])).toEqual([
      ['read/write lock', 7, 1, 1],
      ['spin lock', 5, 3, 3],
    ])
  })
  test('a mutex that somebody else has: who waited in vain, and for how long; its own thread takes it again', () => {
    const { locks, rules } = uses(CONTENDED)
    expect(rules).toEqual([])
    expect(locks).toMatchObject([
      {
        kind: 'mutex',
        acquisitions: 2,
        contentions: 1,
        longestHoldAt: { line: 8, api: 'NDIS_WAIT_FOR_MUTEX' },
        longestWaitAt: { line: 6, api: 'KeWaitForSingleObject' },
      },
    ])
    const [{ longestHoldNs, longestWaitNs }] = locks as [(typeof locks)[number]]
    expect(longestHoldNs).toBeGreaterThanOrEqual(5_000_000)
    expect(longestWaitNs).toBeGreaterThanOrEqual(1_000_000)
    expect(longestWaitNs).toBeLessThan(1_100_000)
  })
  test('a try that finds the lock held', () => {
    const { locks } = uses(`const Lock = storage(ULONG), Old = out(); KeInitializeSpinLock(Lock)
KeAcquireSpinLock(Lock, Old)
KeTryToAcquireSpinLockAtDpcLevel(Lock)
KeReleaseSpinLock(Lock, Old.value)`)
    expect(locks).toMatchObject([{ kind: 'spin lock', acquisitions: 1, contentions: 1, longestWaitNs: 0 }])
  })
  test('the same run gives the same, and nothing is noted with the rules off', () => {
    expect(uses(CONTENDED, { cpus: 4, seed: 7 })).toEqual(uses(CONTENDED, { cpus: 4, seed: 7 }))
    expect(uses(SPIN, { rules: false }).locks).toEqual([])
  })
})
