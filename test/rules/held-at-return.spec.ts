/** A lock that a function leaves held is the fault of that function, and of none that is called later; what waits while it holds one. */
import { describe, expect, test } from 'vitest'
import { shortDriver } from '../conformance/short-driver'
import { runFixture } from './run'

const found = (init: string, acquire: string): string[] => {
  const files = shortDriver(`const Lock = storage(NDIS_RW_LOCK), State = storage(LOCK_STATE)
export function DriverEntry(DriverObject) {
  ${init}
  DRIVER_OBJECT.at(DriverObject).DriverUnload = () => DbgPrint('unloads\\n')
  ${acquire}
  return NDIS_STATUS_SUCCESS
}`)
  const { violations, output } = runFixture(files, { rule: '', breaks: '', fn: '', legal: '' })
  expect(output).toEqual(['unloads'])
  return violations
    .filter(({ rule }) => rule === 'SpinLockBalanced')
    .map(({ function: fn, line, count }) => `${fn}:${line} x${count}`)
}

describe('a lock that DriverEntry leaves held is not the fault of DriverUnload', () => {
  test('a spin lock', () => {
    expect(found('NdisAllocateSpinLock(Lock)', 'NdisAcquireSpinLock(Lock)')).toEqual(['DriverEntry:6 x1'])
  })
  test('a read/write lock', () => {
    const acquire = 'NdisAcquireReadWriteLock(Lock, TRUE, State)'
    expect(found('NdisInitializeReadWriteLock(Lock)', acquire)).toEqual(['DriverEntry:6 x1'])
  })
})

test.each([
  ['KeWaitForSingleObject(Event, Executive, KernelMode, FALSE, null)', 'DV:WaitAtDispatch'],
  ['NdisMSleep(10)', 'Irql'],
])('%s at DISPATCH_LEVEL names the line that took the read/write lock', (wait, rule) => {
  const files = shortDriver(`const Lock = NdisAllocateRWLock(0), State = storage(LOCK_STATE_EX), Event = storage(KEVENT)
KeInitializeEvent(Event, NotificationEvent, TRUE)
NdisAcquireRWLockRead(Lock, State, 0)
${wait}
NdisReleaseRWLock(Lock, State)
NdisFreeRWLock(Lock)`)
  const { violations } = runFixture(files, { rule: '', breaks: '', fn: '', legal: '' })
  expect(violations).toMatchObject([{ rule: expect.stringContaining(rule), line: 6, acquiredAt: { line: 5 } }])
})
